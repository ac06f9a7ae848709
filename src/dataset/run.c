/*-------------------------------------------------------------------------
 * run.c
 *		The steps of a run, one for each CALL from the procedure
 *
 * The procedure salesforce_fdw.run is SQL: it takes a step, commits, and takes
 * the next one, until there is none.  Which step is next is looked up in the
 * ledger each time, in the table below: so a CALL after a crash does exactly
 * what the one that died would have done next, and a state without a row in
 * that table cannot be committed.
 *
 * What a crash at any moment means:
 *
 *	last commit			may have happened since		the next CALL
 *	discovered			nothing that lasts			materializes, or discovers
 *													anew if a version is gone
 *	materialized		the place was claimed,		recognises the claim;
 *						objects in staging			deletes them, stages again
 *	staged				nothing						reads back again; stages
 *													again if the object is gone
 *	verified			nothing						looks at the final key
 *	  + expectation		promoted or not				promotes on the same
 *													condition, or sees its bytes
 *	published			catalog written or not		writes only what differs
 *	registered			some versions deleted		deletes the rest: a version
 *													that is gone is fine
 *	purge_pending		some versions deleted		the same
 *	closed, refused,	nothing						deletes what was staged;
 *	abandoned										discovers
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "core/roles.h"
#include "dataset/backoff.h"
#include "dataset/discover.h"
#include "dataset/evidence_file.h"
#include "dataset/manifest.h"
#include "dataset/materialize_record.h"
#include "dataset/place_owner.h"
#include "dataset/place_write.h"
#include "dataset/publish.h"
#include "dataset/purge.h"
#include "dataset/register.h"
#include "dataset/retire.h"
#include "dataset/run_call.h"
#include "dataset/run_failure.h"
#include "dataset/run_lock.h"
#include "dataset/run_record.h"
#include "dataset/stage.h"
#include "dataset/sweep.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(sfdw_sql_run_begin);
PG_FUNCTION_INFO_V1(sfdw_sql_run_next);
PG_FUNCTION_INFO_V1(sfdw_sql_run_fail);
PG_FUNCTION_INFO_V1(sfdw_sql_run_raise);
PG_FUNCTION_INFO_V1(sfdw_sql_run_end);
PG_FUNCTION_INFO_V1(sfdw_sql_abandon);

/* One row of the table of steps. */
typedef struct Step
{
	SfdwRunState state;
	bool		(*is_due) (SfdwRunCall *call, SfdwRun *run);	/* NULL: always */
	void		(*take) (SfdwRunCall *call, SfdwRun *run);
} Step;

/* Fill the target. */
static void
materialize(SfdwRunCall *call, SfdwRun *run)
{
	MemoryContext old = MemoryContextSwitchTo(call->context);

	call->result = palloc0(sizeof(SfdwMaterialized));
	call->result->context = call->context;
	call->result_run = pstrdup(run->id);
	MemoryContextSwitchTo(old);
	sfdw_run_materialize(run, call->result);
}

/* Whether nobody has claimed the place, as far as the ledger knows. */
static bool
needs_claim(SfdwRunCall *call, SfdwRun *run)
{
	return sfdw_claim_is_missing(run);
}

/* Become its owner, before anything is written to it. */
static void
claim(SfdwRunCall *call, SfdwRun *run)
{
	sfdw_place_claim(run);
}

/* Whether the staging key is not one that this CALL has committed to. */
static bool
needs_attempt(SfdwRunCall *call, SfdwRun *run)
{
	return call->prepared == NULL || run->staged_key == NULL ||
		strcmp(call->prepared, run->staged_key) != 0;
}

/* Begin an attempt. */
static void
prepare_stage(SfdwRunCall *call, SfdwRun *run)
{
	call->prepared = MemoryContextStrdup(call->context,
										 sfdw_stage_prepare(run));
}

/* Write the file; a second file needs another attempt. */
static void
stage(SfdwRunCall *call, SfdwRun *run)
{
	call->prepared = NULL;
	sfdw_stage_write(run);
}

