/*-------------------------------------------------------------------------
 * gate_builtins.c
 *		PostgreSQL's own functions that compute from their arguments alone
 *
 * Lists by name and arguments, for each way in which a query calls functions,
 * and how one is recognised: its OID is below those that anything made later
 * can have, and its name is resolved in pg_catalog.  Knows nothing of queries.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_builtins.h"

#include "access/transam.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#define MAX_ARGUMENTS 4

/* InvalidOid ends the arguments. */
typedef struct Builtin
{
	const char *name;
	Oid			arguments[MAX_ARGUMENTS];
} Builtin;

static const Builtin functions[] = {
	/* text */
	{"upper", {TEXTOID}},
	{"lower", {TEXTOID}},
	{"initcap", {TEXTOID}},
	{"btrim", {TEXTOID}},
	{"btrim", {TEXTOID, TEXTOID}},
	{"ltrim", {TEXTOID}},
	{"ltrim", {TEXTOID, TEXTOID}},
	{"rtrim", {TEXTOID}},
	{"rtrim", {TEXTOID, TEXTOID}},
	{"left", {TEXTOID, INT4OID}},
	{"right", {TEXTOID, INT4OID}},
	{"substring", {TEXTOID, INT4OID}},
	{"substring", {TEXTOID, INT4OID, INT4OID}},
	{"substring", {TEXTOID, TEXTOID}},
	{"substr", {TEXTOID, INT4OID}},
	{"substr", {TEXTOID, INT4OID, INT4OID}},
	{"length", {TEXTOID}},
	{"char_length", {TEXTOID}},
	{"character_length", {TEXTOID}},
	{"octet_length", {TEXTOID}},
	{"concat", {ANYOID}},
	{"concat_ws", {TEXTOID, ANYOID}},
	{"format", {TEXTOID}},
	{"format", {TEXTOID, ANYOID}},
	{"repeat", {TEXTOID, INT4OID}},
	{"md5", {TEXTOID}},
	{"replace", {TEXTOID, TEXTOID, TEXTOID}},
	{"translate", {TEXTOID, TEXTOID, TEXTOID}},
	{"regexp_replace", {TEXTOID, TEXTOID, TEXTOID}},
	{"regexp_replace", {TEXTOID, TEXTOID, TEXTOID, TEXTOID}},
	{"split_part", {TEXTOID, TEXTOID, INT4OID}},
	{"regexp_match", {TEXTOID, TEXTOID}},
	{"regexp_match", {TEXTOID, TEXTOID, TEXTOID}},
	{"regexp_split_to_array", {TEXTOID, TEXTOID}},
	{"position", {TEXTOID, TEXTOID}},
	{"strpos", {TEXTOID, TEXTOID}},
	{"starts_with", {TEXTOID, TEXTOID}},
	{"reverse", {TEXTOID}},
	{"lpad", {TEXTOID, INT4OID}},
	{"lpad", {TEXTOID, INT4OID, TEXTOID}},
	{"rpad", {TEXTOID, INT4OID}},
	{"rpad", {TEXTOID, INT4OID, TEXTOID}},
	{"overlay", {TEXTOID, TEXTOID, INT4OID}},
	{"overlay", {TEXTOID, TEXTOID, INT4OID, INT4OID}},
	{"normalize", {TEXTOID, TEXTOID}},
	{"like_escape", {TEXTOID, TEXTOID}},
	{"similar_to_escape", {TEXTOID}},
	{"similar_to_escape", {TEXTOID, TEXTOID}},
	/* multi-select picklists */
	{"array_to_string", {ANYARRAYOID, TEXTOID}},
	{"array_length", {ANYARRAYOID, INT4OID}},
	{"cardinality", {ANYARRAYOID}},
	{"string_to_array", {TEXTOID, TEXTOID}},
	{"string_to_array", {TEXTOID, TEXTOID, TEXTOID}},
	{"array_to_string", {ANYARRAYOID, TEXTOID, TEXTOID}},
	{"array_position", {ANYCOMPATIBLEARRAYOID, ANYCOMPATIBLEOID}},
	{"array_remove", {ANYCOMPATIBLEARRAYOID, ANYCOMPATIBLEOID}},
	{"array_append", {ANYCOMPATIBLEARRAYOID, ANYCOMPATIBLEOID}},
	{"array_cat", {ANYCOMPATIBLEARRAYOID, ANYCOMPATIBLEARRAYOID}},
	/* numbers */
	{"abs", {INT2OID}},
	{"abs", {INT4OID}},
	{"abs", {INT8OID}},
	{"abs", {NUMERICOID}},
	{"abs", {FLOAT8OID}},
	{"ceil", {NUMERICOID}},
	{"ceil", {FLOAT8OID}},
	{"ceiling", {NUMERICOID}},
	{"ceiling", {FLOAT8OID}},
	{"floor", {NUMERICOID}},
	{"floor", {FLOAT8OID}},
	{"round", {NUMERICOID}},
	{"round", {NUMERICOID, INT4OID}},
	{"round", {FLOAT8OID}},
	{"trunc", {NUMERICOID}},
	{"trunc", {NUMERICOID, INT4OID}},
	{"trunc", {FLOAT8OID}},
	{"mod", {INT4OID, INT4OID}},
	{"mod", {INT8OID, INT8OID}},
	{"mod", {NUMERICOID, NUMERICOID}},
	{"sign", {NUMERICOID}},
	{"sign", {FLOAT8OID}},
	{"power", {NUMERICOID, NUMERICOID}},
	{"power", {FLOAT8OID, FLOAT8OID}},
	{"sqrt", {NUMERICOID}},
	{"sqrt", {FLOAT8OID}},
	{"ln", {NUMERICOID}},
	{"ln", {FLOAT8OID}},
	{"width_bucket", {NUMERICOID, NUMERICOID, NUMERICOID, INT4OID}},
	{"width_bucket", {FLOAT8OID, FLOAT8OID, FLOAT8OID, INT4OID}},
	/* dates and times */
	{"timezone", {TEXTOID, TIMESTAMPOID}},
	{"timezone", {TEXTOID, TIMESTAMPTZOID}},
	{"timezone", {INTERVALOID, TIMESTAMPOID}},
	{"timezone", {INTERVALOID, TIMESTAMPTZOID}},
	{"date_trunc", {TEXTOID, TIMESTAMPOID}},
	{"date_trunc", {TEXTOID, TIMESTAMPTZOID}},
	{"date_trunc", {TEXTOID, TIMESTAMPTZOID, TEXTOID}},
	{"date_part", {TEXTOID, DATEOID}},
	{"date_part", {TEXTOID, TIMEOID}},
	{"date_part", {TEXTOID, TIMESTAMPOID}},
	{"date_part", {TEXTOID, TIMESTAMPTZOID}},
	{"date_part", {TEXTOID, INTERVALOID}},
	{"extract", {TEXTOID, DATEOID}},
	{"extract", {TEXTOID, TIMEOID}},
	{"extract", {TEXTOID, TIMESTAMPOID}},
	{"extract", {TEXTOID, TIMESTAMPTZOID}},
	{"extract", {TEXTOID, INTERVALOID}},
	{"to_char", {TIMESTAMPOID, TEXTOID}},
	{"to_char", {TIMESTAMPTZOID, TEXTOID}},
	{"to_char", {NUMERICOID, TEXTOID}},
	{"to_char", {INT4OID, TEXTOID}},
	{"to_char", {INT8OID, TEXTOID}},
	{"to_char", {FLOAT8OID, TEXTOID}},
	{"to_date", {TEXTOID, TEXTOID}},
	{"to_timestamp", {TEXTOID, TEXTOID}},
	{"to_number", {TEXTOID, TEXTOID}},
	{"make_date", {INT4OID, INT4OID, INT4OID}},
	{"age", {TIMESTAMPOID, TIMESTAMPOID}},
	{"age", {TIMESTAMPTZOID, TIMESTAMPTZOID}},
	{"isfinite", {DATEOID}},
	{"isfinite", {TIMESTAMPOID}},
	{"isfinite", {TIMESTAMPTZOID}},
	/* jsonb, of values whose types are known */
	{"jsonb_build_object", {ANYOID}},
	{"jsonb_build_array", {ANYOID}},
	{"to_jsonb", {ANYELEMENTOID}},
	{"jsonb_array_length", {JSONBOID}},
	{"jsonb_typeof", {JSONBOID}},
	{"jsonb_extract_path_text", {JSONBOID, TEXTARRAYOID}},
};

