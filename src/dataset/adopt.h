/*-------------------------------------------------------------------------
 * adopt.h
 *		The catalog's table lies where a run that the ledger lost has put it
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ADOPT_H
#define SFDW_ADOPT_H

#include "dataset/run_record.h"
#include "dataset/table_description.h"

/*
 * Add the folder where the catalog's table lies (facts->present) to the data
 * set's own, and write that down, when a run published in versions that the
 * ledger does not know is there and its manifest calls it the data set's.  What
 * lies in it stays for ever: no run sweeps what the ledger does not name.
 */
extern void sfdw_adopt_location(SfdwRun *run, SfdwTableFacts *facts);

#endif							/* SFDW_ADOPT_H */
