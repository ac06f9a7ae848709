/*-------------------------------------------------------------------------
 * storage_test.c
 *		The storage interface as SQL functions, for tests
 *
 * Part of the library in the test build only; test/modules/functions.sql
 * declares the functions.  Each opens a server's storage as the current user.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "core/options.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/memory.h"
#include "storage/storage.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

/* How many columns test_storage_list returns. */
#define LIST_COLUMNS 5

PG_FUNCTION_INFO_V1(sfdw_sql_test_put);
PG_FUNCTION_INFO_V1(sfdw_sql_test_get);
PG_FUNCTION_INFO_V1(sfdw_sql_test_list);
PG_FUNCTION_INFO_V1(sfdw_sql_test_promote);
PG_FUNCTION_INFO_V1(sfdw_sql_test_delete);
PG_FUNCTION_INFO_V1(sfdw_sql_test_locate);
PG_FUNCTION_INFO_V1(sfdw_sql_test_overlaps);
PG_FUNCTION_INFO_V1(sfdw_sql_test_plant);
PG_FUNCTION_INFO_V1(sfdw_sql_test_mark_deleted);

static const char *const promote_outcomes[] = {
	[SFDW_PROMOTED] = "promoted",
	[SFDW_PROMOTE_CONDITION] = "condition",
	[SFDW_PROMOTE_NO_SOURCE] = "no source",
	[SFDW_PROMOTE_UNKNOWN] = "unknown",
};

static const char *const delete_outcomes[] = {
	[SFDW_DELETED] = "deleted",
	[SFDW_DELETE_GONE] = "gone",
	[SFDW_DELETE_FAILED] = "failed",
	[SFDW_DELETE_DENIED] = "denied",
	[SFDW_DELETE_HELD] = "held",
	[SFDW_DELETE_RETAINED] = "retained",
	[SFDW_DELETE_UNKNOWN] = "unknown",
};

static const char *const memory_faults[] = {
	[SFDW_MEMORY_NO_FAULT] = "none",
	[SFDW_MEMORY_DELETE_FAILS] = "delete fails",
	[SFDW_MEMORY_DELETE_DONE_UNKNOWN] = "delete done, unknown",
	[SFDW_MEMORY_DELETE_LOST_UNKNOWN] = "delete lost, unknown",
	[SFDW_MEMORY_PROMOTE_DONE_UNKNOWN] = "promote done, unknown",
	[SFDW_MEMORY_PROMOTE_LOST_UNKNOWN] = "promote lost, unknown",
};

/* A text argument, or NULL. */
static char *
text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL :
		text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/* The storage of the server that the first argument names. */
static SfdwStorage *
open_argument(FunctionCallInfo fcinfo, SfdwStorageUse use)
{
	ForeignServer *server = GetForeignServerByName(text_argument(fcinfo, 0),
												   false);

	return sfdw_storage_open(server->serverid, GetUserId(), use);
}

/* test_storage_put(server, key, data, pieces): the version that was made */
PGDLLEXPORT Datum
sfdw_sql_test_put(PG_FUNCTION_ARGS)
{
	SfdwStorage *storage = open_argument(fcinfo, SFDW_STORAGE_WRITE);
	bytea	   *data = PG_GETARG_BYTEA_PP(2);
	int			pieces = PG_GETARG_INT32(3);
	SfdwSink   *sink = sfdw_storage_create(storage, text_argument(fcinfo, 1));

	for (int i = 0; i < pieces; i++)
		sfdw_sink_write(sink, VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data));
	sfdw_sink_finish(sink);
	PG_RETURN_TEXT_P(cstring_to_text(sink->version_id));
}

/* test_storage_get(server, key, version, pause): its bytes */
PGDLLEXPORT Datum
sfdw_sql_test_get(PG_FUNCTION_ARGS)
{
	SfdwStorage *storage = open_argument(fcinfo, SFDW_STORAGE_READ);
	char	   *key = text_argument(fcinfo, 1);
	char	   *version_id = text_argument(fcinfo, 2);
	char	   *command = text_argument(fcinfo, 3);
	SfdwSource *source;
	StringInfoData bytes;
	const char *data;
	size_t		length;

	if (version_id == NULL)
	{
		SfdwVersion *version = sfdw_storage_find(storage, key);

		if (version == NULL)
			PG_RETURN_NULL();
		version_id = version->version_id;
	}
	source = sfdw_storage_open_version(storage, key, version_id);
	initStringInfo(&bytes);
	while (sfdw_source_next(source, &data, &length))
	{
		appendBinaryStringInfo(&bytes, data, (int) length);
		/* What happens to the file after its first chunk was read. */
		if (command != NULL && system(command) != 0)
			elog(ERROR, "command failed");
		command = NULL;
	}
	sfdw_source_close(source);
	PG_RETURN_BYTEA_P(cstring_to_text_with_len(bytes.data, bytes.len));
}

