/*-------------------------------------------------------------------------
 * stage.h
 *		Write the target's rows to a staging key, and read them back
 *
 * A staging key names its run and attempt, so whatever a crash leaves behind
 * is found by listing, and deleted by version.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_STAGE_H
#define SFDW_STAGE_H

#include "dataset/run_record.h"
#include "storage/storage.h"

/*
 * Delete what earlier attempts left, and write down a new one's staging key,
 * which is returned.
 */
extern char *sfdw_stage_prepare(SfdwRun *run);

/*
 * Write the target to the staging key of the attempt.  SFDW_ERRCODE_CONFLICT
 * when its rows are no longer those that were materialized.
 */
extern void sfdw_stage_write(SfdwRun *run);

/*
 * Read the staged object back and compare it with what was written; a staged
 * object that is gone is written again.
 */
extern void sfdw_stage_verify(SfdwRun *run);

/*
 * Delete every object of the run's attempts; how many versions could not be
 * deleted.
 */
extern int	sfdw_stage_sweep(SfdwRun *run);

/* The storage of a run's destination, with the right to write to it. */
extern SfdwStorage *sfdw_stage_open(SfdwRun *run);

#endif							/* SFDW_STAGE_H */