/* Read the file back. */
static void
verify(SfdwRunCall *call, SfdwRun *run)
{
	sfdw_stage_verify(run);
}

/* Whether nobody has looked at the final key yet. */
static bool
needs_expectation(SfdwRunCall *call, SfdwRun *run)
{
	return !run->is_expectation_known;
}

/* Look at the final key. */
static void
prepare_publish(SfdwRunCall *call, SfdwRun *run)
{
	sfdw_publish_prepare(run);
}

/* Raise because the data set is not what it was when the run discovered. */
static void
report_altered(SfdwRun *run)
{
	ereport(ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg("data set \"%s\" was altered while run \"%s\" was open",
				   run->dataset, run->id),
			errdetail("What the run has made follows the old definition."));
}

/*
 * Promote the file; for an altered data set only see whether that was done
 * before it was altered.
 */
static void
publish(SfdwRunCall *call, SfdwRun *run)
{
	if (!sfdw_publish_promote(run, run->is_current))
		report_altered(run);
}

/* Leave word of the run beside its object, and tell the catalog. */
static void
tell_catalog(SfdwRunCall *call, SfdwRun *run)
{
	sfdw_manifest_write(run);
	sfdw_register(run);
}

/* Delete raw versions, and close. */
static void
purge(SfdwRunCall *call, SfdwRun *run)
{
	call->has_published = true;
	if (!sfdw_purge_step(sfdw_dataset_load(run->dataset, false), call->started))
		call->has_purged = true;
}

/* The first row of a state whose step is due is taken. */
static const Step steps[] = {
	{SFDW_RUN_DISCOVERED, NULL, materialize},
	{SFDW_RUN_MATERIALIZED, needs_claim, claim},
	{SFDW_RUN_MATERIALIZED, needs_attempt, prepare_stage},
	{SFDW_RUN_MATERIALIZED, NULL, stage},
	{SFDW_RUN_STAGED, NULL, verify},
	{SFDW_RUN_VERIFIED, needs_expectation, prepare_publish},
	{SFDW_RUN_VERIFIED, NULL, publish},
	{SFDW_RUN_PUBLISHED, NULL, tell_catalog},
	{SFDW_RUN_REGISTERED, NULL, purge},
};

/*
 * Raise, once in a CALL and before anything is changed, unless this database
 * is the owner of what the data set publishes.  Without an open run the ledger
 * is asked alone: the storage is by whatever comes to change something there.
 */
static void
check_owner(SfdwRunCall *call, SfdwRun *run)
{
	if (call->has_checked_owner)
		return;
	if (run != NULL)
		sfdw_place_require(sfdw_place_of_run(run, SFDW_STORAGE_WRITE));
	else
		sfdw_place_require_here(call->dataset);
	call->has_checked_owner = true;
}

/* Take the next step of the open run. */
static void
step_run(SfdwRunCall *call, SfdwRun *run)
{
	if (!run->is_current && run->state < SFDW_RUN_PUBLISHED &&
		!sfdw_publish_is_begun(run))
		report_altered(run);
	for (size_t i = 0; i < lengthof(steps); i++)
	{
		if (steps[i].state != run->state ||
			(steps[i].is_due != NULL && !steps[i].is_due(call, run)))
			continue;
		steps[i].take(call, run);
		return;
	}
	elog(ERROR, "no step for a run in state \"%s\"",
		 sfdw_run_state_name(run->state));
}

/* Look for new input. */
static void
discover(SfdwRunCall *call)
{
	bool		is_forced = call->is_forced && !call->has_published;

	SfdwDiscovery discovery = sfdw_discover(call->dataset, is_forced,
											call->is_scheduled);

	call->found_nothing = discovery != SFDW_DISCOVERED;
	call->is_outdated = discovery == SFDW_OUTDATED;
	call->has_discovered = true;
	if (call->found_nothing)
		sfdw_run_event(call->dataset, NULL, "no_input", NULL);
}

/*
 * Take one step: of the open run; else of purging what published runs have
 * left; else of clearing staging; else discover, once; else delete published
 * objects that are kept no longer; else write evidence.  False when there is
 * nothing to do.
 */
