/*-------------------------------------------------------------------------
 * listing_sql.c
 *		SQL: what lies below a foreign server's location
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/storage.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sfdw_sql_object_versions);
PG_FUNCTION_INFO_V1(sfdw_sql_unfinished_uploads);

/* Columns of the results. */
#define VERSION_COLUMNS 6
#define UPLOAD_COLUMNS	3

/* The location of the server that the first argument names. */
static SfdwStorage *
open_argument(FunctionCallInfo fcinfo)
{
	ForeignServer *server = GetForeignServerByName(text_to_cstring(PG_GETARG_TEXT_PP(0)),
												   false);

	return sfdw_storage_open(server->serverid, GetUserId(), SFDW_STORAGE_READ);
}

/* SQL: object_versions(server, prefix) */
Datum
sfdw_sql_object_versions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SfdwStorage *storage = open_argument(fcinfo);
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, sfdw_storage_list(storage,
									text_to_cstring(PG_GETARG_TEXT_PP(1))))
	{
		SfdwVersion *version = lfirst(cell);
		Datum		values[VERSION_COLUMNS] = {
			CStringGetTextDatum(version->key),
			CStringGetTextDatum(version->version_id),
			Int64GetDatum(version->size),
			TimestampTzGetDatum(version->last_modified),
			BoolGetDatum(version->is_latest),
			BoolGetDatum(version->is_delete_marker)
		};
		bool		nulls[VERSION_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* SQL: unfinished_uploads(server) */
Datum
sfdw_sql_unfinished_uploads(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SfdwStorage *storage = open_argument(fcinfo);
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, sfdw_storage_uploads(storage, "", NULL))
	{
		SfdwUpload *upload = lfirst(cell);
		Datum		values[UPLOAD_COLUMNS] = {
			CStringGetTextDatum(upload->key),
			CStringGetTextDatum(upload->upload_id),
			TimestampTzGetDatum(upload->started)
		};
		bool		nulls[UPLOAD_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
