/*-------------------------------------------------------------------------
 * table.h
 *		What the options of a foreign table and of its columns say
 *
 * Reads the catalogs only: no storage is opened, no right is checked.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_TABLE_H
#define SFDW_TABLE_H

#include "core/compat.h"

#include "access/attnum.h"
#include "export/dialect.h"
#include "nodes/pg_list.h"

/* Where the value of a column comes from. */
typedef enum SfdwColumnSource
{
	SFDW_FROM_FIELD,			/* a field of the file, bound by name */
	SFDW_FROM_FILE,				/* the URL of the object */
	SFDW_FROM_VERSION,			/* its version id */
	SFDW_FROM_LAST_MODIFIED,	/* when that version was written */
	SFDW_FROM_RECORD			/* the number of the record, 1 = the first */
} SfdwColumnSource;

/* How the file of a table is to be read. */
typedef struct SfdwFormat
{
	SfdwDialect dialect;		/* with what the table's options change of it */
	List	   *null_strings;	/* String: texts that stand for NULL */
	List	   *null_ids;		/* String: ids that stand for none */
	size_t		max_record_size;
	SfdwTextForm text;			/* how the file is stored */
} SfdwFormat;

/* Whether a relation is a foreign table of this extension. */
extern bool sfdw_table_is_ours(Oid relid);

/* Its option "object", or NULL. */
extern char *sfdw_table_object(Oid relid);

/*
 * The key of the object that it reads, below the server's location: its option
 * "path", or the file name that its dialect and its option "compression" give to
 * the option "object", in that option's own spelling.
 */
extern char *sfdw_table_key(Oid relid);

/*
 * Its URL, as the server's location is written; NULL while the dialect that
 * gives it a name is left open: such a table cannot be read.
 */
extern char *sfdw_table_url(Oid relid);

/*
 * How its file is to be read; an error when neither the table nor its server
 * says the dialect.
 */
extern SfdwFormat *sfdw_table_format(Oid relid);

/* The field that a column is bound to: its option "field", else its name. */
extern char *sfdw_table_field(Oid relid, AttrNumber attnum);

/* The column's option "class", or NULL when it has none. */
extern char *sfdw_table_class(Oid relid, AttrNumber attnum);

/* The column's option "source". */
extern SfdwColumnSource sfdw_table_source(Oid relid, AttrNumber attnum);

#endif							/* SFDW_TABLE_H */
