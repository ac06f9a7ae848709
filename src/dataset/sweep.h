/*-------------------------------------------------------------------------
 * sweep.h
 *		Delete what ended runs have left in staging
 *
 * A staged object has the rows of a run and nobody's name on it, so whatever
 * ends a run without publishing sweeps it, or says where it is left; the next
 * CALL tries again.  salesforce_fdw.run_outputs names an object that is still
 * there: its "deleted" is null.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SWEEP_H
#define SFDW_SWEEP_H

#include "dataset/run_record.h"

/*
 * Sweep one ended run of the data set that has not been swept; false when
 * there is none, or something of it cannot be deleted.
 */
extern bool sfdw_sweep_next(const char *dataset);

/*
 * Delete what a run has staged, whatever happens: what cannot be deleted is a
 * WARNING that says where it is.  True when nothing is left.
 */
extern bool sfdw_sweep_run(SfdwRun *run);

/* The same for every ended run of a data set that is about to be dropped. */
extern void sfdw_sweep_all(const char *dataset);

#endif							/* SFDW_SWEEP_H */
