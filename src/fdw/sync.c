/*-------------------------------------------------------------------------
 * sync.c
 *		sync_columns(): fields that came into a file after its table was made
 *
 * A new field is drift: it is counted and ignored until somebody adds it, and
 * refused by the gate until somebody says its class.  So none is given here.
 *-------------------------------------------------------------------------
 */
#include "fdw/import.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "core/errors.h"
#include "executor/spi.h"
#include "fdw/table.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/pins.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(sfdw_sql_sync_columns);

#define SYNC_COLUMNS 4

/* "schema"."table" */
static char *
qualified_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

/* Raise an error unless it is a foreign table of ours, and the user's. */
static void
check_table(Oid relid)
{
	if (!sfdw_table_is_ours(relid))
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("\"%s\" is not a foreign table of salesforce_fdw",
					   get_rel_name(relid)));
	if (!sfdw_owns_relation(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_FOREIGN_TABLE,
					   get_rel_name(relid));
}

/* The fields that the header of the table's file has now. */
static List *
header_columns(Oid relid)
{
	SfdwImport	import = {0};
	SfdwFormat *format = sfdw_table_format(relid);
	SfdwSampleFacts facts;
	List	   *columns;

	import.storage = sfdw_storage_open(GetForeignTable(relid)->serverid,
									   GetUserId(), SFDW_STORAGE_READ);
	import.version = sfdw_pins_resolve(import.storage, sfdw_table_key(relid));
	import.dialect = &format->dialect;
	import.text = format->text;
	import.object = sfdw_table_object(relid);
	if (import.object == NULL)
		import.object = "";
	columns = sfdw_import_columns(&import, &facts);
	if (columns == NIL)
		ereport(ERROR,
				errcode(sfdw_errcode_of(facts.status.code)),
				errmsg("could not read the header of object \"%s\": byte " UINT64_FORMAT "%s: %s",
					   sfdw_storage_url(import.storage, import.version->key),
					   (uint64) facts.status.offset, facts.unit,
					   facts.status.message));
	return columns;
}

/* Whether a column of the table is bound to the field. */
static bool
has_field(Relation relation, const char *field)
{
	TupleDesc	desc = RelationGetDescr(relation);

	for (int i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped ||
			sfdw_table_source(RelationGetRelid(relation), i + 1) != SFDW_FROM_FIELD)
			continue;
		if (pg_strcasecmp(sfdw_table_field(RelationGetRelid(relation), i + 1),
						  field) == 0)
			return true;
	}
	return false;
}

/* Raise an error when another column has the name that a new one would get. */
static void
check_name(Oid relid, const SfdwImportColumn *column)
{
	if (get_attnum(relid, column->name) == InvalidAttrNumber)
		return;
	ereport(ERROR,
			errcode(ERRCODE_DUPLICATE_COLUMN),
			errmsg("column \"%s\" of foreign table \"%s\" already exists and is bound to another field",
				   column->name, get_rel_name(relid)),
			errhint("Add a column for field \"%s\" by hand, with the option \"field\".",
					column->field));
}

/* Add one column, as the user. */
static void
add_column(Oid relid, const SfdwImportColumn *column)
{
	char	   *statement = psprintf("ALTER FOREIGN TABLE %s ADD COLUMN %s %s OPTIONS (field %s)",
									 qualified_name(relid),
									 quote_identifier(column->name),
									 column->type,
									 quote_literal_cstr(column->field));

	if (SPI_connect() != SPI_OK_CONNECT ||
		SPI_execute(statement, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not add column \"%s\"", column->name);
	(void) SPI_finish();
}

/* The fields that no column of the table is bound to. */
static List *
missing_columns(Oid relid)
{
	Relation	relation = table_open(relid, AccessShareLock);
	List	   *missing = NIL;
	ListCell   *cell;

	foreach(cell, header_columns(relid))
	{
		SfdwImportColumn *column = lfirst(cell);

		if (has_field(relation, column->field))
			continue;
		check_name(relid, column);
		missing = lappend(missing, column);
	}
	table_close(relation, NoLock);
	return missing;
}

/* All are found before any is added, since the table must not be open then. */
Datum
sfdw_sql_sync_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			relid = PG_GETARG_OID(0);
	bool		apply = PG_GETARG_BOOL(1);
	ListCell   *cell;

	check_table(relid);
	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, missing_columns(relid))
	{
		SfdwImportColumn *column = lfirst(cell);
		Datum		values[SYNC_COLUMNS] = {
			CStringGetTextDatum(column->field),
			DirectFunctionCall1(namein, CStringGetDatum(column->name)),
			CStringGetTextDatum(column->type), BoolGetDatum(apply)
		};
		bool		nulls[SYNC_COLUMNS] = {false};

		if (apply)
			add_column(relid, column);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
