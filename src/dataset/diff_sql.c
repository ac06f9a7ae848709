/*-------------------------------------------------------------------------
 * diff_sql.c
 *		diff() and diff_rows(), as SQL calls them
 *-------------------------------------------------------------------------
 */
#include "dataset/diff.h"

#include "catalog/pg_type.h"
#include "dataset/ledger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sfdw_sql_diff);
PG_FUNCTION_INFO_V1(sfdw_sql_diff_rows);

/* Arguments of both. */
enum
{
	ARG_RELATION, ARG_SINCE, ARG_UNTIL, ARG_ONLY
};

/* Columns of diff_rows(). */
#define ROW_COLUMNS 3

/* The counts of diff(), one for each change. */
#define CHANGES (SFDW_DIFF_UNCHANGED + 1)

/* The names in a text[]; a NULL stands for none. */
static List *
names_of(ArrayType *array)
{
	List	   *names = NIL;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			names = lappend(names, TextDatumGetCString(elements[i]));
	return names;
}

/* What the arguments say. */
static SfdwDiff
diff_of(FunctionCallInfo fcinfo)
{
	SfdwDiff	diff = {InvalidOid};

	if (PG_ARGISNULL(ARG_RELATION) || PG_ARGISNULL(ARG_SINCE))
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("parameter \"%s\" must not be null",
					   PG_ARGISNULL(ARG_RELATION) ? "relation" : "since"));
	diff.relid = PG_GETARG_OID(ARG_RELATION);
	diff.since = sfdw_snapshot_of_time(PG_GETARG_TIMESTAMPTZ(ARG_SINCE));
	diff.until = PG_ARGISNULL(ARG_UNTIL) ? sfdw_snapshot_current() :
		sfdw_snapshot_of_time(PG_GETARG_TIMESTAMPTZ(ARG_UNTIL));
	sfdw_diff_find_columns(&diff, PG_ARGISNULL(ARG_ONLY) ? NIL :
						   names_of(PG_GETARG_ARRAYTYPE_P(ARG_ONLY)));
	return diff;
}

/* Visitor: count. */
static void
count_row(SfdwDiffChange change, const char *key, List *changed, void *arg)
{
	((int64 *) arg)[change]++;
}

/* SQL: diff(relation, since, until, only) */
Datum
sfdw_sql_diff(PG_FUNCTION_ARGS)
{
	SfdwDiff	diff = diff_of(fcinfo);
	int64		counts[CHANGES] = {0};
	Datum		values[CHANGES];
	bool		nulls[CHANGES] = {false};
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	sfdw_diff_run(&diff, count_row, counts);
	for (int i = 0; i < CHANGES; i++)
		values[i] = Int64GetDatum(counts[i]);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

/* What diff_rows() collects. */
typedef struct Collector
{
	ReturnSetInfo *result;
	MemoryContext row_context;
} Collector;

/* Visitor: a row of the result for each that is not as it was. */
static void
put_row(SfdwDiffChange change, const char *key, List *changed, void *arg)
{
	static const char *const names[] = {
		[SFDW_DIFF_ADDED] = "added",
		[SFDW_DIFF_REMOVED] = "removed",
		[SFDW_DIFF_CHANGED] = "changed",
	};
	Collector  *collector = arg;
	MemoryContext caller;
	Datum		values[ROW_COLUMNS] = {0};
	bool		nulls[ROW_COLUMNS] = {false, false, changed == NIL};

	if (change == SFDW_DIFF_UNCHANGED)
		return;
	caller = MemoryContextSwitchTo(collector->row_context);
	values[0] = CStringGetTextDatum(key);
	values[1] = CStringGetTextDatum(names[change]);
	if (changed != NIL)
		values[2] = sfdw_param_texts(changed).value;
	tuplestore_putvalues(collector->result->setResult,
						 collector->result->setDesc, values, nulls);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(collector->row_context);
}

/* SQL: diff_rows(relation, since, until, only) */
Datum
sfdw_sql_diff_rows(PG_FUNCTION_ARGS)
{
	SfdwDiff	diff = diff_of(fcinfo);
	Collector	collector;

	InitMaterializedSRF(fcinfo, 0);
	collector.result = (ReturnSetInfo *) fcinfo->resultinfo;
	collector.row_context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw difference",
												  ALLOCSET_SMALL_SIZES);
	sfdw_diff_run(&diff, put_row, &collector);
	return (Datum) 0;
}