/* Functions that return a set: in FROM and in the SELECT list. */
static const Builtin sets[] = {
	{"generate_series", {INT4OID, INT4OID}},
	{"generate_series", {INT4OID, INT4OID, INT4OID}},
	{"generate_series", {INT8OID, INT8OID}},
	{"generate_series", {INT8OID, INT8OID, INT8OID}},
	{"generate_series", {TIMESTAMPOID, TIMESTAMPOID, INTERVALOID}},
	{"unnest", {ANYARRAYOID}},
	{"string_to_table", {TEXTOID, TEXTOID}},
	{"regexp_split_to_table", {TEXTOID, TEXTOID}},
	{"jsonb_array_elements", {JSONBOID}},
	{"jsonb_array_elements_text", {JSONBOID}},
};

/* Aggregates, also as window functions. */
static const Builtin aggregates[] = {
	{"count", {InvalidOid}},
	{"count", {ANYOID}},
	{"sum", {INT2OID}},
	{"sum", {INT4OID}},
	{"sum", {INT8OID}},
	{"sum", {NUMERICOID}},
	{"sum", {FLOAT4OID}},
	{"sum", {FLOAT8OID}},
	{"sum", {INTERVALOID}},
	{"avg", {INT2OID}},
	{"avg", {INT4OID}},
	{"avg", {INT8OID}},
	{"avg", {NUMERICOID}},
	{"avg", {FLOAT4OID}},
	{"avg", {FLOAT8OID}},
	{"avg", {INTERVALOID}},
	{"min", {INT2OID}},
	{"min", {INT4OID}},
	{"min", {INT8OID}},
	{"min", {NUMERICOID}},
	{"min", {FLOAT4OID}},
	{"min", {FLOAT8OID}},
	{"min", {TEXTOID}},
	{"min", {BPCHAROID}},
	{"min", {DATEOID}},
	{"min", {TIMEOID}},
	{"min", {TIMESTAMPOID}},
	{"min", {TIMESTAMPTZOID}},
	{"min", {INTERVALOID}},
	{"max", {INT2OID}},
	{"max", {INT4OID}},
	{"max", {INT8OID}},
	{"max", {NUMERICOID}},
	{"max", {FLOAT4OID}},
	{"max", {FLOAT8OID}},
	{"max", {TEXTOID}},
	{"max", {BPCHAROID}},
	{"max", {DATEOID}},
	{"max", {TIMEOID}},
	{"max", {TIMESTAMPOID}},
	{"max", {TIMESTAMPTZOID}},
	{"max", {INTERVALOID}},
	{"bool_and", {BOOLOID}},
	{"bool_or", {BOOLOID}},
	{"every", {BOOLOID}},
	{"string_agg", {TEXTOID, TEXTOID}},
	{"array_agg", {ANYNONARRAYOID}},
	{"jsonb_agg", {ANYELEMENTOID}},
	{"jsonb_object_agg", {ANYOID, ANYOID}},
	{"stddev_samp", {NUMERICOID}},
	{"stddev_samp", {FLOAT8OID}},
	{"stddev_pop", {NUMERICOID}},
	{"stddev_pop", {FLOAT8OID}},
	{"var_samp", {NUMERICOID}},
	{"var_samp", {FLOAT8OID}},
	{"var_pop", {NUMERICOID}},
	{"var_pop", {FLOAT8OID}},
	{"percentile_cont", {FLOAT8OID, FLOAT8OID}},
	{"percentile_cont", {FLOAT8OID, INTERVALOID}},
	{"percentile_disc", {FLOAT8OID, ANYELEMENTOID}},
	{"mode", {ANYELEMENTOID}},
};

