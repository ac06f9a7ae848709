/*-------------------------------------------------------------------------
 * purge_settle.c
 *		What becomes of runs when their purge has done what it could
 *
 * Knows the ledger alone: what was deleted and proved stands there.
 *-------------------------------------------------------------------------
 */
#include "dataset/purge_settle.h"

#include "dataset/purge_output.h"
#include "dataset/purge_refusal.h"
#include "dataset/run_record.h"
#include "utils/timestamp.h"

/*
 * In the order of what counts most where versions of a run are left for
 * different reasons: what somebody has to do, what somebody can lift, what ends
 * by itself.
 */
#define OUTCOME_ORDER \
	"array_position('{denied,failed,refused,unknown,held,retained,kept}'," \
	" i.purge_outcome)"

/* Outcomes that are a run's reason as well. */
static const char *const telling_outcomes[] = {"denied", "held", "retained"};

/* The word for a scope. */
const char *
sfdw_purge_scope_name(SfdwPurgeScope scope)
{
	static const char *const names[] = {
		[SFDW_PURGE_NONE] = "none",
		[SFDW_PURGE_INPUTS] = "inputs",
		[SFDW_PURGE_LOCATION] = "location",
	};

	return names[scope];
}

/* Close a run, of which nothing is left. */
static void
close_run(SfdwDataset *dataset, SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(sfdw_purge_scope_name(dataset->purge))
	};

	sfdw_run_advance(run, SFDW_RUN_CLOSED, "purge_scope = $3,"
					 " purged_at = CASE WHEN $3 <> 'none'"
					 "  THEN clock_timestamp() END,"
					 " reason = NULL, last_error = NULL, last_sqlstate = NULL",
					 lengthof(params), params);
}

/* Leave a run purge_pending, for a reason. */
static void
leave_run(SfdwRun *run, const char *reason, const char *message)
{
	SfdwParam	params[] = {
		sfdw_param_text(reason),
		sfdw_param_text(message)
	};

	sfdw_run_advance(run, SFDW_RUN_PURGE_PENDING, "reason = $3,"
					 " last_error = $4", lengthof(params), params);
}

/* Columns of the statement that finds runs. */
enum
{
	COL_RUN, COL_LEFT, COL_IS_DEFERRED, COL_DUE, COL_ARE_KEPT, COL_DETAIL,
	COL_LEFT_SERVER, COL_LEFT_LOCATION, COL_OUTCOME
};

/* Runs whose purge is due, with what is left of each, and why. */
static SfdwRows
find_runs(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};

	return sfdw_ledger_read("SELECT r.run, count(i.key),"
							" r.registered_at + d.purge_after"
							"  > clock_timestamp(),"
							" to_char(r.registered_at + d.purge_after,"
							"  'YYYY-MM-DD HH24:MI:SS TZH:TZM'),"
							" coalesce(bool_and(i.purge_outcome = 'kept'), false),"
							" (array_agg(i.purge_detail ORDER BY " OUTCOME_ORDER
							"  NULLS LAST, i.purge_detail))[1],"
							" min(i.server), min(i.location),"
							" (array_agg(i.purge_outcome ORDER BY " OUTCOME_ORDER
							"  NULLS LAST))[1]"
							" FROM salesforce_fdw.ledger_run r"
							" JOIN salesforce_fdw.dataset d ON d.name = r.dataset"
							" LEFT JOIN salesforce_fdw.ledger_input i"
							"  ON i.run = r.run AND i.purge_proved IS NULL"
							"  AND (d.purge = 'location'"
							"   OR (d.purge = 'inputs' AND i.is_input))"
							" WHERE r.dataset = $1"
							" AND r.state IN ('registered', 'purge_pending')"
							" GROUP BY r.run, r.number, r.registered_at,"
							"  d.purge_after ORDER BY r.number",
							lengthof(params), params);
}

/* Why versions of a run are left, as one word. */
static const char *
reason_of(SfdwDataset *dataset, char **row)
{
	const char *reason;

	if (row[COL_ARE_KEPT][0] == 't')
		return "kept";
	for (size_t i = 0; i < lengthof(telling_outcomes); i++)
	{
		if (row[COL_OUTCOME] != NULL &&
			strcmp(row[COL_OUTCOME], telling_outcomes[i]) == 0)
			return telling_outcomes[i];
	}
	if (sfdw_purge_refusal(dataset, row[COL_LEFT_SERVER],
						   row[COL_LEFT_LOCATION], &reason) != NULL)
		return reason;
	return sfdw_purge_output_refusal(dataset, GetCurrentTimestamp(),
									 &reason) != NULL ? reason : "blocked";
}

/* Close a run of which nothing is left, or say why it stays. */
static void
settle_run(SfdwDataset *dataset, char **row)
{
	SfdwRun    *run = sfdw_run_load(row[COL_RUN]);
	bool		is_one = strcmp(row[COL_LEFT], "1") == 0;

	if (strcmp(row[COL_LEFT], "0") == 0)
		close_run(dataset, run);
	else if (row[COL_IS_DEFERRED][0] == 't')
		leave_run(run, "deferred",
				  psprintf("%s raw %s to be deleted after %s", row[COL_LEFT],
						   is_one ? "version is" : "versions are",
						   row[COL_DUE]));
	else
		leave_run(run, reason_of(dataset, row),
				  psprintf("%s raw %s left: %s", row[COL_LEFT],
						   is_one ? "version is" : "versions are",
						   row[COL_DETAIL] == NULL ? "not tried" :
						   row[COL_DETAIL]));
}

/*
 * Note on runs that were closed under a narrower scope that nothing is left of
 * them by the present one either.
 */
static void
complete_closed(SfdwDataset *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset->name)};
	SfdwRows	rows;

	rows = sfdw_ledger_write("UPDATE salesforce_fdw.ledger_run u"
							 " SET purge_scope = s.purge,"
							 "  purged_at = clock_timestamp()"
							 " FROM (SELECT r.run, d.purge" SFDW_PURGE_IN_SCOPE
							 "  AND r.state = 'closed'"
							 "  AND r.purge_scope IN ('none', 'inputs')"
							 "  AND r.purge_scope <> d.purge"
							 "  GROUP BY r.run, d.purge"
							 "  HAVING bool_and(i.purge_proved IS NOT NULL)) s"
							 " WHERE u.run = s.run"
							 " AND (u.purge_scope = 'none'"
							 "  OR s.purge = 'location')"
							 " RETURNING u.run",
							 lengthof(params), params, NULL);
	for (int i = 0; i < rows.count; i++)
		sfdw_run_event(dataset->name, rows.values[i][0], "purged", NULL);
}

/* Settle every run whose purge is due. */
void
sfdw_purge_settle(SfdwDataset *dataset)
{
	SfdwRows	rows = find_runs(dataset->name);

	for (int i = 0; i < rows.count; i++)
		settle_run(dataset, rows.values[i]);
	complete_closed(dataset);
}

/* Leave the runs purge_pending after an error. */
void
sfdw_purge_postpone(const char *dataset, const char *message)
{
	SfdwRows	rows = find_runs(dataset);

	for (int i = 0; i < rows.count; i++)
		leave_run(sfdw_run_load(rows.values[i][COL_RUN]), "blocked", message);
}
