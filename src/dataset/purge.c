/*-------------------------------------------------------------------------
 * purge.c
 *		Delete raw versions that published runs have listed, and prove it
 *
 * Knows the ledger's list of versions and the storage; nothing of what was
 * made of them.
 *-------------------------------------------------------------------------
 */
#include "dataset/purge.h"

#include "dataset/definition_check.h"
#include "dataset/purge_output.h"
#include "dataset/purge_uploads.h"
#include "dataset/purge_versioning.h"
#include "dataset/readers.h"
#include "dataset/run_record.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

/* Versions that one step, and so one commit, deletes at most. */
#define BATCH_SIZE "1000"

/* Versions of published runs that the scope of the data set covers. */
#define IN_SCOPE \
	" FROM salesforce_fdw.ledger_input i" \
	" JOIN salesforce_fdw.ledger_run r ON r.run = i.run" \
	" JOIN salesforce_fdw.dataset d ON d.name = r.dataset" \
	" WHERE r.dataset = $1" \
	" AND r.state IN ('registered', 'purge_pending', 'closed')" \
	" AND (d.purge = 'location' OR (d.purge = 'inputs' AND i.is_input))"

/* Those of them that are still to be deleted. */
#define IS_LEFT \
	" AND i.purge_proved IS NULL" \
	" AND (i.purge_outcome IS NULL" \
	"  OR i.purge_outcome NOT IN ('deleted', 'gone'))"

/* Columns of the statement that finds a batch. */
enum
{
	COL_SERVER, COL_LOCATION, COL_KEY, COL_VERSION, COL_SIZE, COL_MARKER
};

/* What becomes of a batch, column by column. */
typedef struct Outcomes
{
	List	   *keys;
	List	   *versions;
	List	   *outcomes;
	List	   *details;
} Outcomes;

/* The word for a scope. */
static const char *
scope_name(SfdwPurgeScope scope)
{
	static const char *const names[] = {
		[SFDW_PURGE_NONE] = "none",
		[SFDW_PURGE_INPUTS] = "inputs",
		[SFDW_PURGE_LOCATION] = "location",
	};

	return names[scope];
}

/*
 * A key's latest version or marker goes when nothing else of the key is left:
 * what was under it would become current, and be read as an export of today.
 */
#define IS_UNCOVERED \
	" AND NOT (i.is_latest AND EXISTS (SELECT FROM salesforce_fdw.ledger_input o" \
	"  JOIN salesforce_fdw.ledger_run q ON q.run = o.run" \
	"  WHERE q.dataset = r.dataset" \
	"  AND q.state IN ('registered', 'purge_pending', 'closed')" \
	"  AND (d.purge = 'location' OR o.is_input)" \
	"  AND o.server = i.server AND o.location = i.location AND o.key = i.key" \
	"  AND o.version_id <> i.version_id AND o.purge_proved IS NULL" \
	"  AND (o.purge_outcome IS NULL" \
	"   OR o.purge_outcome NOT IN ('deleted', 'gone'))))"

/*
 * A batch: what was not tried since the CALL began, data before markers, and of
 * no key both its latest and what is under it.
 */
static SfdwRows
find_batch(const char *dataset, TimestampTz since)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_time(since)
	};

	return sfdw_ledger_read("SELECT i.server, i.location, i.key,"
							" i.version_id, max(i.size),"
							" bool_or(i.is_delete_marker)"
							IN_SCOPE IS_LEFT IS_UNCOVERED
							" AND (i.purge_tried IS NULL OR i.purge_tried < $2)"
							" AND r.registered_at + d.purge_after"
							"  <= clock_timestamp()"
							" GROUP BY i.server, i.location, i.key, i.version_id"
							" ORDER BY bool_or(i.is_delete_marker), i.server,"
							"  i.location, i.key, bool_and(i.is_latest),"
							"  min(i.last_modified)"
							" LIMIT " BATCH_SIZE, lengthof(params), params);
}

/* Add a version's outcome. */
static void
add_outcome(Outcomes *outcomes, char **row, char *outcome, char *detail)
{
	outcomes->keys = lappend(outcomes->keys, row[COL_KEY]);
	outcomes->versions = lappend(outcomes->versions, row[COL_VERSION]);
	outcomes->outcomes = lappend(outcomes->outcomes, outcome);
	outcomes->details = lappend(outcomes->details, detail);
}