static const Builtin windows[] = {
	{"row_number", {InvalidOid}},
	{"rank", {InvalidOid}},
	{"dense_rank", {InvalidOid}},
	{"percent_rank", {InvalidOid}},
	{"cume_dist", {InvalidOid}},
	{"ntile", {INT4OID}},
	{"lag", {ANYELEMENTOID}},
	{"lag", {ANYELEMENTOID, INT4OID}},
	{"lag", {ANYCOMPATIBLEOID, INT4OID, ANYCOMPATIBLEOID}},
	{"lead", {ANYELEMENTOID}},
	{"lead", {ANYELEMENTOID, INT4OID}},
	{"lead", {ANYCOMPATIBLEOID, INT4OID, ANYCOMPATIBLEOID}},
	{"first_value", {ANYELEMENTOID}},
	{"last_value", {ANYELEMENTOID}},
	{"nth_value", {ANYELEMENTOID, INT4OID}},
};

#define MAX_FUNCTIONS \
	Max(Max(lengthof(functions), lengthof(sets)), \
		Max(lengthof(aggregates), lengthof(windows)))

/* Each list, and the OIDs of what is in it, looked up once a backend. */
static struct
{
	const Builtin *list;
	int			count;
	Oid			oids[MAX_FUNCTIONS];
}			lists[] =
{
	[SFDW_BUILTIN_FUNCTION] = {functions, lengthof(functions)},
	[SFDW_BUILTIN_SET] = {sets, lengthof(sets)},
	[SFDW_BUILTIN_AGGREGATE] = {aggregates, lengthof(aggregates)},
	[SFDW_BUILTIN_WINDOW] = {windows, lengthof(windows)},
};

static bool is_looked_up = false;

/* Objects with such an OID came with PostgreSQL and cannot be made by anybody. */
bool
sfdw_gate_is_builtin(Oid object)
{
	return OidIsValid(object) && object < FirstUnpinnedObjectId;
}

/* The function of that name and arguments in pg_catalog. */
static Oid
look_up(const Builtin *builtin)
{
	int			count = 0;

	while (count < MAX_ARGUMENTS && OidIsValid(builtin->arguments[count]))
		count++;
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
						   CStringGetDatum(builtin->name),
						   PointerGetDatum(buildoidvector(builtin->arguments,
														  count)),
						   ObjectIdGetDatum(PG_CATALOG_NAMESPACE));
}

/* A function that this version of PostgreSQL lacks stays InvalidOid. */
static void
look_up_all(void)
{
	for (int i = 0; i < (int) lengthof(lists); i++)
		for (int j = 0; j < lists[i].count; j++)
			lists[i].oids[j] = look_up(&lists[i].list[j]);
	is_looked_up = true;
}

/* A look-alike in another schema has another OID, whatever its name. */
bool
sfdw_gate_is_listed_builtin(Oid function, SfdwBuiltinKind kind)
{
	if (!is_looked_up)
		look_up_all();
	if (!sfdw_gate_is_builtin(function))
		return false;
	for (int i = 0; i < lists[kind].count; i++)
		if (lists[kind].oids[i] == function)
			return true;
	return false;
}
