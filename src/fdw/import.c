/*-------------------------------------------------------------------------
 * import.c
 *		IMPORT FOREIGN SCHEMA: which objects become foreign tables
 *
 * Knows names and the statement's filter; import_table.c looks into the files.
 *-------------------------------------------------------------------------
 */
#include "fdw/import.h"

#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/formatting.h"

#include "core/errors.h"
#include "core/options.h"
#include "storage/pins.h"

/* Dialect by whose rules files are named while the dialect is still open. */
#define NAMING_DIALECT "csv"

/* Refuse a schema that we do not have, and options, of which there are none. */
static void
check_statement(ImportForeignSchemaStmt *stmt)
{
	if (strcmp(stmt->remote_schema, SFDW_IMPORT_SCHEMA) != 0)
		ereport(ERROR,
				errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
				errmsg("schema \"%s\" does not exist on server \"%s\"",
					   stmt->remote_schema, stmt->server_name),
				errhint("The objects of a location are in schema \"%s\".",
						SFDW_IMPORT_SCHEMA));
	if (stmt->options != NIL)
		ereport(ERROR,
				errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
				errmsg("option \"%s\" is not valid here",
					   linitial_node(DefElem, stmt->options)->defname),
				errhint("There are no valid options in this context."));
}

/* The dialect that a server's option says, or NULL when it leaves it open. */
static const SfdwDialect *
server_dialect(Oid server_oid)
{
	const char *name = sfdw_option_text(GetForeignServer(server_oid)->options,
										"dialect", "auto");

	return sfdw_dialect_find(name);
}

/* Whether a table name stands in the statement's list. */
static bool
is_listed(ImportForeignSchemaStmt *stmt, const char *table_name)
{
	ListCell   *cell;

	foreach(cell, stmt->table_list)
	{
		if (strcmp(lfirst_node(RangeVar, cell)->relname, table_name) == 0)
			return true;
	}
	return false;
}

/* Whether the statement asks for a table. */
static bool
is_wanted(ImportForeignSchemaStmt *stmt, const char *table_name)
{
	switch (stmt->list_type)
	{
		case FDW_IMPORT_SCHEMA_ALL:
			return true;
		case FDW_IMPORT_SCHEMA_LIMIT_TO:
			return is_listed(stmt, table_name);
		case FDW_IMPORT_SCHEMA_EXCEPT:
			return !is_listed(stmt, table_name);
	}
	return false;
}

/* Refuse two objects that would get the same table. */
static void
check_collision(List *imports, const SfdwImport *import)
{
	ListCell   *cell;

	foreach(cell, imports)
	{
		const SfdwImport *earlier = lfirst(cell);

		if (strcmp(earlier->table_name, import->table_name) == 0)
			ereport(ERROR,
					errcode(ERRCODE_DUPLICATE_TABLE),
					errmsg("objects \"%s\" and \"%s\" would both become foreign table \"%s\"",
						   sfdw_storage_url(earlier->storage,
											earlier->version->key),
						   sfdw_storage_url(import->storage,
											import->version->key),
						   import->table_name),
					errhint("Leave the table out with EXCEPT, and create it by hand."));
	}
}

/* Refuse a table name that PostgreSQL would cut. */
static void
check_length(const SfdwImport *import)
{
	if (strlen(import->table_name) >= NAMEDATALEN)
		ereport(ERROR,
				errcode(ERRCODE_NAME_TOO_LONG),
				errmsg("name of object \"%s\" is too long for a table",
					   sfdw_storage_url(import->storage,
										import->version->key)));
}

/* The objects that the statement asks for: a list of SfdwImport. */
static List *
find_objects(ImportForeignSchemaStmt *stmt, SfdwStorage *storage,
			 const SfdwDialect *dialect)
{
	const SfdwDialect *naming = dialect != NULL ? dialect :
		sfdw_dialect_find(NAMING_DIALECT);
	List	   *imports = NIL;
	ListCell   *cell;

	foreach(cell, sfdw_pins_list(storage, ""))
	{
		SfdwImport *import = palloc0(sizeof(SfdwImport));
		SfdwCompression by_name;
		size_t		length;

		import->storage = storage;
		import->version = lfirst(cell);
		import->dialect = dialect;
		import->server_name = stmt->server_name;
		if (!sfdw_dialect_object_of(naming, import->version->key, &length,
									&by_name))
			continue;
		import->text.compression = by_name == SFDW_COMPRESSION_NONE ?
			SFDW_COMPRESSION_AUTO : by_name;
		import->text.encoding = SFDW_ENCODING_FIND;
		import->text.max_ratio = SFDW_MAX_RATIO;
		import->object = pnstrdup(import->version->key, length);
		import->table_name = asc_tolower(import->object, length);
		if (!is_wanted(stmt, import->table_name))
			continue;
		check_length(import);
		check_collision(imports, import);
		imports = lappend(imports, import);
	}
	return imports;
}

/* Say which names of LIMIT TO have no object; core says nothing of them. */
static void
warn_of_absent(ImportForeignSchemaStmt *stmt, List *imports)
{
	ListCell   *cell;

	if (stmt->list_type != FDW_IMPORT_SCHEMA_LIMIT_TO)
		return;
	foreach(cell, stmt->table_list)
	{
		const char *name = lfirst_node(RangeVar, cell)->relname;
		bool		is_found = false;
		ListCell   *found;

		foreach(found, imports)
			is_found = is_found ||
				strcmp(((SfdwImport *) lfirst(found))->table_name, name) == 0;
		if (!is_found)
			ereport(WARNING,
					errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					errmsg("foreign server \"%s\" has no object for table \"%s\"",
						   stmt->server_name, name),
					errhint("Table names are the names of objects in lower case."));
	}
}

/*
 * Say that an object cannot be read.  Who asked for it by name wants to stop
 * there; who asked for all wants the others.
 */
static void
report_unreadable(ImportForeignSchemaStmt *stmt, const SfdwImport *import,
				  const SfdwSampleFacts *facts)
{
	bool		is_named = stmt->list_type == FDW_IMPORT_SCHEMA_LIMIT_TO;

	ereport(is_named ? ERROR : WARNING,
			errcode(sfdw_errcode_of(facts->status.code)),
			errmsg("could not import object \"%s\": byte " UINT64_FORMAT "%s: %s",
				   sfdw_storage_url(import->storage, import->version->key),
				   (uint64) facts->status.offset, facts->unit,
				   facts->status.message));
}

/* The statements that create the foreign tables asked for. */
List *
sfdwImportForeignSchema(ImportForeignSchemaStmt *stmt, Oid server_oid)
{
	List	   *statements = NIL;
	List	   *imports;
	ListCell   *cell;

	check_statement(stmt);
	imports = find_objects(stmt, sfdw_storage_open(server_oid, GetUserId(),
												   SFDW_STORAGE_READ),
						   server_dialect(server_oid));
	warn_of_absent(stmt, imports);
	foreach(cell, imports)
	{
		SfdwImport *import = lfirst(cell);
		SfdwSampleFacts facts;
		char	   *statement = sfdw_import_table(import, &facts);

		if (statement != NULL)
			statements = lappend(statements, statement);
		else
			report_unreadable(stmt, import, &facts);
	}
	return statements;
}
