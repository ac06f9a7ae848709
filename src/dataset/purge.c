/*-------------------------------------------------------------------------
 * purge.c
 *		Delete raw versions that published runs have listed, and prove it
 *
 * Knows the ledger's list of versions and the storage; nothing of what was
 * made of them.
 *-------------------------------------------------------------------------
 */
#include "dataset/purge.h"

#include "dataset/place_owner.h"
#include "dataset/purge_output.h"
#include "dataset/purge_refusal.h"
#include "dataset/purge_settle.h"
#include "dataset/purge_uploads.h"
#include "dataset/readers.h"
#include "dataset/run_record.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

/* Versions that one step, and so one commit, deletes at most. */
#define BATCH_SIZE "1000"

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

/* Of a row i: another one of the same key, of published runs. */
#define OF_THE_SAME_KEY(input, run) \
	"SELECT FROM salesforce_fdw.ledger_input " input \
	" JOIN salesforce_fdw.ledger_run " run " ON " run ".run = " input ".run" \
	" WHERE " run ".dataset = r.dataset" \
	" AND " run ".state IN " SFDW_PURGE_STATES \
	" AND " run ".adopted IS NULL" \
	" AND " input ".server = i.server AND " input ".location = i.location" \
	" AND " input ".key = i.key AND " input ".version_id <> i.version_id"

/*
 * A key's latest version or marker goes when nothing else of the key is left:
 * what was under it would become current, and be read as an export of today.
 * What a later listing has another latest for covers nothing.
 */
#define IS_UNCOVERED \
	" AND NOT (i.is_latest" \
	" AND EXISTS (" OF_THE_SAME_KEY("o", "q") \
	"  AND (d.purge = 'location' OR o.is_input) AND o.purge_proved IS NULL" \
	"  AND (o.purge_outcome IS NULL" \
	"   OR o.purge_outcome NOT IN ('deleted', 'gone')))" \
	" AND NOT EXISTS (" OF_THE_SAME_KEY("n", "m") \
	"  AND n.is_latest AND m.number > r.number))"

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
							SFDW_PURGE_IN_SCOPE IS_LEFT IS_UNCOVERED
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
		SfdwVersion *version = version_of(rows[i]);
		char	   *need = sfdw_readers_need(readers, storage, version);

		if (need != NULL)
		{
			add_outcome(outcomes, rows[i], "kept", need);
			continue;
		}
		row_of[doomed] = i;
		versions[doomed++] = version;
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
							 " AND r.state IN " SFDW_PURGE_STATES
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
	sfdw_place_require_lately(dataset->name, since);
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
 * whose deletion was refused, or not answered, or not tried for another data
 * set's sake, since the CALL began.
 */
#define IS_TO_BE_PROVED(input, since) \
	input ".purge_proved IS NULL AND (" input ".purge_outcome IN" \
	" ('deleted', 'gone', 'unknown') OR (" input ".purge_tried >= " since \
	" AND " input ".purge_outcome IN" \
	" ('failed', 'denied', 'held', 'retained', 'kept')))"

/*
 * List a server again, once for all: what is deleted must not be there.  A
 * deletion whose answer was lost is judged by this alone; and what was refused
 * or kept and is not there has been deleted, or in a folder replaced, by
 * somebody else.
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
	sfdw_purge_settle(dataset);
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
