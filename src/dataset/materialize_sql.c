/*-------------------------------------------------------------------------
 * materialize_sql.c
 *		materialize(), as SQL calls it
 *-------------------------------------------------------------------------
 */
#include "dataset/materialize.h"

#include "dataset/findings.h"
#include "dataset/materialize_record.h"
#include "dataset/rowsum.h"
#include "dataset/snapshot.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sfdw_sql_materialize);

/* Push a member with a text (NULL: null) onto an object that is being built. */
static void
push_text(JsonbParseState **state, const char *key, const char *text)
{
	JsonbValue	item;

	item.type = jbvString;
	item.val.string.val = unconstify(char *, key);
	item.val.string.len = (int) strlen(key);
	pushJsonbValue(state, WJB_KEY, &item);
	if (text == NULL)
		item.type = jbvNull;
	else
	{
		item.val.string.val = unconstify(char *, text);
		item.val.string.len = (int) strlen(text);
	}
	pushJsonbValue(state, WJB_VALUE, &item);
}

/* The same with a number. */
static void
push_number(JsonbParseState **state, const char *key, int64 number)
{
	JsonbValue	item;

	item.type = jbvString;
	item.val.string.val = unconstify(char *, key);
	item.val.string.len = (int) strlen(key);
	pushJsonbValue(state, WJB_KEY, &item);
	item.type = jbvNumeric;
	item.val.numeric = int64_to_numeric(number);
	pushJsonbValue(state, WJB_VALUE, &item);
}

/* The keys of the rows with a hit, as an array. */
static void
push_keys(JsonbParseState **state, List *keys)
{
	JsonbValue	item;
	ListCell   *cell;

	item.type = jbvString;
	item.val.string.val = "keys";
	item.val.string.len = (int) strlen(item.val.string.val);
	pushJsonbValue(state, WJB_KEY, &item);
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	foreach(cell, keys)
	{
		Jsonb	   *key = lfirst(cell);

		item.type = jbvBinary;
		item.val.binary.data = &key->root;
		item.val.binary.len = (int) VARSIZE_ANY_EXHDR(key);
		pushJsonbValue(state, WJB_ELEM, &item);
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* The findings of detectors, or all others, as an array of objects. */
static Datum
findings_json(const SfdwMaterialized *result, bool of_detectors)
{
	JsonbParseState *state = NULL;
	ListCell   *cell;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	foreach(cell, result->findings)
	{
		SfdwFinding *finding = lfirst(cell);

		if ((finding->column_name != NULL) != of_detectors)
			continue;
		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		push_text(&state, finding->kind, finding->name);
		if (of_detectors)
			push_text(&state, "column", finding->column_name);
		push_text(&state, "action", sfdw_action_name(finding->action));
		push_number(&state, "count", finding->count);
		push_text(&state, of_detectors ? "shape" : "detail", finding->detail);
		if (of_detectors)
			push_keys(&state, finding->keys);
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY,
														   NULL)));
}

/* Columns of materialize(). */
#define MATERIALIZE_COLUMNS 8

/* A row of the function's result type. */
static Datum
make_row(FunctionCallInfo fcinfo, Datum *values)
{
	bool		nulls[MATERIALIZE_COLUMNS] = {false};
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * materialize(name): gate, then the work, outside of any run.  What a session
 * looks at by salesforce_fdw.snapshot is none of its business.
 */
Datum
sfdw_sql_materialize(PG_FUNCTION_ARGS)
{
	SfdwDataset *dataset = sfdw_dataset_load(text_to_cstring(PG_GETARG_TEXT_PP(0)),
											 false);
	SfdwMaterialized result = {0};
	SfdwPrevious previous;
	SfdwGate   *gate;
	Datum		values[MATERIALIZE_COLUMNS];

	sfdw_dataset_require_owner(dataset, GetUserId());
	gate = sfdw_gate_examine(dataset);
	sfdw_gate_require(gate);
	result.context = CurrentMemoryContext;
	previous = sfdw_run_previous(dataset->name);
	sfdw_snapshot_enter(sfdw_snapshot_current());
	sfdw_materialize(gate, &previous, &result);
	sfdw_snapshot_leave();
	values[0] = Int64GetDatum(result.rows);
	values[1] = Int64GetDatum(0);
	values[2] = Int64GetDatum(result.changes.added);
	values[3] = Int64GetDatum(result.changes.changed);
	values[4] = Int64GetDatum(result.changes.removed);
	values[5] = CStringGetTextDatum(sfdw_rowsum_text(result.checksum));
	values[6] = findings_json(&result, true);
	values[7] = findings_json(&result, false);
	PG_RETURN_DATUM(make_row(fcinfo, values));
}
