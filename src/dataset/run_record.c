/*-------------------------------------------------------------------------
 * run_record.c
 *		A run: one row of the ledger, and the states that it passes
 *
 * Knows the table ledger_run and what may follow what; nothing of storage,
 * files or catalogs.
 *-------------------------------------------------------------------------
 */
#include "dataset/run_record.h"

#include "access/transam.h"
#include "access/xact.h"
#include "commands/async.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

/* Where events are told: LISTEN salesforce_fdw. */
#define NOTIFY_CHANNEL "salesforce_fdw"

/* Parameters that a change of a run's row may have beside our two. */
#define MAX_ASSIGNED 12

/* One row a state: its name, and whether a run in it is open. */
static const struct
{
	const char *name;
	bool		is_open;
}			states[] = {
	[SFDW_RUN_DISCOVERED] = {"discovered", true},
	[SFDW_RUN_MATERIALIZED] = {"materialized", true},
	[SFDW_RUN_STAGED] = {"staged", true},
	[SFDW_RUN_VERIFIED] = {"verified", true},
	[SFDW_RUN_PUBLISHED] = {"published", true},
	[SFDW_RUN_REGISTERED] = {"registered", true},
	[SFDW_RUN_PURGE_PENDING] = {"purge_pending", false},
	[SFDW_RUN_CLOSED] = {"closed", false},
	[SFDW_RUN_REFUSED] = {"refused", false},
	[SFDW_RUN_ABANDONED] = {"abandoned", false},
};

/* Columns of RUN_COLUMNS, in order. */
enum
{
	COL_RUN, COL_DATASET, COL_STATE, COL_FORCED, COL_CURRENT, COL_ROWS,
	COL_CHECKSUM, COL_DESTINATION, COL_TARGET_KEY, COL_ATTEMPT,
	COL_STAGED_KEY, COL_STAGED_VERSION, COL_FILE_SIZE, COL_FILE_SHA256,
	COL_FILE_COLUMNS, COL_EXPECTATION, COL_EXPECTED, COL_PUBLISHED, COL_OWNER,
	COL_XMIN
};

#define RUN_COLUMNS \
	"r.run, r.dataset, r.state, r.is_forced," \
	" coalesce(r.definition = (SELECT to_jsonb(d)" \
	"  FROM salesforce_fdw.dataset d WHERE d.name = r.dataset), false)," \
	" r.rows, r.checksum, r.destination, r.target_key, r.attempt," \
	" r.staged_key, r.staged_version, r.file_size, r.file_sha256," \
	" r.file_columns, r.is_expectation_known, r.expected_version," \
	" r.published_version, r.definition ->> 'owner', r.xmin"

/* The name of a state. */
const char *
sfdw_run_state_name(SfdwRunState state)
{
	return states[state].name;
}

/* Whether a run in this state is open. */
bool
sfdw_run_state_is_open(SfdwRunState state)
{
	return states[state].is_open;
}

/* The state of that name. */
static SfdwRunState
state_of(const char *name)
{
	for (size_t i = 0; i < lengthof(states); i++)
		if (strcmp(states[i].name, name) == 0)
			return (SfdwRunState) i;
	elog(ERROR, "unrecognized state of a run: \"%s\"", name);
}

/* A number of the ledger; 0 for null. */
static int64
number_of(const char *text)
{
	return text == NULL ? 0 : strtoll(text, NULL, 10);
}

/* Whether text, a boolean's, is true. */
static bool
truth_of(const char *text)
{
	return text != NULL && text[0] == 't';
}