/* Whether two locations are the same but for the last slash. */
static bool
same_location(const char *a, const char *b)
{
	size_t		a_length = a == NULL ? 0 : strlen(a);
	size_t		b_length = b == NULL ? 0 : strlen(b);

	if (a_length > 0 && a[a_length - 1] == '/')
		a_length--;
	if (b_length > 0 && b[b_length - 1] == '/')
		b_length--;
	return a_length > 0 && a_length == b_length &&
		strncmp(a, b, a_length) == 0;
}

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

/* What keeps a server from being the one that was confirmed, or NULL. */
static char *
location_refusal(SfdwDataset *dataset, const char *server,
				 const char *location)
{
	Oid			oid = get_foreign_server_oid(server, true);
	const char *present;

	if (!OidIsValid(oid))
		return psprintf("server \"%s\" does not exist any more", server);
	present = sfdw_storage_location(oid);
	if (!same_location(present, location))
		return psprintf("the location of server \"%s\" has changed", server);
	if (!same_location(present, dataset->confirmed_location))
		return psprintf("the location of server \"%s\" is not confirmed",
						server);
	return NULL;
}

/* Why nothing may be deleted from a server any more, or NULL. */
char *
sfdw_purge_refusal(SfdwDataset *dataset, const char *server,
				   const char *location, const char **reason)
{
	char	   *refusal = location_refusal(dataset, server, location);
	const char *obstacle;
	Oid			oid;

	*reason = "unconfirmed";
	if (refusal != NULL)
		return refusal;
	oid = get_foreign_server_oid(server, false);
	obstacle = sfdw_dataset_purge_obstacle(dataset, sfdw_storage_location(oid));
	*reason = "unsafe";
	if (obstacle != NULL)
		return psprintf("raw location \"%s\" cannot be purged: %s", location,
						obstacle);
	return sfdw_purge_unversioned(dataset, oid, reason);
}

/* The outcome's word in the ledger. */
static char *
outcome_name(SfdwDeleteOutcome outcome)
{
	static char *const names[] = {
		[SFDW_DELETED] = "deleted",
		[SFDW_DELETE_GONE] = "gone",
		[SFDW_DELETE_FAILED] = "failed",
		[SFDW_DELETE_DENIED] = "denied",
		[SFDW_DELETE_HELD] = "held",
		[SFDW_DELETE_RETAINED] = "retained",
		[SFDW_DELETE_UNKNOWN] = "unknown",
	};

	return names[outcome];
}

/* The version that a row names. */
static SfdwVersion *
version_of(char **row)
{
	SfdwVersion *version = palloc0(sizeof(SfdwVersion));

	version->key = row[COL_KEY];
	version->version_id = row[COL_VERSION];
	version->size = strtoll(row[COL_SIZE], NULL, 10);
	version->is_delete_marker = row[COL_MARKER][0] == 't';
	return version;
}

/* Delete rows of one server, but for what other data sets need. */
static void
delete_rows(SfdwDataset *dataset, char ***rows, int count, Outcomes *outcomes)
{
	Oid			server = get_foreign_server_oid(rows[0][COL_SERVER], false);
	SfdwStorage *storage = sfdw_storage_open(server, GetUserId(),
											 SFDW_STORAGE_PURGE);
	List	   *readers = sfdw_readers_besides(dataset->name);
	SfdwVersion **versions = palloc(sizeof(SfdwVersion *) * count);
	SfdwDeleteResult *results = palloc0(sizeof(SfdwDeleteResult) * count);
	int		   *row_of = palloc(sizeof(int) * count);
	int			doomed = 0;

	for (int i = 0; i < count; i++)
	{
		char	   *reader = sfdw_readers_need(readers, storage,
											   rows[i][COL_KEY],
											   rows[i][COL_VERSION]);

		if (reader != NULL)
		{
			add_outcome(outcomes, rows[i], "kept",
						psprintf("data set \"%s\" has not published it yet",
								 reader));
			continue;
		}
		row_of[doomed] = i;
		versions[doomed++] = version_of(rows[i]);
	}
	sfdw_storage_delete(storage, versions, doomed, results);
	for (int i = 0; i < doomed; i++)
		add_outcome(outcomes, rows[row_of[i]],
					outcome_name(results[i].outcome), results[i].message);
}