static bool
take_step(SfdwRunCall *call)
{
	SfdwRun    *run = sfdw_run_load_open(call->dataset);

	call->phase = SFDW_PHASE_RUN;
	check_owner(call, run);
	if (run != NULL)
	{
		step_run(call, run);
		return true;
	}
	call->phase = SFDW_PHASE_PURGE;
	if (!call->has_purged)
	{
		call->has_purged = !sfdw_purge_step(sfdw_dataset_load(call->dataset,
															  false),
											call->started);
		return true;
	}
	call->phase = SFDW_PHASE_SWEEP;
	if (!call->has_swept)
	{
		call->has_swept = !sfdw_sweep_next(call->dataset);
		return true;
	}
	call->phase = SFDW_PHASE_DISCOVER;
	if (!call->has_discovered)
	{
		discover(call);
		return true;
	}
	call->phase = SFDW_PHASE_SWEEP;
	if (!call->has_retired)
	{
		call->has_retired = !sfdw_retire_next(sfdw_dataset_load(call->dataset,
																false));
		return true;
	}
	call->phase = SFDW_PHASE_EVIDENCE;
	return sfdw_evidence_write_next(sfdw_dataset_load(call->dataset, false));
}

/* The name of the data set, the first argument of all these functions. */
#define DATASET_ARGUMENT() text_to_cstring(PG_GETARG_TEXT_PP(0))

/* run_begin(name, force): check rights and take the lock. */
Datum
sfdw_sql_run_begin(PG_FUNCTION_ARGS)
{
	char	   *name;
	SfdwDataset *dataset;
	SfdwRunCall *call;

	/* Not strict: a step that is skipped would be repeated without end. */
	for (int i = 0; i < PG_NARGS(); i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("parameter \"%s\" must not be null",
						   i == 0 ? "name" : "force"));
	PreventCommandIfReadOnly("salesforce_fdw.run()");
	name = DATASET_ARGUMENT();
	sfdw_role_require(GetUserId(), SFDW_ROLE_WRITE,
					  psprintf("run data set \"%s\"", name));
	dataset = sfdw_dataset_load(name, false);
	sfdw_dataset_require_owner(dataset, GetUserId());
	sfdw_run_lock_take(name);
	call = sfdw_run_call_begin(name, PG_GETARG_BOOL(1));
	call->is_scheduled = sfdw_backoff_is_scheduled();
	sfdw_run_event(name, NULL, "called",
				   call->is_scheduled ? "by a scheduler" : NULL);
	PG_RETURN_VOID();
}

/*
 * run_next(name): take one step, and keep its error, so that it can be
 * recorded and raised again when the procedure has rolled the step back.
 */
Datum
sfdw_sql_run_next(PG_FUNCTION_ARGS)
{
	SfdwRunCall *call = sfdw_run_call_current(DATASET_ARGUMENT());
	bool		is_more = false;

	PG_TRY();
	{
		is_more = take_step(call);
	}
	PG_CATCH();
	{
		MemoryContext old = MemoryContextSwitchTo(call->context);

		call->error = CopyErrorData();
		MemoryContextSwitchTo(old);
		PG_RE_THROW();
	}
	PG_END_TRY();
	PG_RETURN_BOOL(is_more);
}

/* run_fail(name): record the error of the last step. */
Datum
sfdw_sql_run_fail(PG_FUNCTION_ARGS)
{
	SfdwRunCall *call = sfdw_run_call_current(DATASET_ARGUMENT());
	bool		is_raised;

	if (call->error == NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("no step of data set \"%s\" has failed", call->dataset));
	is_raised = sfdw_run_failure_record(call);
	if (!is_raised)
		call->error = NULL;
	PG_RETURN_BOOL(is_raised);
}

