/*-------------------------------------------------------------------------
 * ledger.c
 *		Statements on the ledger's tables, run as their owner
 *
 * Knows how a statement's parameters and rows look and how to make its commit
 * durable; what the tables mean is its callers' business.
 *-------------------------------------------------------------------------
 */
#include "dataset/ledger.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "core/fault.h"
#include "dataset/owner.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

/* Parameters that one statement of ours has at most. */
#define MAX_PARAMS 20

/* Whether the present transaction wrote to the ledger. */
static bool wrote = false;

/* A text parameter. */
SfdwParam
sfdw_param_text(const char *value)
{
	SfdwParam	param = {TEXTOID, (Datum) 0, value == NULL};

	if (value != NULL)
		param.value = CStringGetTextDatum(value);
	return param;
}

/* A bigint parameter. */
SfdwParam
sfdw_param_int8(int64 value)
{
	SfdwParam	param = {INT8OID, Int64GetDatum(value), false};

	return param;
}

/* A boolean parameter. */
SfdwParam
sfdw_param_bool(bool value)
{
	SfdwParam	param = {BOOLOID, BoolGetDatum(value), false};

	return param;
}

/* A timestamptz parameter. */
SfdwParam
sfdw_param_time(TimestampTz value)
{
	SfdwParam	param = {TIMESTAMPTZOID, TimestampTzGetDatum(value), value == 0};

	return param;
}

/* A jsonb parameter, given as text. */
SfdwParam
sfdw_param_json(const char *value)
{
	SfdwParam	param = {JSONBOID, (Datum) 0, value == NULL};

	if (value != NULL)
		param.value = OidFunctionCall3(fmgr_internal_function("jsonb_in"),
									   CStringGetDatum(value),
									   ObjectIdGetDatum(InvalidOid),
									   Int32GetDatum(-1));
	return param;
}

/* A text[] parameter. */
SfdwParam
sfdw_param_texts(List *values)
{
	SfdwParam	param = {TEXTARRAYOID, (Datum) 0, false};
	int			count = list_length(values);
	Datum	   *datums = palloc(sizeof(Datum) * Max(count, 1));
	bool	   *nulls = palloc(sizeof(bool) * Max(count, 1));
	int			bounds[1] = {1};
	ListCell   *cell;

	foreach(cell, values)
	{
		char	   *value = lfirst(cell);
		int			i = foreach_current_index(cell);

		nulls[i] = value == NULL;
		datums[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(value);
	}
	param.value = PointerGetDatum(construct_md_array(datums, nulls, 1, &count,
													 bounds, TEXTOID, -1, false,
													 TYPALIGN_INT));
	return param;
}

/* The result of the statement just run, copied out of SPI's memory. */
static SfdwRows
copy_rows(MemoryContext context)
{
	SfdwRows	rows = {0, NULL};
	TupleDesc	desc;
	MemoryContext old;

	if (SPI_tuptable == NULL || SPI_processed == 0)
		return rows;
	desc = SPI_tuptable->tupdesc;
	old = MemoryContextSwitchTo(context);
	rows.count = (int) SPI_processed;
	rows.values = palloc(sizeof(char **) * rows.count);
	for (int i = 0; i < rows.count; i++)
	{
		rows.values[i] = palloc(sizeof(char *) * desc->natts);
		for (int column = 0; column < desc->natts; column++)
			rows.values[i][column] = SPI_getvalue(SPI_tuptable->vals[i], desc,
												  column + 1);
	}
	MemoryContextSwitchTo(old);
	return rows;
}

/*
 * Have values look the same in every session: what is written in one is
 * compared in another.  The scope's end puts the settings back.
 */
static void
use_plain_formats(void)
{
	static const char *const settings[][2] = {
		{"TimeZone", "UTC"},
		{"DateStyle", "ISO"},
		{"IntervalStyle", "postgres"},
	};

	for (size_t i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
								 false);
}

/* Compare the first columns of a row with keys. */
static int
compare_keys(char **row, const char *const *keys, int count)
{
	int			order = 0;

	for (int i = 0; i < count && order == 0; i++)
		order = strcmp(row[i], keys[i]);
	return order;
}

/* The rows are in order. */
char **
sfdw_rows_find(const SfdwRows *rows, const char *const *keys, int count)
{
	int			low = 0;
	int			high = rows->count;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		int			order = compare_keys(rows->values[middle], keys, count);

		if (order == 0)
			return rows->values[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Run one statement as the owner. */
static SfdwRows
execute(const char *sql, int count, const SfdwParam *params, uint64 *affected)
{
	SfdwOwnerScope scope;
	Oid			types[MAX_PARAMS];
	Datum		values[MAX_PARAMS];
	char		nulls[MAX_PARAMS];
	SfdwRows	rows;
	uint64		processed;

	Assert(count <= MAX_PARAMS);
	for (int i = 0; i < count; i++)
	{
		types[i] = params[i].type;
		values[i] = params[i].value;
		nulls[i] = params[i].is_null ? 'n' : ' ';
	}
	sfdw_owner_enter(&scope);
	use_plain_formats();
	processed = sfdw_owner_execute(sql, count, types, values, nulls);
	rows = copy_rows(scope.caller_context);
	sfdw_owner_leave(&scope);
	if (affected != NULL)
		*affected = processed;
	return rows;
}

/* Read as the owner. */
SfdwRows
sfdw_ledger_read(const char *sql, int count, const SfdwParam *params)
{
	return execute(sql, count, params, NULL);
}

/*
 * Have this transaction's commit wait for the disk: were it forgotten in a
 * crash of the machine, the ledger would know less than what was purged.
 * Settings that wait for standbys as well are left alone.
 */
static void
commit_durably(void)
{
	if (synchronous_commit < SYNCHRONOUS_COMMIT_LOCAL_FLUSH)
		(void) set_config_option("synchronous_commit", "on", PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0,
								 false);
}

/* Write as the owner. */
SfdwRows
sfdw_ledger_write(const char *sql, int count, const SfdwParam *params,
				  uint64 *affected)
{
	commit_durably();
	wrote = true;
	return execute(sql, count, params, affected);
}

/*
 * Fault points around the commits that matter; and a transaction with ledger
 * rows cannot be prepared, since its effects cannot wait for a second phase.
 */
static void
on_transaction_event(XactEvent event, void *arg)
{
	if (!wrote)
		return;
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			SFDW_FAULT("ledger.commit", "before");
			break;
		case XACT_EVENT_COMMIT:
			wrote = false;
			SFDW_FAULT("ledger.commit", "after");
			break;
		case XACT_EVENT_ABORT:
			wrote = false;
			break;
		case XACT_EVENT_PRE_PREPARE:
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("cannot PREPARE a transaction that has written to the ledger of salesforce_fdw"));
			break;
		default:
			break;
	}
}

/* Register the callback. */
void
sfdw_ledger_init(void)
{
	RegisterXactCallback(on_transaction_event, NULL);
}
