/*-------------------------------------------------------------------------
 * materialize_record.h
 *		The step of a run that fills the target, and what it found
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_MATERIALIZE_RECORD_H
#define SFDW_MATERIALIZE_RECORD_H

#include "dataset/findings.h"
#include "dataset/materialize.h"
#include "dataset/run_record.h"

/*
 * Gate and materialize from the versions that the run pinned.  What was found
 * goes into result as well, so that it can be recorded after a refusal has
 * rolled everything else back.
 */
extern void sfdw_run_materialize(SfdwRun *run, SfdwMaterialized *result);

/* Figures of the last published run of a data set. */
extern SfdwPrevious sfdw_run_previous(const char *dataset);

/* Write findings to the ledger, in place of what was written before. */
extern void sfdw_findings_record(const char *run, List *findings);

#endif							/* SFDW_MATERIALIZE_RECORD_H */
