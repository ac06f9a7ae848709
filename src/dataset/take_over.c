/*-------------------------------------------------------------------------
 * take_over.c
 *		SQL: this database goes on with what a data set publishes
 *
 * After a restore, a move or a failover.  A run that the ledger lost is
 * adopted, and what the ledger has open is ended when it could undo that; then
 * the object that names the owner is replaced, on condition that nobody else
 * did so.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "core/roles.h"
#include "dataset/adopt.h"
#include "dataset/place_owner.h"
#include "dataset/place_write.h"
#include "dataset/publish.h"
#include "dataset/run_lock.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sfdw_sql_take_over);

/* Why a run was ended by it, in the ledger. */
#define REASON "taken over"

/* End a run that has not published: the next CALL discovers anew. */
static void
abandon(SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(REASON),
		sfdw_param_bool(run->attempt == 0)
	};

	sfdw_run_advance(run, SFDW_RUN_ABANDONED, "reason = $3, is_swept = $4",
					 lengthof(params), params);
}

/* End a run that has published, and that another has followed since. */
static void
leave_behind(SfdwRun *run, const char *adopted)
{
	SfdwParam	params[] = {
		sfdw_param_text(REASON),
		sfdw_param_text(psprintf("run %s has published since", adopted))
	};

	sfdw_run_advance(run, SFDW_RUN_PURGE_PENDING, "reason = $3, last_error = $4,"
					 " registered_at = coalesce(registered_at, clock_timestamp())",
					 lengthof(params), params);
}

/*
 * End the open run where it would publish what is older than what lies there,
 * or what the database that has it as well may be publishing.
 */
static void
end_open_run(const char *dataset, const char *adopted)
{
	SfdwRun    *run = sfdw_run_load_open(dataset);

	if (run == NULL)
		return;
	if (run->state >= SFDW_RUN_PUBLISHED)
	{
		if (adopted != NULL)
			leave_behind(run, adopted);
	}
	else if (adopted != NULL || !sfdw_publish_is_begun(run) ||
			 !sfdw_publish_is_done(run))
		abandon(run);
}

/* Take the place over; false when there is nothing to take. */
static bool
take_over(SfdwDataset *dataset, const char *reason)
{
	SfdwPlace  *place = sfdw_place_of_dataset(dataset, SFDW_STORAGE_WRITE);
	char	   *problem = sfdw_place_problem(place);
	SfdwTakeOver over = {.reason = reason};
	char	   *manifest_version;
	char	   *adopted = sfdw_adopt_run(place, dataset, &manifest_version);

	if (problem == NULL && adopted == NULL)
		return false;
	end_open_run(dataset->name, adopted);
	over.replaced = sfdw_place_owner_text(place);
	over.manifest_version = manifest_version;
	sfdw_run_event(dataset->name, adopted, "taken_over", reason);
	sfdw_place_take(place, sfdw_run_newest_published(dataset->name), &over);
	ereport(NOTICE,
			errmsg("this database is the owner of what data set \"%s\" publishes",
				   dataset->name),
			problem == NULL ? 0 : errdetail("Until now: %s", problem),
			adopted == NULL ? 0 :
			errhint("Run \"%s\", which the ledger did not have, was adopted.",
					adopted));
	return true;
}

/* take_over(name, reason): become the owner. */
Datum
sfdw_sql_take_over(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *reason = text_to_cstring(PG_GETARG_TEXT_PP(1));
	SfdwDataset *dataset;

	PreventCommandIfReadOnly("salesforce_fdw.take_over()");
	sfdw_role_require(GetUserId(), SFDW_ROLE_WRITE,
					  psprintf("take over data set \"%s\"", name));
	dataset = sfdw_dataset_load(name, false);
	sfdw_dataset_require_owner(dataset, GetUserId());
	if (strspn(reason, " \t\n") == strlen(reason))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("a take-over needs a reason"));
	sfdw_run_lock_exclude(name);
	if (!take_over(dataset, reason))
		ereport(NOTICE,
				errmsg("data set \"%s\" has no other owner than this database",
					   name));
	PG_RETURN_VOID();
}