/*
 * Write a batch's outcomes, for every run that has listed the versions, and
 * by which definition they came about: it may be a later one than the run's.
 */
static void
record_outcomes(SfdwDataset *dataset, const char *server,
				const Outcomes *outcomes)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_text(server),
		sfdw_param_texts(outcomes->keys),
		sfdw_param_texts(outcomes->versions),
		sfdw_param_texts(outcomes->outcomes),
		sfdw_param_texts(outcomes->details)
	};

	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_input i"
							 " SET purge_outcome = v.outcome,"
							 "  purge_detail = v.detail,"
							 "  purge_tried = clock_timestamp(),"
							 "  purge_scope = d.purge,"
							 "  purge_definition = d.version,"
							 "  purge_confirmed = d.confirmed_location"
							 " FROM salesforce_fdw.ledger_run r"
							 " JOIN salesforce_fdw.dataset d"
							 "  ON d.name = r.dataset,"
							 "  unnest($3, $4, $5, $6)"
							 "  AS v(key, version_id, outcome, detail)"
							 " WHERE r.run = i.run AND r.dataset = $1"
							 " AND r.state IN ('registered', 'purge_pending',"
							 "  'closed')"
							 " AND i.server = $2 AND i.key = v.key"
							 " AND i.version_id = v.version_id"
							 " AND i.purge_proved IS NULL",
							 lengthof(params), params, NULL);
}

/* Delete the rows of the batch that belong to its first server. */
static void
delete_batch(SfdwDataset *dataset, const SfdwRows *batch, TimestampTz since)
{
	char	  **first = batch->values[0];
	Outcomes	outcomes = {NIL};
	char	   *refusal;
	const char *reason;
	int			count = 1;

	while (count < batch->count &&
		   strcmp(batch->values[count][COL_SERVER], first[COL_SERVER]) == 0 &&
		   strcmp(batch->values[count][COL_LOCATION], first[COL_LOCATION]) == 0)
		count++;
	refusal = sfdw_purge_refusal(dataset, first[COL_SERVER], first[COL_LOCATION],
								 &reason);
	if (refusal == NULL)
		refusal = sfdw_purge_output_refusal(dataset, since, &reason);
	if (refusal == NULL)
		delete_rows(dataset, batch->values, count, &outcomes);
	else
		for (int i = 0; i < count; i++)
			add_outcome(&outcomes, batch->values[i], "refused", refusal);
	record_outcomes(dataset, first[COL_SERVER], &outcomes);
}

/*
 * Versions that a listing judges: those that are said to be deleted, and those
 * whose deletion was refused, or not answered, since the CALL began.
 */
#define IS_TO_BE_PROVED(input, since) \
	input ".purge_proved IS NULL AND (" input ".purge_outcome IN" \
	" ('deleted', 'gone', 'unknown') OR (" input ".purge_tried >= " since \
	" AND " input ".purge_outcome IN ('failed', 'denied', 'held', 'retained')))"

/*
 * List a server again, once for all: what is deleted must not be there.  A
 * deletion whose answer was lost is judged by this alone; and what was refused
 * and is not there has been deleted by somebody else.
 */
static void
prove_server(SfdwDataset *dataset, const char *server, TimestampTz since)
{
	SfdwStorage *storage = sfdw_storage_open(get_foreign_server_oid(server,
																	false),
											 GetUserId(), SFDW_STORAGE_PURGE);
	SfdwParam	params[6];
	List	   *keys = NIL;
	List	   *versions = NIL;
	ListCell   *cell;

	foreach(cell, sfdw_storage_list(storage, ""))
	{
		SfdwVersion *version = lfirst(cell);

		keys = lappend(keys, version->key);
		versions = lappend(versions, version->version_id);
	}
	params[0] = sfdw_param_text(dataset->name);
	params[1] = sfdw_param_text(server);
	params[2] = sfdw_param_texts(keys);
	params[3] = sfdw_param_texts(versions);
	params[4] = sfdw_param_text(storage->location);
	params[5] = sfdw_param_time(since);
	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_input i SET"
							 " purge_proved = CASE WHEN v.key IS NULL"
							 "  THEN clock_timestamp() END,"
							 " purge_outcome = CASE"
							 "  WHEN v.key IS NULL AND i.purge_outcome <> 'deleted'"
							 "   THEN 'gone'"
							 "  WHEN v.key IS NOT NULL AND i.purge_outcome IN"
							 "   ('deleted', 'gone', 'unknown') THEN 'failed'"
							 "  ELSE i.purge_outcome END,"
							 " purge_detail = CASE"
							 "  WHEN v.key IS NOT NULL AND i.purge_outcome IN"
							 "   ('deleted', 'gone', 'unknown')"
							 "   THEN 'still there when listed again'"
							 "  ELSE i.purge_detail END"
							 " FROM salesforce_fdw.ledger_input t"
							 " JOIN salesforce_fdw.ledger_run r ON r.run = t.run"
							 " LEFT JOIN unnest($3, $4) AS v(key, version_id)"
							 "  ON v.key = t.key AND v.version_id = t.version_id"
							 " WHERE r.dataset = $1 AND t.server = $2"
							 " AND t.location = $5"
							 " AND " IS_TO_BE_PROVED("t", "$6")
							 " AND i.run = t.run AND i.server = t.server"
							 " AND i.key = t.key AND i.version_id = t.version_id",
							 lengthof(params), params, NULL);
	sfdw_purge_note_uploads(dataset->name, storage);
}