/* Make a run of a row. */
static SfdwRun *
run_of(char **row)
{
	SfdwRun    *run = palloc0(sizeof(SfdwRun));

	run->id = row[COL_RUN];
	run->dataset = row[COL_DATASET];
	run->state = state_of(row[COL_STATE]);
	run->is_forced = truth_of(row[COL_FORCED]);
	run->is_current = truth_of(row[COL_CURRENT]);
	run->rows = number_of(row[COL_ROWS]);
	run->checksum = row[COL_CHECKSUM] == NULL ? 0 :
		strtoull(row[COL_CHECKSUM], NULL, 16);
	run->destination = row[COL_DESTINATION];
	run->target_key = row[COL_TARGET_KEY];
	run->attempt = (int32) number_of(row[COL_ATTEMPT]);
	run->staged_key = row[COL_STAGED_KEY];
	run->staged_version = row[COL_STAGED_VERSION];
	run->file_size = number_of(row[COL_FILE_SIZE]);
	run->file_sha256 = row[COL_FILE_SHA256];
	run->file_columns = row[COL_FILE_COLUMNS];
	run->is_expectation_known = truth_of(row[COL_EXPECTATION]);
	run->expected_version = row[COL_EXPECTED];
	run->published_version = row[COL_PUBLISHED];
	run->owner = row[COL_OWNER];
	run->is_fresh = TransactionIdIsCurrentTransactionId((TransactionId)
														number_of(row[COL_XMIN]));
	return run;
}

/* The open run, locked. */
SfdwRun *
sfdw_run_load_open(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};
	SfdwRows	rows;

	rows = sfdw_ledger_write("SELECT " RUN_COLUMNS
							 " FROM salesforce_fdw.ledger_run r"
							 " WHERE r.dataset = $1 AND r.is_open"
							 " FOR UPDATE", 1, params, NULL);
	return rows.count == 0 ? NULL : run_of(rows.values[0]);
}

/* The run of that id, locked. */
SfdwRun *
sfdw_run_load(const char *id)
{
	SfdwParam	params[] = {sfdw_param_text(id)};
	SfdwRows	rows;

	rows = sfdw_ledger_write("SELECT " RUN_COLUMNS
							 " FROM salesforce_fdw.ledger_run r"
							 " WHERE r.run = $1::uuid FOR UPDATE",
							 1, params, NULL);
	if (rows.count == 0)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("run \"%s\" does not exist", id));
	return run_of(rows.values[0]);
}

/* Lower-case digits and dashes in their places. */
bool
sfdw_run_is_id(const char *text)
{
	if (strlen(text) != SFDW_RUN_ID_LENGTH)
		return false;
	for (int i = 0; i < SFDW_RUN_ID_LENGTH; i++)
	{
		bool		is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
			return false;
	}
	return true;
}

/* By the order in which runs began. */
char *
sfdw_run_newest_published(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT run FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND is_published"
							" ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	return rows.count == 0 ? NULL : rows.values[0][0];
}

/* Whether that run is known as published; the id is anybody's text. */
bool
sfdw_run_has_published(const char *dataset, const char *id)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_text(id)
	};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND run::text = $2"
							" AND is_published", lengthof(params),
							params).count > 0;
}

/* Write a run's first row; the definition is that of this moment. */
static char *
insert_run(const char *dataset, SfdwRunState state, int count,
		   const SfdwParam *more)
{
	SfdwParam	params[6] = {
		sfdw_param_text(dataset),
		sfdw_param_text(states[state].name)
	};
	SfdwRows	rows;

	Assert(count == 4);
	memcpy(params + 2, more, sizeof(SfdwParam) * count);
	rows = sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_run"
							 " (dataset, state, is_forced, destination,"
							 "  target_key, run, definition, finished,"
							 "  extension_version)"
							 " SELECT $1, $2, $3, $4, $5, $6::uuid, to_jsonb(d),"
							 "  CASE WHEN $2 = 'refused' THEN clock_timestamp() END,"
							 "  (SELECT extversion FROM pg_extension"
							 "   WHERE extname = 'salesforce_fdw')"
							 " FROM salesforce_fdw.dataset d WHERE d.name = $1"
							 " RETURNING run",
							 lengthof(params), params, NULL);
	if (rows.count == 0)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("data set \"%s\" does not exist", dataset));
	sfdw_run_event(dataset, rows.values[0][0], states[state].name, NULL);
	return rows.values[0][0];
}

/* An id for a run. */
char *
sfdw_run_new_id(void)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out,
											   OidFunctionCall0(F_GEN_RANDOM_UUID)));
}

/* Write a run that begins. */
void
sfdw_run_create(const char *id, const char *dataset, bool is_forced,
				const char *destination, const char *target_key)
{
	SfdwParam	more[] = {
		sfdw_param_bool(is_forced),
		sfdw_param_text(destination),
		sfdw_param_text(target_key),
		sfdw_param_text(id)
	};

	(void) insert_run(dataset, SFDW_RUN_DISCOVERED, lengthof(more), more);
}

