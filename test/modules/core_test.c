/*-------------------------------------------------------------------------
 * core_test.c
 *		Names, options and memory of core as SQL functions, for tests
 *
 * Part of the library in the test build only.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_foreign_server.h"
#include "core/memory_pg.h"
#include "core/names.h"
#include "core/options.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sfdw_sql_test_sanitise);
PG_FUNCTION_INFO_V1(sfdw_sql_test_options);
PG_FUNCTION_INFO_V1(sfdw_sql_test_resize);

/* test_name_sanitise(name) */
PGDLLEXPORT Datum
sfdw_sql_test_sanitise(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	TupleDesc	descriptor;
	bool		nulls[2] = {false};
	Datum		values[2];
	bool		is_too_long;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "not a row type");
	values[0] = CStringGetTextDatum(sfdw_name_sanitise(name, &is_too_long));
	values[1] = BoolGetDatum(is_too_long);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor),
													  values, nulls)));
}

/* A check function that refuses one value. */
static void
refuse_forbidden(const char *name, const char *value)
{
	if (strcmp(value, "forbidden") == 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("option \"%s\" was checked", name));
}

static const char *const colours[] = {"red", "green", NULL};

static const SfdwOption test_table[] = {
	{"plain", ForeignServerRelationId, SFDW_OPTION_TEXT,
	.check = refuse_forbidden},
	{"switch", ForeignServerRelationId, SFDW_OPTION_BOOL},
	{"number", ForeignServerRelationId, SFDW_OPTION_INT,.min = -1,.max = 10},
	{"letter", ForeignServerRelationId, SFDW_OPTION_CHAR},
	{"colour", ForeignServerRelationId, SFDW_OPTION_ENUM,.choices = colours},
	{"room", ForeignServerRelationId, SFDW_OPTION_SIZE,.min = 1024,
	.max = INT64CONST(1) << 40},
	{"guarded", ForeignServerRelationId, SFDW_OPTION_TEXT,
	.superuser_only = true},
	{"key", ForeignServerRelationId, SFDW_OPTION_INT,.secret = true,.max = 9},
	{"compression", InvalidOid, SFDW_OPTION_TEXT},
	{NULL}
};

/* "name=value", or "name" alone, as an option. */
static DefElem *
option_of(char *word)
{
	char	   *equals = strchr(word, '=');

	if (equals == NULL)
		return makeDefElem(word, NULL, -1);
	*equals = '\0';
	return makeDefElem(word, (Node *) makeString(equals + 1), -1);
}

/* test_options(words, is_server): check them, show what they mean */
PGDLLEXPORT Datum
sfdw_sql_test_options(PG_FUNCTION_ARGS)
{
	Datum	   *words;
	int			count;
	List	   *options = NIL;
	Oid			catalog = PG_GETARG_BOOL(1) ? ForeignServerRelationId : InvalidOid;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false,
					  TYPALIGN_INT, &words, NULL, &count);
	for (int i = 0; i < count; i++)
		options = lappend(options, option_of(TextDatumGetCString(words[i])));
	sfdw_options_validate(test_table, catalog, options);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("plain=%s switch=%d number="
											  INT64_FORMAT " room="
											  INT64_FORMAT,
											  sfdw_option_text(options, "plain", "none"),
											  sfdw_option_bool(options, "switch", false),
											  sfdw_option_int(options, "number", -99),
											  sfdw_option_int(options, "room", -99))));
}

/* test_memory_resize(sizes): resize one chunk, checking that it keeps bytes */
PGDLLEXPORT Datum
sfdw_sql_test_resize(PG_FUNCTION_ARGS)
{
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	StringInfoData answer;
	unsigned char *chunk = NULL;
	size_t		filled = 0;
	Datum	   *sizes;
	int			count;

	initStringInfo(&answer);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), INT8OID, sizeof(int64),
					  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &sizes, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		size_t		size = (size_t) DatumGetInt64(sizes[i]);
		unsigned char *resized = memory.resize(memory.context, chunk, size);

		if (resized == NULL && size > 0)
		{
			appendStringInfoString(&answer, "none ");
			resized = chunk;
			size = filled;
		}
		chunk = resized;
		for (size_t at = 0; at < Min(filled, size); at++)
			if (chunk[at] != at % 253)
				elog(ERROR, "byte %zu was lost", at);
		for (size_t at = filled; at < size; at++)
			chunk[at] = at % 253;
		filled = size;
		appendStringInfo(&answer, "%zu%s ", size,
						 chunk == (void *) MAXALIGN(chunk) ? "" : " unaligned");
	}
	PG_RETURN_TEXT_P(cstring_to_text(answer.data));
}
