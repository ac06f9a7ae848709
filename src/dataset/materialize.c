/*-------------------------------------------------------------------------
 * materialize.c
 *		Replace the target's rows by the gated query's result
 *
 * The order of things: lock, DELETE and INSERT, read what is stored, judge.
 * Everything that runs a query runs as the data set's owner, whoever calls, as
 * REFRESH MATERIALIZED VIEW does: so a superuser who materializes somebody's
 * data set lends his rights to nobody's triggers or functions.
 *-------------------------------------------------------------------------
 */
#include "dataset/materialize.h"

#include "access/xact.h"
#include "core/errors.h"
#include "core/roles.h"
#include "dataset/checks.h"
#include "dataset/execute.h"
#include "dataset/fill.h"
#include "dataset/finding_acceptance.h"
#include "dataset/inspect.h"
#include "dataset/quality.h"
#include "dataset/scan_net.h"
#include "dataset/search.h"
#include "dataset/withhold.h"
#include "fdw/scans.h"
#include "fdw/table.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* What is going on, for the functions that run while messages are withheld. */
typedef struct Job
{
	SfdwGate   *gate;
	const SfdwPrevious *previous;
	SfdwMaterialized *result;
	SfdwTargetColumns *columns;
	SfdwSearch *search;
	List	   *accepted;		/* findings let through: SfdwFindingAcceptance */
	bool		is_dry;
} Job;

/* Names of a report's header, as char * in the result's context. */
static List *
copy_names(List *strings)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, strings)
		names = lappend(names, pstrdup(strVal(lfirst(cell))));
	return names;
}

/* Whether the result already has this version of this object. */
static bool
has_input(const SfdwMaterialized *result, const SfdwScanReport *report)
{
	ListCell   *cell;

	foreach(cell, result->inputs)
	{
		SfdwInput  *input = lfirst(cell);

		if (input->relid == report->relid && strcmp(input->key, report->key) == 0)
			return true;
	}
	return false;
}

/*
 * Note what the scans read.  A rescan reports again, and one under a LIMIT
 * does not know how many records there are.
 */
static void
collect_inputs(SfdwMaterialized *result)
{
	MemoryContext old = MemoryContextSwitchTo(result->context);
	ListCell   *cell;

	foreach(cell, sfdw_scans_reports(InvalidOid))
	{
		SfdwScanReport *report = lfirst(cell);
		SfdwInput  *input;

		if (has_input(result, report))
			continue;
		input = palloc0(sizeof(SfdwInput));
		input->relid = report->relid;
		input->server = report->server;
		input->object = report->object == NULL ? NULL : pstrdup(report->object);
		input->key = pstrdup(report->key);
		input->version_id = pstrdup(report->version_id);
		input->size = report->size;
		input->last_modified = report->last_modified;
		input->records = report->is_complete ? report->records : 0;
		input->extra_fields = copy_names(report->extra);
		input->missing_fields = copy_names(report->missing);
		result->inputs = lappend(result->inputs, input);
	}
	MemoryContextSwitchTo(old);
}

/* Replace the rows, with redactions active. */
static void
replace_rows(Job *job)
{
	SfdwRedaction redaction = {0};
	const SfdwRedaction *before;
	int			number = -1;

	redaction.detectors = job->gate->dataset->detectors;
	redaction.search = job->search;
	redaction.result = job->result;
	while ((number = bms_next_member(job->columns->keys, number)) >= 0)
		redaction.key_names = lappend(redaction.key_names,
									  list_nth(job->columns->names, number - 1));
	before = sfdw_redact_activate(&redaction);
	PG_TRY();
	{
		sfdw_fill_replace(job->gate, job->columns);
	}
	PG_FINALLY();
	{
		sfdw_redact_activate(before);
	}
	PG_END_TRY();
}

/* Run the query itself, as it was examined. */
static void
run_query(Job *job, DestReceiver *receiver)
{
	SfdwGate   *gate = job->gate;
	PlannedStmt *plan = sfdw_execute_plan_of(gate->query, gate->dataset->name);

	sfdw_gate_require_plan(gate, plan, InvalidOid);
	sfdw_execute_plan(plan, gate->dataset->name, receiver);
}

/* Hand rows to the detectors: the target's, or the query's in a dry run. */
static void
inspect(Job *job, SfdwRowComparison *comparison)
{
	DestReceiver *receiver;

	receiver = sfdw_inspect_create(job->gate->dataset->detectors, job->search,
								   job->accepted, job->columns, !job->is_dry,
								   comparison, job->result);
	if (job->is_dry)
		run_query(job, receiver);
	else
		sfdw_fill_read(job->columns, receiver);
	receiver->rDestroy(receiver);
}

/*
 * Note what each detector of a user's was, so that it can be told later: the
 * names of a gazetteer are no part of the policy.
 */
static void
record_detectors(Job *job)
{
	for (int i = SFDW_DETECTORS; i < sfdw_search_count(job->search); i++)
	{
		const SfdwSearched *own = sfdw_search_own(job->search, i);
		SfdwFinding *finding = sfdw_finding_add(job->result, "own_detector",
												own->detector->name, NULL,
												SFDW_ACTION_COUNT);
		char	   *names = own->names_hash == NULL ? "" :
			psprintf(", names %s", own->names_hash);

		finding->count = own->names;
		finding->detail = MemoryContextStrdup(job->result->context,
											  psprintf("definition %s%s",
													   own->detector->hash,
													   names));
	}
}

/*
 * Everything that runs queries.  A merge join would sort both inputs, which
 * the planner likes when it knows no statistics (no foreign table has any), and
 * a hash join is two to three times as fast.
 */
