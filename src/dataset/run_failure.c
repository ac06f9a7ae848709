/*-------------------------------------------------------------------------
 * run_failure.c
 *		What an error means for a run
 *
 * Which error ends a run is decided by its SQLSTATE: what may be over by the
 * next CALL (no space, no right, no connection) leaves the run open, and it
 * goes on from where it is; everything else ends it, so that a bad export of
 * today does not stand in the way of tomorrow's.  Once something is published
 * nothing ends a run but its own last step; and while it may be, only a look
 * at the final key does.  A scheduler's CALL gives up sooner (backoff.h).
 *-------------------------------------------------------------------------
 */
#include "dataset/run_failure.h"

#include "core/errors.h"
#include "dataset/backoff.h"
#include "dataset/materialize_record.h"
#include "dataset/publish.h"
#include "dataset/purge_settle.h"
#include "dataset/run_record.h"
#include "utils/builtins.h"

/* Runs that one CALL begins anew because an input was replaced. */
#define MAX_SUPERSEDED 3

/* Classes of SQLSTATE, and single ones, after which a run stays open. */
static const int passing_classes[] = {
	ERRCODE_CONNECTION_EXCEPTION,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION,
	ERRCODE_TRANSACTION_ROLLBACK,
	ERRCODE_INSUFFICIENT_RESOURCES,
	ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	ERRCODE_OPERATOR_INTERVENTION,
	ERRCODE_SYSTEM_ERROR,
};
static const int passing_errors[] = {
	ERRCODE_INSUFFICIENT_PRIVILEGE,
};

/* Whether a run may go on after this error. */
static bool
may_pass(int sqlstate)
{
	for (size_t i = 0; i < lengthof(passing_classes); i++)
		if (ERRCODE_TO_CATEGORY(sqlstate) ==
			ERRCODE_TO_CATEGORY(passing_classes[i]))
			return true;
	for (size_t i = 0; i < lengthof(passing_errors); i++)
		if (sqlstate == passing_errors[i])
			return true;
	return false;
}

/* Whether the error ends the run. */
static bool
ends_run(const SfdwRunCall *call, SfdwRun *run)
{
	int			sqlstate = call->error->sqlerrcode;

	if (run->state >= SFDW_RUN_PUBLISHED)
		return false;
	if (sfdw_publish_is_begun(run))
		return sqlstate == SFDW_ERRCODE_CONFLICT ||
			(!run->is_current &&
			 sqlstate == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE);
	return !run->is_current || !may_pass(sqlstate) ||
		(call->is_scheduled && sfdw_backoff_gives_up(run));
}

/* Why a run was refused, as one word. */
static const char *
reason_of(int sqlstate)
{
	switch (sqlstate)
	{
		case SFDW_ERRCODE_SUPERSEDED:
			return "superseded";
		case SFDW_ERRCODE_POLICY:
			return "policy";
		case SFDW_ERRCODE_DETECTED:
			return "detected";
		case SFDW_ERRCODE_QUALITY:
			return "quality";
		case SFDW_ERRCODE_CONFLICT:
			return "conflict";
		default:
			return "error";
	}
}

/*
 * What the ledger keeps of an error.  Details are kept of our own errors
 * alone: PostgreSQL's may hold values.
 */
static char *
text_of(const ErrorData *error)
{
	bool		is_ours = ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_TO_CATEGORY(SFDW_ERRCODE_POLICY);

	if (is_ours && error->detail != NULL)
		return psprintf("%s: %s", error->message, error->detail);
	return pstrdup(error->message);
}

/* Note the error as an event, and tell whoever listens. */
static void
record_event(SfdwRunCall *call, const char *run, const char *event)
{
	SfdwParam	params[] = {
		sfdw_param_text(call->dataset),
		sfdw_param_text(run),
		sfdw_param_text(event),
		sfdw_param_text(unpack_sql_state(call->error->sqlerrcode)),
		sfdw_param_text(text_of(call->error))
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_event"
							 " (dataset, run, event, sqlstate, detail)"
							 " VALUES ($1, $2::uuid, $3, $4, $5)",
							 lengthof(params), params, NULL);
	sfdw_run_notify(call->dataset, run, event);
}

/* What is found is worth keeping although nothing came of it. */
static void
record_findings(SfdwRunCall *call, SfdwRun *run)
{
	if (call->result != NULL && run->state == SFDW_RUN_DISCOVERED &&
		strcmp(call->result_run, run->id) == 0)
		sfdw_findings_record(run->id, call->result->findings);
}

/* Set the advice for the error's hint: what the CALL does, and its argument. */
static void
advise(SfdwRunCall *call, const char *what, const char *argument)
{
	call->advice = MemoryContextStrdup(call->context,
									   psprintf("%s: CALL salesforce_fdw.run(%s%s);",
												what,
												quote_literal_cstr(call->dataset),
												argument));
}