/* Write a run that ended before it began. */
char *
sfdw_run_create_refused(const char *dataset)
{
	SfdwParam	more[] = {
		sfdw_param_bool(false),
		sfdw_param_text(NULL),
		sfdw_param_text(NULL),
		sfdw_param_text(sfdw_run_new_id())
	};

	return insert_run(dataset, SFDW_RUN_REFUSED, lengthof(more), more);
}

/* Update a run's row from the state in which it was loaded. */
static void
update_run(SfdwRun *run, const char *assignments, int count,
		   const SfdwParam *more)
{
	SfdwParam	params[2 + MAX_ASSIGNED] = {
		sfdw_param_text(run->id),
		sfdw_param_text(states[run->state].name)
	};
	uint64		affected;

	Assert(count <= MAX_ASSIGNED);
	if (run->is_fresh)
		ereport(ERROR,
				errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				errmsg("run \"%s\" has a change that is not committed yet",
					   run->id),
				errhint("Steps of a run are committed one by one: use CALL salesforce_fdw.run(...)."));
	if (count > 0)
		memcpy(params + 2, more, sizeof(SfdwParam) * count);
	(void) sfdw_ledger_write(psprintf("UPDATE salesforce_fdw.ledger_run"
									  " SET %s WHERE run = $1::uuid AND state = $2",
									  assignments),
							 2 + count, params, &affected);
	if (affected != 1)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("run \"%s\" is no longer in state \"%s\"", run->id,
					   states[run->state].name));
	run->is_fresh = true;
}

/* Go to another state. */
void
sfdw_run_advance(SfdwRun *run, SfdwRunState state, const char *assignments,
				 int count, const SfdwParam *params)
{
	StringInfoData set;

	initStringInfo(&set);
	appendStringInfo(&set, "state = '%s', state_since = clock_timestamp()",
					 states[state].name);
	if (state > SFDW_RUN_REGISTERED)
		appendStringInfoString(&set, ", finished = coalesce(finished, clock_timestamp())");
	if (assignments != NULL)
		appendStringInfo(&set, ", %s", assignments);
	update_run(run, set.data, count, params);
	sfdw_run_event(run->dataset, run->id, states[state].name, NULL);
	run->state = state;
}

/* Note what is about to be done. */
void
sfdw_run_intend(SfdwRun *run, const char *what, const char *assignments,
				int count, const SfdwParam *params)
{
	update_run(run, assignments, count, params);
	sfdw_run_event(run->dataset, run->id, what, NULL);
}

/* An object of its own lies in a folder of the run's name. */
bool
sfdw_run_is_versioned(const SfdwRun *run)
{
	return strstr(run->target_key, run->id) != NULL;
}

/* The folder of the run's object. */
char *
sfdw_run_folder(const SfdwRun *run)
{
	const char *slash = strrchr(run->target_key, '/');

	return pnstrdup(run->target_key,
					slash == NULL ? 0 : slash - run->target_key + 1);
}

/* Raise unless user owns the run's data set. */
void
sfdw_run_require_owner(SfdwRun *run, Oid user)
{
	Oid			owner = get_role_oid(run->owner, true);

	if (!superuser_arg(user) &&
		(!OidIsValid(owner) || !has_privs_of_role(user, owner)))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of data set \"%s\"", run->dataset));
}

/*
 * Tell whoever listens, once the event is committed.  Names of data sets are
 * letters, digits and underscores.
 */
void
sfdw_run_notify(const char *dataset, const char *id, const char *event)
{
	char	   *run = id == NULL ? "null" : psprintf("\"%s\"", id);

	Async_Notify(NOTIFY_CHANNEL,
				 psprintf("{\"dataset\": \"%s\", \"run\": %s, \"event\": \"%s\"}",
						  dataset, run, event));
}

/* Add an event. */
void
sfdw_run_event(const char *dataset, const char *id, const char *event,
			   const char *detail)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_text(id),
		sfdw_param_text(event),
		sfdw_param_text(detail)
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_event"
							 " (dataset, run, event, detail)"
							 " VALUES ($1, $2::uuid, $3, $4)",
							 lengthof(params), params, NULL);
	sfdw_run_notify(dataset, id, event);
}
