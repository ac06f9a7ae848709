/*-------------------------------------------------------------------------
 * reference_read.c
 *		Read text columns of a table that somebody keeps for a data set
 *
 * Knows relations and cursors, and not what the rows are for.
 *-------------------------------------------------------------------------
 */
#include "dataset/reference_read.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

/* Rows that are fetched at a time. */
#define BATCH 1000

/* "schema"."table", for people and for statements. */
static char *
name_of(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

/* Raise an error about a relation that cannot be read so. */
static void
refuse(Oid relid, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_WRONG_OBJECT_TYPE),
			errmsg("cannot use %s as a list of values", name_of(relid)),
			errdetail("%s", why));
}

/* PostgreSQL's own types of text, since making text of others calls functions. */
static bool
is_text(Oid type)
{
	Oid			base = getBaseType(type);

	return base == TEXTOID || base == VARCHAROID || base == BPCHAROID ||
		base == NAMEOID;
}

/* One column exists, is text, and may be read. */
static void
require_column(Oid relid, const char *column)
{
	AttrNumber	attnum = get_attnum(relid, column);

	if (attnum <= 0)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("table %s has no column \"%s\"", name_of(relid), column));
	if (!is_text(get_atttype(relid, attnum)))
		ereport(ERROR,
				errcode(ERRCODE_DATATYPE_MISMATCH),
				errmsg("column \"%s\" of table %s must be of type text", column,
					   name_of(relid)));
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck(relid, attnum, GetUserId(),
							  ACL_SELECT) != ACLCHECK_OK)
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("permission denied for column \"%s\" of table %s",
					   column, name_of(relid)));
}

/* Children would be read with it, and policies would hide rows. */
void
sfdw_reference_require(Oid relid, List *columns)
{
	Relation	relation = table_open(relid, AccessShareLock);
	char		relkind = relation->rd_rel->relkind;
	ListCell   *cell;

	table_close(relation, NoLock);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_MATVIEW)
		refuse(relid, "It must be a table or a materialized view.");
	if (find_inheritance_children(relid, NoLock) != NIL)
		refuse(relid, "Other tables inherit from it.");
	foreach(cell, columns)
		require_column(relid, lfirst(cell));
	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		refuse(relid, "Its row-level security would hide rows.");
}

/* SELECT of the columns; no operator in it but PostgreSQL's own. */
static char *
statement(Oid relid, List *columns, bool ordered)
{
	StringInfoData list;
	StringInfoData filter;
	StringInfoData order;
	ListCell   *cell;

	initStringInfo(&list);
	initStringInfo(&filter);
	initStringInfo(&order);
	foreach(cell, columns)
	{
		const char *name = quote_identifier(lfirst(cell));
		bool		is_first = foreach_current_index(cell) == 0;

		appendStringInfo(&list, "%s%s::pg_catalog.text", is_first ? "" : ", ",
						 name);
		appendStringInfo(&filter, " %s %s IS NOT NULL",
						 is_first ? "WHERE" : "AND", name);
		appendStringInfo(&order, "%s %s::pg_catalog.text COLLATE pg_catalog.\"C\"",
						 is_first ? " ORDER BY" : ",", name);
	}
	return psprintf("SELECT %s FROM ONLY %s%s%s", list.data, name_of(relid),
					filter.data, ordered ? order.data : "");
}

/* Hand one row over. */
static void
take_row(HeapTuple tuple, TupleDesc desc,
		 void (*take) (void *context, char **values), void *context)
{
	char	  **values = palloc(desc->natts * sizeof(char *));

	for (int i = 0; i < desc->natts; i++)
		values[i] = SPI_getvalue(tuple, desc, i + 1);
	take(context, values);
	for (int i = 0; i < desc->natts; i++)
		pfree(values[i]);
	pfree(values);
}

/* A cursor, so that memory is for the caller to bound. */
void
sfdw_reference_read(Oid relid, List *columns, bool ordered,
					void (*take) (void *context, char **values), void *context)
{
	char	   *query = statement(relid, columns, ordered);
	Portal		portal;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	portal = SPI_cursor_open_with_args(NULL, query, 0, NULL, NULL, NULL, true, 0);
	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, BATCH);
		for (uint64 i = 0; i < SPI_processed; i++)
			take_row(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, take, context);
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed == BATCH);
	SPI_cursor_close(portal);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
}
