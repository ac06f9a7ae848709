/*-------------------------------------------------------------------------
 * import.h
 *		IMPORT FOREIGN SCHEMA: foreign tables for the objects of a location
 *
 * import.c finds the objects that the statement asks for, import_table.c
 * writes the statement that creates the table of one.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_IMPORT_H
#define SFDW_IMPORT_H

#include "core/compat.h"
#include "export/dialect.h"
#include "export/field_class.h"
#include "fdw/sample.h"
#include "foreign/fdwapi.h"
#include "storage/storage.h"

/* One object that is to become a foreign table. */
typedef struct SfdwImport
{
	SfdwStorage *storage;
	SfdwVersion *version;		/* whose first records are looked at */
	const SfdwDialect *dialect; /* NULL: find it out */
	SfdwTextForm text;			/* AUTO and FIND: find it out */
	char	   *object;			/* API name, in the file's spelling */
	char	   *table_name;
	const char *server_name;
} SfdwImport;

/* The remote schema that every location has. */
#define SFDW_IMPORT_SCHEMA "salesforce"

/* A field of an object's header, and the column that it becomes. */
typedef struct SfdwImportColumn
{
	char	   *field;			/* as the header has it */
	char	   *name;			/* sanitised */
	const char *type;			/* in SQL: the dictionary's, or inferred */
	SfdwClass	field_class;	/* the dictionary's, or by the field's name */
} SfdwImportColumn;

/*
 * The columns of an object in the header's order: a list of SfdwImportColumn.
 * NIL with facts->status when its first records cannot be read; an error when
 * its header cannot become columns.
 */
extern List *sfdw_import_columns(const SfdwImport *import,
								 SfdwSampleFacts *facts);

/*
 * The CREATE FOREIGN TABLE statement for an object.  NULL with facts->status
 * when its first records cannot be read; an error when its header cannot become
 * columns.
 */
extern char *sfdw_import_table(const SfdwImport *import,
							   SfdwSampleFacts *facts);

/* Callback of the FdwRoutine. */
extern List *sfdwImportForeignSchema(ImportForeignSchemaStmt *stmt,
									 Oid server_oid);

#endif							/* SFDW_IMPORT_H */