/* List every server again that was asked to delete something. */
static void
prove(SfdwDataset *dataset, TimestampTz since)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_time(since)
	};
	SfdwRows	rows;

	/* Whatever the scope is by now: it may have been narrowed meanwhile. */
	rows = sfdw_ledger_read("SELECT DISTINCT i.server"
							" FROM salesforce_fdw.ledger_input i"
							" JOIN salesforce_fdw.ledger_run r ON r.run = i.run"
							" WHERE r.dataset = $1"
							" AND " IS_TO_BE_PROVED("i", "$2"),
							lengthof(params), params);
	for (int i = 0; i < rows.count; i++)
		prove_server(dataset, rows.values[i][0], since);
}

/* Close a run, of which nothing is left. */
static void
close_run(SfdwDataset *dataset, SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(scope_name(dataset->purge))
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

	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_run u"
							 " SET purge_scope = s.purge,"
							 "  purged_at = clock_timestamp()"
							 " FROM (SELECT r.run, d.purge" IN_SCOPE
							 "  AND r.state = 'closed'"
							 "  AND r.purge_scope IN ('none', 'inputs')"
							 "  AND r.purge_scope <> d.purge"
							 "  GROUP BY r.run, d.purge"
							 "  HAVING bool_and(i.purge_proved IS NOT NULL)) s"
							 " WHERE u.run = s.run"
							 " AND (u.purge_scope = 'none'"
							 "  OR s.purge = 'location')",
							 lengthof(params), params, NULL);
}

/* Settle every run whose purge is due. */
static void
settle(SfdwDataset *dataset)
{
	SfdwRows	rows = find_runs(dataset->name);

	for (int i = 0; i < rows.count; i++)
		settle_run(dataset, rows.values[i]);
	complete_closed(dataset);
}

/* Take one step. */
bool
sfdw_purge_step(SfdwDataset *dataset, TimestampTz since)
{
	SfdwRows	batch = find_batch(dataset->name, since);

	if (batch.count > 0)
	{
		delete_batch(dataset, &batch, since);
		return true;
	}
	prove(dataset, since);
	/* What was proved gone may have kept a key's latest from being tried. */
	if (find_batch(dataset->name, since).count > 0)
		return true;
	settle(dataset);
	return false;
}

/* How many versions a purge has proved gone since a time. */
int64
sfdw_purge_count(const char *dataset, TimestampTz since)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_time(since)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT count(DISTINCT"
							"  (i.server, i.key, i.version_id))"
							" FROM salesforce_fdw.ledger_input i"
							" JOIN salesforce_fdw.ledger_run r ON r.run = i.run"
							" WHERE r.dataset = $1 AND i.purge_proved >= $2"
							" AND i.purge_outcome <> 'gone'",
							lengthof(params), params);
	return strtoll(rows.values[0][0], NULL, 10);
}

/* Leave the runs purge_pending after an error. */
void
sfdw_purge_postpone(const char *dataset, const char *message)
{
	SfdwRows	rows = find_runs(dataset);

	for (int i = 0; i < rows.count; i++)
		leave_run(sfdw_run_load(rows.values[i][COL_RUN]), "blocked", message);
}
