/*-------------------------------------------------------------------------
 * run_call.h
 *		What one CALL of run() remembers from step to step
 *
 * Not in the ledger, because it must not outlive the CALL: whether something
 * was tried already, and the error that is to be raised again once the ledger
 * has it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RUN_CALL_H
#define SFDW_RUN_CALL_H

#include "dataset/materialize.h"
#include "datatype/timestamp.h"

/* What the CALL was doing when a step failed. */
typedef enum SfdwRunPhase
{
	SFDW_PHASE_RUN,				/* a step of the open run */
	SFDW_PHASE_PURGE,			/* deleting what published runs have listed */
	SFDW_PHASE_SWEEP,			/* deleting what ended runs have staged, or
								 * published and is kept no longer */
	SFDW_PHASE_DISCOVER,
	SFDW_PHASE_EVIDENCE			/* writing what became of runs that are over */
} SfdwRunPhase;

typedef struct SfdwRunCall
{
	MemoryContext context;		/* everything here lives there */
	char	   *dataset;
	TimestampTz started;
	bool		is_forced;
	bool		is_scheduled;	/* what was refused is not tried at once */

	SfdwRunPhase phase;
	bool		has_checked_owner;
	bool		has_purged;		/* nothing more to purge in this CALL */
	bool		has_swept;
	bool		has_discovered;
	bool		has_retired;
	bool		has_published;	/* a run came to its end */
	bool		found_nothing;	/* no new input */
	bool		is_outdated;	/* nor that for a changed definition */
	int			superseded;		/* runs that ended so in this CALL */

	char	   *prepared;		/* staging key that this CALL committed to */
	SfdwMaterialized *result;	/* of the last attempt to materialize */
	char	   *result_run;
	ErrorData  *error;			/* to be raised again */
	char	   *advice;			/* what to type next, for its hint */
} SfdwRunCall;

/* Begin a CALL; what an earlier one of this session left is forgotten. */
extern SfdwRunCall *sfdw_run_call_begin(const char *dataset, bool is_forced);

/*
 * The CALL of this session; an error unless it is one of that data set and has
 * its lock.
 */
extern SfdwRunCall *sfdw_run_call_current(const char *dataset);

/* End it. */
extern void sfdw_run_call_end(void);

#endif							/* SFDW_RUN_CALL_H */