/* End the run. */
static bool
refuse(SfdwRunCall *call, SfdwRun *run)
{
	int			sqlstate = call->error->sqlerrcode;
	SfdwParam	params[] = {
		sfdw_param_text(!run->is_current ? "altered" :
						may_pass(sqlstate) ? "given_up" : reason_of(sqlstate)),
		sfdw_param_text(text_of(call->error)),
		sfdw_param_text(unpack_sql_state(sqlstate))
	};
	bool		is_superseded = sqlstate == SFDW_ERRCODE_SUPERSEDED &&
		run->state == SFDW_RUN_DISCOVERED;

	record_findings(call, run);
	sfdw_run_advance(run, SFDW_RUN_REFUSED, "reason = $3, last_error = $4,"
					 " last_sqlstate = $5", lengthof(params), params);
	record_event(call, run->id, "failed");
	if (is_superseded && call->superseded < MAX_SUPERSEDED)
	{
		call->superseded++;
		call->has_discovered = false;
		return false;
	}
	/* The input of a forced run may be published already, so not be new. */
	advise(call, "The run has ended, nothing was published, and its inputs are untouched.  Start anew with",
		   run->is_forced ? ", force => true" : "");
	return true;
}

/* Leave the run as it is. */
static bool
leave_open(SfdwRunCall *call, SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->id),
		sfdw_param_text(text_of(call->error)),
		sfdw_param_text(unpack_sql_state(call->error->sqlerrcode))
	};

	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_run"
							 " SET last_error = $2, last_sqlstate = $3"
							 " WHERE run = $1::uuid",
							 lengthof(params), params, NULL);
	record_event(call, run->id, "failed");
	advise(call, psprintf("The run goes on from \"%s\" with",
						  sfdw_run_state_name(run->state)), "");
	return true;
}

/* An error in a step of the open run. */
static bool
record_run_failure(SfdwRunCall *call)
{
	SfdwRun    *run = sfdw_run_load_open(call->dataset);

	if (run == NULL)
	{
		record_event(call, NULL, "failed");
		return true;
	}
	if (run->state == SFDW_RUN_REGISTERED)
	{
		sfdw_purge_postpone(call->dataset, text_of(call->error));
		record_event(call, run->id, "failed");
		call->has_purged = true;
		return false;
	}
	if (ends_run(call, run))
		return refuse(call, run);
	return leave_open(call, run);
}

/* An error before there was a run. */
static bool
record_discovery_failure(SfdwRunCall *call)
{
	char	   *run = NULL;

	/* What run_status shows is still the refusal itself. */
	if (call->error->sqlerrcode == SFDW_ERRCODE_HELD_BACK)
	{
		sfdw_run_event(call->dataset, NULL, "held_back", NULL);
		return true;
	}
	if (call->error->sqlerrcode == SFDW_ERRCODE_POLICY &&
		!(call->is_scheduled &&
		  sfdw_backoff_is_refused_by_policy(call->dataset)))
	{
		SfdwParam	params[3];

		run = sfdw_run_create_refused(call->dataset);
		params[0] = sfdw_param_text(run);
		params[1] = sfdw_param_text(text_of(call->error));
		params[2] = sfdw_param_text(unpack_sql_state(call->error->sqlerrcode));
		(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_run"
								 " SET reason = 'policy', last_error = $2,"
								 "  last_sqlstate = $3 WHERE run = $1::uuid",
								 lengthof(params), params, NULL);
	}
	record_event(call, run, "failed");
	advise(call, "Nothing was changed.  Then",
		   call->is_forced ? ", force => true" : "");
	return true;
}

/* Another database may be the owner: all stays as it is, in every state. */
static bool
record_not_owner(SfdwRunCall *call)
{
	record_event(call, NULL, "failed");
	call->advice = MemoryContextStrdup(call->context, "Nothing was changed.");
	return true;
}

/* Write the error down. */
bool
sfdw_run_failure_record(SfdwRunCall *call)
{
	if (call->error->sqlerrcode == SFDW_ERRCODE_NOT_OWNER)
		return record_not_owner(call);
	switch (call->phase)
	{
		case SFDW_PHASE_RUN:
			return record_run_failure(call);
		case SFDW_PHASE_PURGE:
			sfdw_purge_postpone(call->dataset, text_of(call->error));
			record_event(call, NULL, "failed");
			call->has_purged = true;
			return false;
		case SFDW_PHASE_SWEEP:
			record_event(call, NULL, "failed");
			call->has_swept = true;
			call->has_retired = call->has_discovered;
			return false;
		case SFDW_PHASE_DISCOVER:
			return record_discovery_failure(call);
		case SFDW_PHASE_EVIDENCE:
			record_event(call, NULL, "failed");
			advise(call, "All else is done, and evidence() has what could not be written.  Write it with",
				   "");
			return true;
	}
	return true;
}
