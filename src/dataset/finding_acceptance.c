/*-------------------------------------------------------------------------
 * finding_acceptance.c
 *		Hits of detectors that somebody looked at, and let through
 *
 * Knows the table salesforce_fdw.finding_acceptance.
 *-------------------------------------------------------------------------
 */
#include "dataset/finding_acceptance.h"

#include "catalog/pg_type.h"
#include "core/roles.h"
#include "dataset/acceptance.h"
#include "dataset/json_object.h"
#include "dataset/owner.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sfdw_sql_accept_finding);

/* Parameters of accept_finding, and columns of its INSERT. */
enum
{
	ACCEPT_RUN,
	ACCEPT_DETECTOR,
	ACCEPT_COLUMN,
	ACCEPT_KEY,
	ACCEPT_REASON,
	ACCEPT_UNTIL,
	ACCEPT_COUNT
};

#define SELECT_VALID \
	"SELECT detector, column_name, key FROM salesforce_fdw.finding_acceptance" \
	" WHERE dataset = $1 AND (until IS NULL OR until > now())"

#define SELECT_FINDING \
	"SELECT r.dataset FROM salesforce_fdw.ledger_finding AS f" \
	" JOIN salesforce_fdw.ledger_run AS r USING (run)" \
	" WHERE f.run = $1 AND f.kind = 'detector' AND f.name = $2" \
	" AND f.column_name = $3 AND EXISTS (SELECT" \
	"  FROM jsonb_array_elements(f.keys) AS k, jsonb_each_text(k) AS e" \
	"  WHERE e.value = $4)"

#define INSERT_ACCEPTANCE \
	"INSERT INTO salesforce_fdw.finding_acceptance (dataset, run, detector," \
	" column_name, key, reason, until, accepted_by, accepted_at)" \
	" VALUES ($7, $1, $2, $3, $4, $5, $6, session_user, now())"

/* One row, in the caller's context. */
static SfdwFindingAcceptance *
read_acceptance(uint64 row)
{
	SfdwFindingAcceptance *acceptance = palloc(sizeof(SfdwFindingAcceptance));
	HeapTuple	tuple = SPI_tuptable->vals[row];
	TupleDesc	desc = SPI_tuptable->tupdesc;

	acceptance->detector = SPI_getvalue(tuple, desc, 1);
	acceptance->column_name = SPI_getvalue(tuple, desc, 2);
	acceptance->key = SPI_getvalue(tuple, desc, 3);
	return acceptance;
}

/* Read as the owner: a run need not have rights on the table. */
List *
sfdw_finding_acceptances(const char *dataset)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(dataset);
	List	   *acceptances = NIL;
	SfdwOwnerScope scope;
	MemoryContext old;
	uint64		count;

	sfdw_owner_enter(&scope);
	count = sfdw_owner_execute(SELECT_VALID, 1, &type, &value, NULL);
	old = MemoryContextSwitchTo(scope.caller_context);
	for (uint64 i = 0; i < count; i++)
		acceptances = lappend(acceptances, read_acceptance(i));
	MemoryContextSwitchTo(old);
	sfdw_owner_leave(&scope);
	return acceptances;
}

/* Whether one of the row's keys is this one. */
static bool
has_key(Jsonb *keys, const char *key)
{
	ListCell   *cell;

	foreach(cell, sfdw_json_pairs(&keys->root, "keys"))
	{
		char	   *value = sfdw_json_string(&((SfdwJsonPair *) lfirst(cell))->value);

		if (value != NULL && strcmp(value, key) == 0)
			return true;
	}
	return false;
}

/* Acceptances are few, and so are hits. */
bool
sfdw_finding_is_accepted(List *acceptances, const char *detector,
						 const char *column_name, Jsonb *keys)
{
	ListCell   *cell;

	foreach(cell, acceptances)
	{
		SfdwFindingAcceptance *acceptance = lfirst(cell);

		if (strcmp(acceptance->detector, detector) == 0 &&
			strcmp(acceptance->column_name, column_name) == 0 &&
			has_key(keys, acceptance->key))
			return true;
	}
	return false;
}

/* The data set in whose run there is such a finding, or NULL. */
static char *
find_dataset(const Oid *types, const Datum *values)
{
	SfdwOwnerScope scope;
	char	   *dataset = NULL;

	sfdw_owner_enter(&scope);
	if (sfdw_owner_execute(SELECT_FINDING, ACCEPT_KEY + 1,
						   unconstify(Oid *, types),
						   unconstify(Datum *, values), NULL) > 0)
		dataset = MemoryContextStrdup(scope.caller_context,
									  SPI_getvalue(SPI_tuptable->vals[0],
												   SPI_tuptable->tupdesc, 1));
	sfdw_owner_leave(&scope);
	return dataset;
}

/* A reason, and a finding to which it belongs. */
Datum
sfdw_sql_accept_finding(PG_FUNCTION_ARGS)
{
	Oid			types[ACCEPT_COUNT + 1] = {
		UUIDOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID
	};
	Datum		values[ACCEPT_COUNT + 1];
	char		nulls[ACCEPT_COUNT + 2] = "       ";
	SfdwOwnerScope scope;
	char	   *dataset;

	for (int i = 0; i < ACCEPT_COUNT; i++)
	{
		if (PG_ARGISNULL(i) && i != ACCEPT_UNTIL)
			ereport(ERROR,
					errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("only parameter \"%s\" may be null", "until"));
		values[i] = PG_GETARG_DATUM(i);
	}
	nulls[ACCEPT_UNTIL] = PG_ARGISNULL(ACCEPT_UNTIL) ? 'n' : ' ';
	PreventCommandIfReadOnly("accept_finding()");
	dataset = find_dataset(types, values);
	if (dataset == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("the run has no such finding with such a key"),
				errhint("See salesforce_fdw.run_findings."));
	sfdw_acceptance_require(sfdw_dataset_load(dataset, false),
							TextDatumGetCString(values[ACCEPT_REASON]));
	values[ACCEPT_COUNT] = CStringGetTextDatum(dataset);
	sfdw_owner_enter(&scope);
	(void) sfdw_owner_execute(INSERT_ACCEPTANCE, ACCEPT_COUNT + 1, types, values,
							  nulls);
	sfdw_owner_leave(&scope);
	PG_RETURN_VOID();
}
