/*-------------------------------------------------------------------------
 * sweep.c
 *		Delete what ended runs have left in staging
 *
 * Knows which runs have staged something; where that is, stage.c knows.
 *-------------------------------------------------------------------------
 */
#include "dataset/sweep.h"

#include "access/xact.h"
#include "dataset/place_owner.h"
#include "dataset/stage.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/* Ended runs of a data set that have staged something, the oldest first. */
static SfdwRows
find_unswept(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};

	return sfdw_ledger_read("SELECT run FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND NOT is_open"
							" AND attempt > 0 AND NOT is_swept"
							" ORDER BY number", lengthof(params), params);
}

/* Sweep the oldest one. */
bool
sfdw_sweep_next(const char *dataset)
{
	SfdwRows	rows = find_unswept(dataset);
	SfdwRun    *run;

	if (rows.count == 0)
		return false;
	run = sfdw_run_load(rows.values[0][0]);
	sfdw_place_require(sfdw_place_of_run(run, SFDW_STORAGE_WRITE));
	if (sfdw_stage_sweep(run) > 0)
		return false;
	sfdw_run_intend(run, "swept", "is_swept = true", 0, NULL);
	return true;
}

/* Say where a run's objects are left, and why. */
static void
warn_of_left(SfdwRun *run, const char *reason)
{
	ereport(WARNING,
			errcode(ERRCODE_WARNING),
			errmsg("could not delete what run \"%s\" has staged: %s", run->id,
				   reason),
			errdetail("The last object is \"%s\" in destination \"%s\".",
					  run->staged_key, run->destination),
			errhint("salesforce_fdw.run_outputs names every object that is left: delete them, or let the next CALL of the data set try."));
}

/*
 * In a subtransaction: the server may be gone, or its folder, or a right to
 * it, and none of these keeps a run from being ended.  When the caller rolls
 * back, the run is open again and finds its object gone: it stages another, or
 * ends.
 */
bool
sfdw_sweep_run(SfdwRun *run)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile int left = 0;
	char	   *volatile reason = NULL;

	if (run->attempt == 0)
		return true;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		sfdw_place_require(sfdw_place_of_run(run, SFDW_STORAGE_WRITE));
		left = sfdw_stage_sweep(run);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED)
			PG_RE_THROW();
		FlushErrorState();
		reason = error->message;
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (reason == NULL && left > 0)
		reason = "the storage keeps them";
	if (reason != NULL)
		warn_of_left(run, reason);
	return reason == NULL;
}

/* A row written in this transaction already says what it has to. */
void
sfdw_sweep_all(const char *dataset)
{
	SfdwRows	rows = find_unswept(dataset);

	for (int i = 0; i < rows.count; i++)
	{
		SfdwRun    *run = sfdw_run_load(rows.values[i][0]);

		if (sfdw_sweep_run(run) && !run->is_fresh)
			sfdw_run_intend(run, "swept", "is_swept = true", 0, NULL);
	}
}
