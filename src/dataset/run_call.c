/*-------------------------------------------------------------------------
 * run_call.c
 *		What one CALL of run() remembers from step to step
 *
 * Knows when it begins and ends; what the fields mean, run.c does.
 *-------------------------------------------------------------------------
 */
#include "dataset/run_call.h"

#include "dataset/run_lock.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

static SfdwRunCall *call = NULL;

/* Begin a CALL. */
SfdwRunCall *
sfdw_run_call_begin(const char *dataset, bool is_forced)
{
	MemoryContext context;

	sfdw_run_call_end();
	context = AllocSetContextCreate(TopMemoryContext, "salesforce_fdw run",
									ALLOCSET_SMALL_SIZES);
	call = MemoryContextAllocZero(context, sizeof(SfdwRunCall));
	call->context = context;
	call->dataset = MemoryContextStrdup(context, dataset);
	call->started = GetCurrentTimestamp();
	call->is_forced = is_forced;
	return call;
}

/* The CALL of this session. */
SfdwRunCall *
sfdw_run_call_current(const char *dataset)
{
	if (call == NULL || strcmp(call->dataset, dataset) != 0 ||
		!sfdw_run_lock_held(dataset))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("data set \"%s\" is not being run by this session",
					   dataset),
				errhint("Use CALL salesforce_fdw.run(...)."));
	return call;
}

/* End it. */
void
sfdw_run_call_end(void)
{
	MemoryContext context;

	if (call == NULL)
		return;
	context = call->context;
	call = NULL;
	MemoryContextDelete(context);
}
