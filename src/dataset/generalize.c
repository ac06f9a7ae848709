/*-------------------------------------------------------------------------
 * generalize.c
 *		generalize(): a value's coarser one, by a table
 *
 * The table is read once for all calls of an expression.  What its columns may
 * hold is for the data set's reference tables to say: see gate_generalize.h.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "dataset/reference_read.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sfdw_sql_generalize);

/* Bytes of keys and values that are kept: a list of places, not a register. */
#define MAX_BYTES ((Size) 64 * 1024 * 1024)

typedef struct Pair
{
	char	   *key;
	char	   *value;
} Pair;

/* What a table says, sorted by key; in the expression's memory. */
typedef struct Map
{
	MemoryContext context;
	Oid			relid;
	char	   *key_column;
	char	   *value_column;
	Pair	   *pairs;
	int			count;
	int			room;
	Size		bytes;
} Map;

/* Raise an error about the table, which is named; no value is. */
static void
refuse(const Map *map, int code, const char *why)
{
	ereport(ERROR,
			errcode(code),
			errmsg("cannot generalize by table %s",
				   quote_qualified_identifier(get_namespace_name(get_rel_namespace(map->relid)),
											  get_rel_name(map->relid))),
			errdetail("%s", why));
}

/* Add a row. */
static void
take(void *context, char **values)
{
	Map		   *map = context;

	map->bytes += strlen(values[0]) + strlen(values[1]) + sizeof(Pair);
	if (map->bytes > MAX_BYTES)
		refuse(map, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
			   "It holds more than 64 MB of text.");
	if (map->count == map->room)
	{
		map->room = Max(64, 2 * map->room);
		map->pairs = map->pairs == NULL
			? MemoryContextAlloc(map->context, map->room * sizeof(Pair))
			: repalloc(map->pairs, map->room * sizeof(Pair));
	}
	map->pairs[map->count].key = MemoryContextStrdup(map->context, values[0]);
	map->pairs[map->count++].value = MemoryContextStrdup(map->context, values[1]);
}

/* By bytes: what is written differently is another value. */
static int
compare_pairs(const void *a, const void *b)
{
	return strcmp(((const Pair *) a)->key, ((const Pair *) b)->key);
}

/* A key with two values would be given whichever came first. */
static void
sort(Map *map)
{
	if (map->count > 1)
		qsort(map->pairs, map->count, sizeof(Pair), compare_pairs);
	for (int i = 1; i < map->count; i++)
		if (strcmp(map->pairs[i - 1].key, map->pairs[i].key) == 0 &&
			strcmp(map->pairs[i - 1].value, map->pairs[i].value) != 0)
			refuse(map, ERRCODE_CARDINALITY_VIOLATION,
				   psprintf("Column \"%s\" has a value with two values of column \"%s\".",
							map->key_column, map->value_column));
}

/* Whether the call names the same table and columns as the one before. */
static bool
is_same(const Map *map, FunctionCallInfo fcinfo)
{
	return map->relid == PG_GETARG_OID(1) &&
		strcmp(map->key_column, NameStr(*PG_GETARG_NAME(2))) == 0 &&
		strcmp(map->value_column, NameStr(*PG_GETARG_NAME(3))) == 0;
}

/* Read the table that the call's arguments name. */
static Map *
read_map(FunctionCallInfo fcinfo)
{
	MemoryContext context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
												  "salesforce_fdw generalize",
												  ALLOCSET_DEFAULT_SIZES);
	Map		   *map = MemoryContextAllocZero(context, sizeof(Map));
	List	   *columns;

	for (int i = 1; i <= 3; i++)
		if (!get_fn_expr_arg_stable(fcinfo->flinfo, i))
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("the table and the columns of generalize() must be constants"));
	map->context = context;
	map->relid = PG_GETARG_OID(1);
	map->key_column = MemoryContextStrdup(context, NameStr(*PG_GETARG_NAME(2)));
	map->value_column = MemoryContextStrdup(context, NameStr(*PG_GETARG_NAME(3)));
	columns = list_make2(map->key_column, map->value_column);
	sfdw_reference_require(map->relid, columns);
	sfdw_reference_read(map->relid, columns, false, take, map);
	sort(map);
	return map;
}

/*
 * strict: without a value there is nothing to look up.  In a function's
 * expression a constant is a variable, which can change from call to call.
 */
Datum
sfdw_sql_generalize(PG_FUNCTION_ARGS)
{
	Map		   *map = fcinfo->flinfo->fn_extra;
	Pair		wanted = {NULL, NULL};
	Pair	   *found = NULL;

	if (map != NULL && !is_same(map, fcinfo))
	{
		fcinfo->flinfo->fn_extra = NULL;
		MemoryContextDelete(map->context);
		map = NULL;
	}
	if (map == NULL)
		map = fcinfo->flinfo->fn_extra = read_map(fcinfo);
	wanted.key = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (map->count > 0)
		found = bsearch(&wanted, map->pairs, map->count, sizeof(Pair),
						compare_pairs);
	pfree(wanted.key);
	if (found == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(found->value));
}