/* test_storage_list(server, prefix): every version */
PGDLLEXPORT Datum
sfdw_sql_test_list(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SfdwStorage *storage = open_argument(fcinfo, SFDW_STORAGE_READ);
	List	   *versions = sfdw_storage_list(storage, text_argument(fcinfo, 1));
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, versions)
	{
		SfdwVersion *version = lfirst(cell);
		bool		nulls[LIST_COLUMNS] = {false};
		Datum		values[LIST_COLUMNS];

		values[0] = CStringGetTextDatum(version->key);
		values[1] = CStringGetTextDatum(version->version_id);
		values[2] = Int64GetDatum(version->size);
		values[3] = BoolGetDatum(version->is_latest);
		values[4] = BoolGetDatum(version->is_delete_marker);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* test_storage_promote(server, staged, staged version, final, expected) */
PGDLLEXPORT Datum
sfdw_sql_test_promote(PG_FUNCTION_ARGS)
{
	SfdwStorage *storage = open_argument(fcinfo, SFDW_STORAGE_WRITE);
	SfdwPromoteOutcome outcome;
	char	   *new_version;

	outcome = sfdw_storage_promote(storage, text_argument(fcinfo, 1),
								   text_argument(fcinfo, 2),
								   text_argument(fcinfo, 3),
								   text_argument(fcinfo, 4), &new_version);
	PG_RETURN_TEXT_P(cstring_to_text(promote_outcomes[outcome]));
}

/* test_storage_delete(server, keys, versions): one outcome each */
PGDLLEXPORT Datum
sfdw_sql_test_delete(PG_FUNCTION_ARGS)
{
	SfdwStorage *storage = open_argument(fcinfo, SFDW_STORAGE_PURGE);
	Datum	   *keys;
	Datum	   *ids;
	Datum	   *outcomes;
	int			count;
	int			id_count;
	SfdwVersion **versions;
	SfdwDeleteResult *results;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false,
					  TYPALIGN_INT, &keys, NULL, &count);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false,
					  TYPALIGN_INT, &ids, NULL, &id_count);
	if (count != id_count)
		elog(ERROR, "%d keys and %d versions", count, id_count);
	versions = palloc0(sizeof(SfdwVersion *) * count);
	results = palloc0(sizeof(SfdwDeleteResult) * count);
	outcomes = palloc0(sizeof(Datum) * count);
	for (int i = 0; i < count; i++)
	{
		versions[i] = palloc0(sizeof(SfdwVersion));
		versions[i]->key = TextDatumGetCString(keys[i]);
		versions[i]->version_id = TextDatumGetCString(ids[i]);
	}
	sfdw_storage_delete(storage, versions, count, results);
	for (int i = 0; i < count; i++)
		outcomes[i] = CStringGetTextDatum(psprintf("%s%s%s",
												   delete_outcomes[results[i].outcome],
												   results[i].message ? ": " : "",
												   results[i].message ? results[i].message : ""));
	PG_RETURN_ARRAYTYPE_P(construct_array(outcomes, count, TEXTOID, -1, false,
										  TYPALIGN_INT));
}

/* test_storage_locate(url, use): the server and the key that an URL means */
PGDLLEXPORT Datum
sfdw_sql_test_locate(PG_FUNCTION_ARGS)
{
	char	   *key;
	char	   *use = text_argument(fcinfo, 1);
	SfdwStorage *storage;

	storage = sfdw_storage_for_url(text_argument(fcinfo, 0), GetUserId(),
								   strcmp(use, "read") == 0 ?
								   SFDW_STORAGE_READ : SFDW_STORAGE_WRITE,
								   &key);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s %s",
											  OidIsValid(storage->server) ?
											  GetForeignServer(storage->server)->servername :
											  "none", key)));
}

/* test_storage_overlaps(location, other) */
PGDLLEXPORT Datum
sfdw_sql_test_overlaps(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(sfdw_storage_overlaps(text_argument(fcinfo, 0),
										 text_argument(fcinfo, 1)));
}

/* test_memory_plant(location, key, fault) */
PGDLLEXPORT Datum
sfdw_sql_test_plant(PG_FUNCTION_ARGS)
{
	char	   *fault = text_argument(fcinfo, 2);

	for (int i = 0; i < (int) lengthof(memory_faults); i++)
	{
		if (strcmp(memory_faults[i], fault) == 0)
		{
			sfdw_memory_plant(text_argument(fcinfo, 0),
							  text_argument(fcinfo, 1), (SfdwMemoryFault) i);
			PG_RETURN_VOID();
		}
	}
	elog(ERROR, "no such fault: %s", fault);
}

/* test_memory_mark_deleted(location, key) */
PGDLLEXPORT Datum
sfdw_sql_test_mark_deleted(PG_FUNCTION_ARGS)
{
	sfdw_memory_mark_deleted(text_argument(fcinfo, 0),
							 text_argument(fcinfo, 1));
	PG_RETURN_VOID();
}
