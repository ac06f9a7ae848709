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
#include "foreign/fdwapi.h"
#include "storage/storage.h"

/* One object that is to become a foreign table. */
typedef struct SfdwImport
{
	SfdwStorage *storage;
	SfdwVersion *version;		/* whose first records are looked at */
	const SfdwDialect *dialect; /* NULL: find it out */
	char	   *object;			/* API name, in the file's spelling */
	char	   *table_name;
	const char *server_name;
} SfdwImport;

/* The remote schema that every location has. */
#define SFDW_IMPORT_SCHEMA "salesforce"

/*
 * The CREATE FOREIGN TABLE statement for an object.  NULL with a status when
 * its first records cannot be read; an error when its header cannot become
 * columns.
 */
extern char *sfdw_import_table(const SfdwImport *import, SfdwStatus *status);

/* Callback of the FdwRoutine. */
extern List *sfdwImportForeignSchema(ImportForeignSchemaStmt *stmt,
									 Oid server_oid);

#endif							/* SFDW_IMPORT_H */
