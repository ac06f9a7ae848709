/*-------------------------------------------------------------------------
 * retire.h
 *		Delete published objects that the data set keeps no longer
 *
 * Data sets that publish in versions keep the objects of their last runs, so
 * that queries in flight end and a run can be rolled back to; older ones are
 * deleted, in every version, and the ledger says when.  Never the one that the
 * catalog's table is at.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RETIRE_H
#define SFDW_RETIRE_H

#include "dataset/definition.h"

/*
 * Delete what one run has published and is kept no longer; false when there is
 * no such run, or it cannot be deleted.
 */
extern bool sfdw_retire_next(SfdwDataset *dataset);

#endif							/* SFDW_RETIRE_H */