/* run_raise(name): raise the recorded error, with what to type next. */
Datum
sfdw_sql_run_raise(PG_FUNCTION_ARGS)
{
	SfdwRunCall *call = sfdw_run_call_current(DATASET_ARGUMENT());
	ErrorData  *error = call->error;

	if (error == NULL)
		PG_RETURN_VOID();
	ereport(ERROR,
			errcode(error->sqlerrcode),
			errmsg_internal("%s", error->message),
			error->detail == NULL ? 0 : errdetail_internal("%s", error->detail),
			call->advice == NULL ? 0 :
			errhint("%s%s%s", error->hint == NULL ? "" : error->hint,
					error->hint == NULL ? "" : "  ", call->advice));
	PG_RETURN_VOID();
}

/* Warn of every run that is published but not purged. */
static void
warn_of_pending(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT run, last_error"
							" FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND state = 'purge_pending'"
							" ORDER BY number", lengthof(params), params);
	for (int i = 0; i < rows.count; i++)
		ereport(WARNING,
				errcode(ERRCODE_WARNING),
				errmsg("run \"%s\" of data set \"%s\" is published, and its purge is pending",
					   rows.values[i][0], dataset),
				rows.values[i][1] == NULL ? 0 :
				errdetail_internal("%s.", rows.values[i][1]),
				errhint("Every CALL tries again; newer input is not held back."));
}

/* Say how many raw versions this CALL has deleted. */
static void
report_purged(SfdwRunCall *call)
{
	int64		count = sfdw_purge_count(call->dataset, call->started);

	if (count > 0)
		ereport(NOTICE,
				errmsg_plural("data set \"%s\": " INT64_FORMAT " raw version was deleted, and is gone from the listing",
							  "data set \"%s\": " INT64_FORMAT " raw versions were deleted, and are gone from the listing",
							  (unsigned long) count, call->dataset, count),
				errhint("Each is in salesforce_fdw.run_inputs."));
}

/* run_end(name): say how it went, and give the lock back. */
Datum
sfdw_sql_run_end(PG_FUNCTION_ARGS)
{
	SfdwRunCall *call = sfdw_run_call_current(DATASET_ARGUMENT());

	warn_of_pending(call->dataset);
	report_purged(call);
	if (call->is_outdated)
		ereport(NOTICE,
				errmsg("data set \"%s\" was altered, and what is published follows the old definition",
					   call->dataset),
				errdetail("Inputs of the last published run are gone, and no new ones are there."),
				errhint("The next export is published by the new definition."));
	else if (call->found_nothing && !call->has_published)
		ereport(NOTICE,
				errmsg("data set \"%s\" has no new input", call->dataset),
				errhint("To publish the same input again: CALL salesforce_fdw.run(%s, force => true);",
						quote_literal_cstr(call->dataset)));
	sfdw_run_call_end();
	sfdw_run_lock_release();
	PG_RETURN_VOID();
}

/* abandon(run, reason): end a run that has not published, by hand. */
Datum
sfdw_sql_abandon(PG_FUNCTION_ARGS)
{
	char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out,
														 PG_GETARG_DATUM(0)));
	SfdwParam	params[2] = {
		sfdw_param_text(text_to_cstring(PG_GETARG_TEXT_PP(1)))
	};
	SfdwRun    *run;

	sfdw_role_require(GetUserId(), SFDW_ROLE_WRITE, "abandon a run");
	run = sfdw_run_load(id);
	sfdw_run_lock_exclude(run->dataset);
	sfdw_run_require_owner(run, GetUserId());
	if (run->state >= SFDW_RUN_PUBLISHED ||
		(sfdw_publish_is_begun(run) && sfdw_publish_is_done(run)))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("cannot abandon run \"%s\" in state \"%s\"", id,
					   sfdw_run_state_name(run->state)),
				sfdw_run_state_is_open(run->state) ?
				errhint("It is published: CALL salesforce_fdw.run(%s); finishes it.",
						quote_literal_cstr(run->dataset)) : 0);
	params[1] = sfdw_param_bool(sfdw_sweep_run(run));
	sfdw_run_advance(run, SFDW_RUN_ABANDONED, "reason = $3, is_swept = $4",
					 lengthof(params), params);
	PG_RETURN_VOID();
}