static void
work(void *argument)
{
	Job		   *job = argument;
	SfdwRowComparison *comparison;

	(void) set_config_option("enable_mergejoin", "off", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	sfdw_fill_require_rights(job->columns->target);
	sfdw_scans_forget();
	job->search = sfdw_search_create(job->gate->own_detectors);
	record_detectors(job);
	comparison = sfdw_row_changes_begin(job->columns);
	if (!job->is_dry)
		replace_rows(job);
	inspect(job, comparison);
	job->result->changes = sfdw_row_changes_end(comparison);
	collect_inputs(job->result);
	sfdw_quality_judge(job->gate->dataset->gates, job->previous,
					   job->columns->changed, job->result);
	sfdw_checks_run(job->gate, job->result);
}

/* Do the work as the data set's owner. */
static void
work_as_owner(Job *job)
{
	Oid			owner = job->gate->dataset->owner;
	SfdwActing	before = {false};

	job->accepted = sfdw_finding_acceptances(job->gate->dataset->name);
	sfdw_scan_net_enter(job->gate);
	if (GetUserId() != owner)
		sfdw_act_as(owner, &before);
	PG_TRY();
	{
		sfdw_withhold_call(work, job,
						   psprintf(job->is_dry ? "judge data set \"%s\"" :
									"materialize data set \"%s\"",
									job->gate->dataset->name));
	}
	PG_FINALLY();
	{
		sfdw_scan_net_leave();
	}
	PG_END_TRY();
	sfdw_act_end(&before);
}

/* One finding in words. */
static char *
describe(const SfdwFinding *finding)
{
	if (strcmp(finding->kind, "detector") == 0)
		return psprintf("Hits of detector \"%s\" in column \"%s\": " INT64_FORMAT
						", the first as \"%s\".%s",
						finding->name, finding->column_name, finding->count,
						finding->detail, finding->is_unredactable ?
						"  The column's type cannot be redacted." : "");
	if (finding->detail == NULL)
		return psprintf("%s \"%s\" gave " INT64_FORMAT ".",
						strcmp(finding->kind, "check") == 0 ? "Check" : "Gate",
						finding->name, finding->count);
	return psprintf("%s \"%s\" gave " INT64_FORMAT ": %s.",
					strcmp(finding->kind, "check") == 0 ? "Check" : "Gate",
					finding->name, finding->count, finding->detail);
}

/* Warn about each finding that asks for it. */
static void
warn(const char *dataset, const SfdwMaterialized *result)
{
	ListCell   *cell;

	foreach(cell, result->findings)
	{
		SfdwFinding *finding = lfirst(cell);

		if (finding->action == SFDW_ACTION_WARN)
			ereport(WARNING,
					errcode(SFDW_ERRCODE_QUALITY),
					errmsg("%s \"%s\" of data set \"%s\" is not met",
						   finding->kind, finding->name, dataset),
					errdetail("%s", describe(finding)));
	}
}

/* Raise when any finding refuses; the detail lists them all. */
static void
refuse(const char *dataset, const SfdwMaterialized *result)
{
	SfdwFinding *first = NULL;
	StringInfoData detail;
	ListCell   *cell;

	initStringInfo(&detail);
	foreach(cell, result->findings)
	{
		SfdwFinding *finding = lfirst(cell);

		if (finding->action != SFDW_ACTION_REFUSE)
			continue;
		if (first == NULL)
			first = finding;
		appendStringInfo(&detail, "%s%s", detail.len > 0 ? "  " : "",
						 describe(finding));
	}
	if (first == NULL)
		return;
	if (first->column_name != NULL)
		ereport(ERROR,
				errcode(SFDW_ERRCODE_DETECTED),
				errmsg("data set \"%s\" is refused: detector \"%s\" matched in column \"%s\"",
					   dataset, first->name, first->column_name),
				errdetail("%s", detail.data),
				errhint("Mend the records in Salesforce, or change the data set's detectors."));
	ereport(ERROR,
			errcode(SFDW_ERRCODE_QUALITY),
			errmsg("data set \"%s\" is refused: %s \"%s\" is not met", dataset,
				   first->kind, first->name),
			errdetail("%s", detail.data));
}

/*
 * A snapshot that is older than the lock would not see the rows of whoever
 * held it before, and leave them beside the new ones.  And a trigger that
 * materializes would mix its scans with those of the data set it belongs to.
 */
static void
require_place(const char *dataset)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				errmsg("cannot materialize data set \"%s\" in a transaction that keeps its snapshot",
					   dataset),
				errhint("Use READ COMMITTED."));
	if (sfdw_withhold_is_active())
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_IN_USE),
				errmsg("cannot materialize data set \"%s\" while another one is materialized",
					   dataset));
}

/* The lock comes first, so that no other writer is in between. */
void
sfdw_materialize(SfdwGate *gate, const SfdwPrevious *previous,
				 SfdwMaterialized *result)
{
	SfdwDataset *dataset = gate->dataset;
	Job			job = {0};

	require_place(dataset->name);
	job.gate = gate;
	job.previous = previous;
	job.result = result;
	job.columns = sfdw_fill_columns(gate,
									sfdw_dataset_target(dataset,
														ShareRowExclusiveLock));
	work_as_owner(&job);
	warn(dataset->name, result);
	refuse(dataset->name, result);
}

/* Writers are not kept out: what they do to the target does not matter. */
void
sfdw_materialize_dry(SfdwGate *gate, const SfdwPrevious *previous,
					 SfdwMaterialized *result)
{
	Job			job = {0};

	job.gate = gate;
	job.previous = previous;
	job.result = result;
	job.is_dry = true;
	job.columns = sfdw_fill_columns(gate, sfdw_dataset_target(gate->dataset,
															  AccessShareLock));
	work_as_owner(&job);
}
