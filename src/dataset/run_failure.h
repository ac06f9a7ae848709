/*-------------------------------------------------------------------------
 * run_failure.h
 *		What an error means for a run
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RUN_FAILURE_H
#define SFDW_RUN_FAILURE_H

#include "dataset/run_call.h"

/*
 * Write the error of the CALL to the ledger, and what follows from it: a run
 * that cannot go on is refused, one that can stays where it is.  True when the
 * error is to be raised again (after a commit); false when the CALL goes on.
 */
extern bool sfdw_run_failure_record(SfdwRunCall *call);

#endif							/* SFDW_RUN_FAILURE_H */
