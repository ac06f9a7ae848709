/*-------------------------------------------------------------------------
 * purge.h
 *		Delete raw versions that published runs have listed, and prove it
 *
 * Never anything else: what is deleted stands in the ledger since a discovery
 * and belongs to a run that was published.  A purge that cannot be finished
 * leaves its run purge_pending, which holds nothing back.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PURGE_H
#define SFDW_PURGE_H

#include "dataset/definition.h"

/*
 * Take one step for a data set: delete a batch that was not tried since a
 * time; or, when there is none left, list again, and close the runs of which
 * nothing is left (or leave them purge_pending, saying why).  True when there
 * is more to do.
 */
extern bool sfdw_purge_step(SfdwDataset *dataset, TimestampTz since);

/*
 * How many versions were proved gone since a time, whichever run listed them;
 * not those that somebody else had deleted.
 */
extern int64 sfdw_purge_count(const char *dataset, TimestampTz since);

#endif							/* SFDW_PURGE_H */
