/*-------------------------------------------------------------------------
 * definition_objects.c
 *		The view and the table of a data set, and shipped definitions
 *
 * Writes SQL with every name quoted and qualified.  Knows the table
 * salesforce_fdw.shipped_definition, and nothing that stands in it.
 *-------------------------------------------------------------------------
 */
#include "dataset/definition_objects.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "dataset/json_object.h"
#include "dataset/owner.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/varlena.h"

#define OUR_SCHEMA "salesforce_fdw"

/*
 * {source} and {target} are the only placeholders; inside jsonb they are
 * written as JSON strings are, without the quotes around them.  Checks of a shipped definition stay beside those of a user.
 */
#define SELECT_SHIPPED \
	"SELECT replace(replace(query, '{source}', $2), '{target}', $3)," \
	" table_comment, column_comments, sorted_by," \
	" filled.gates || $4 || jsonb_build_object('checks'," \
	"  CASE WHEN $5 THEN given.checks || own.checks" \
	"  ELSE own.checks || given.checks END)" \
	" FROM salesforce_fdw.shipped_definition AS s," \
	" LATERAL (SELECT replace(replace(s.gates::text," \
	"   '{source}', substr(to_json($2)::text, 2, length(to_json($2)::text) - 2))," \
	"   '{target}', substr(to_json($3)::text, 2, length(to_json($3)::text) - 2)" \
	"   )::jsonb) AS filled (gates)," \
	" LATERAL (SELECT coalesce(filled.gates -> 'checks', '{}')) AS own (checks)," \
	" (SELECT coalesce($4 -> 'checks', '{}')) AS given (checks)" \
	" WHERE s.name = $1"

/* Run a statement as the caller. */
static void
execute_as_caller(const char *statement)
{
	int			result;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	result = SPI_execute(statement, false, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
	(void) SPI_finish();
}

/* The same list in the current context, from a text[]. */
static List *
text_list(ArrayType *array)
{
	List	   *list = NIL;
	Datum	   *values;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, NULL,
					  &count);
	for (int i = 0; i < count; i++)
		list = lappend(list, TextDatumGetCString(values[i]));
	return list;
}

/* A column of the one row that SPI gave, copied into the current context. */
static void *
varlena_column(int column)
{
	bool		is_null;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0],
									  SPI_tuptable->tupdesc, column, &is_null);

	return is_null ? NULL : PG_DETOAST_DATUM_COPY(value);
}

/* The row of SELECT_SHIPPED, in the current context. */
static SfdwShipped *
read_shipped(void)
{
	SfdwShipped *shipped = palloc(sizeof(SfdwShipped));

	shipped->query = text_to_cstring(varlena_column(1));
	shipped->table_comment = text_to_cstring(varlena_column(2));
	shipped->column_comments = varlena_column(3);
	shipped->sorted_by = text_list(varlena_column(4));
	shipped->gates = varlena_column(5);
	return shipped;
}

/* Templates are filled in by SQL, which knows how to quote. */
SfdwShipped *
sfdw_dataset_shipped(SfdwDataset *dataset, const char *source_schema,
					 bool renew)
{
	char	   *target = quote_qualified_identifier(dataset->target_schema,
													dataset->target_name);
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, JSONBOID, BOOLOID};
	Datum		values[] = {
		CStringGetTextDatum(dataset->name),
		CStringGetTextDatum(quote_identifier(source_schema)),
		CStringGetTextDatum(target), JsonbPGetDatum(dataset->gates),
		BoolGetDatum(renew)
	};
	SfdwShipped *shipped = NULL;
	SfdwOwnerScope scope;

	sfdw_owner_enter(&scope);
	if (sfdw_owner_execute(SELECT_SHIPPED, lengthof(types), types, values,
						   NULL) == 1)
	{
		MemoryContext old = MemoryContextSwitchTo(scope.caller_context);

		shipped = read_shipped();
		MemoryContextSwitchTo(old);
	}
	sfdw_owner_leave(&scope);
	return shipped;
}

/* The schema into which an unqualified name goes. */
static char *
current_schema_name(void)
{
	List	   *path = fetch_search_path(false);

	if (path == NIL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_SCHEMA),
				errmsg("no schema has been selected to create in"));
	return get_namespace_name(linitial_oid(path));
}

/* Schemas whose tables do not live as long as a data set, or are not users'. */
static void
check_target_schema(const char *schema)
{
	Oid			namespace = get_namespace_oid(schema, false);

	if (isAnyTempNamespace(namespace) || strcmp(schema, OUR_SCHEMA) == 0 ||
		strcmp(schema, "pg_catalog") == 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("the target of a data set cannot be in schema \"%s\"",
					   schema));
}

/* The view's name must not be cut, or it would be another's. */
void
sfdw_dataset_resolve_target(SfdwDataset *dataset, const char *target)
{
	RangeVar   *range;

	if (target == NULL)
		range = makeRangeVar(NULL, dataset->name, -1);
	else
		range = makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(target)));
	if (range->catalogname != NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("invalid value for parameter \"%s\": \"%s\"", "target",
					   target));
	dataset->target_schema = range->schemaname != NULL
		? range->schemaname : current_schema_name();
	dataset->target_name = range->relname;
	check_target_schema(dataset->target_schema);
	if (strlen(sfdw_dataset_view_name(dataset)) >= NAMEDATALEN)
		ereport(ERROR,
				errcode(ERRCODE_NAME_TOO_LONG),
				errmsg("the name of the target is too long"),
				errdetail("With \"%s\" it must have less than %d bytes.",
						  SFDW_DEFINITION_SUFFIX, NAMEDATALEN));
}

/* One SELECT, so that what stands behind AS cannot be anything else. */
static void
check_is_select(const char *query)
{
	List	   *statements = raw_parser(query, RAW_PARSE_DEFAULT);
	RawStmt    *statement = statements == NIL ? NULL : linitial(statements);

	if (list_length(statements) == 1 && IsA(statement->stmt, SelectStmt) &&
		((SelectStmt *) statement->stmt)->intoClause == NULL)
		return;
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("the query of a data set must be one SELECT"));
}

/* The view's qualified name, quoted. */
static char *
quoted_view(SfdwDataset *dataset)
{
	return quote_qualified_identifier(dataset->target_schema,
									  sfdw_dataset_view_name(dataset));
}

/* The caller owns it, and its rights are checked for whoever reads it. */
void
sfdw_dataset_create_view(SfdwDataset *dataset, bool only_catalog)
{
	int			level = NewGUCNestLevel();

	check_is_select(dataset->query);
	if (only_catalog)
		(void) sfdw_owner_plain_search_path();
	execute_as_caller(psprintf("CREATE VIEW %s WITH (security_invoker = true) AS %s",
							   quoted_view(dataset), dataset->query));
	AtEOXact_GUC(true, level);
	execute_as_caller(psprintf("COMMENT ON VIEW %s IS %s", quoted_view(dataset),
							   quote_literal_cstr(psprintf("definition of data set %s",
														   dataset->name))));
}

/* Somebody may have dropped it already. */
void
sfdw_dataset_drop_view(SfdwDataset *dataset)
{
	RangeVar   *range = makeRangeVar(dataset->target_schema,
									 sfdw_dataset_view_name(dataset), -1);
	Oid			relid = RangeVarGetRelid(range, NoLock, true);

	if (OidIsValid(relid) && get_rel_relkind(relid) == RELKIND_VIEW)
		execute_as_caller(psprintf("DROP VIEW %s", quoted_view(dataset)));
}

/* One column of CREATE TABLE. */
static void
append_column(StringInfo statement, Form_pg_attribute column)
{
	bits16		flags = FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY;

	appendStringInfo(statement, "%s%s %s", column->attnum > 1 ? ", " : "",
					 quote_identifier(NameStr(column->attname)),
					 format_type_extended(column->atttypid, column->atttypmod,
										  flags));
	if (OidIsValid(column->attcollation) &&
		column->attcollation != DEFAULT_COLLATION_OID)
		appendStringInfo(statement, " COLLATE pg_catalog.%s",
						 quote_identifier(get_collation_name(column->attcollation)));
}

/* Comments are set once: what a steward says later with COMMENT ON counts. */
static void
set_comments(const char *target, SfdwShipped *shipped)
{
	ListCell   *cell;

	execute_as_caller(psprintf("COMMENT ON TABLE %s IS %s", target,
							   quote_literal_cstr(shipped->table_comment)));
	foreach(cell, sfdw_json_pairs(&shipped->column_comments->root,
								  "column_comments"))
	{
		SfdwJsonPair *pair = lfirst(cell);
		char	   *comment = sfdw_json_string(&pair->value);

		execute_as_caller(psprintf("COMMENT ON COLUMN %s.%s IS %s", target,
								   quote_identifier(pair->key),
								   quote_literal_cstr(comment)));
	}
}

/* Make the table out of the view's columns. */
static void
make_target(const char *target, Relation view, SfdwShipped *shipped)
{
	TupleDesc	desc = RelationGetDescr(view);
	StringInfoData statement;

	initStringInfo(&statement);
	appendStringInfo(&statement, "CREATE TABLE %s (", target);
	for (int i = 0; i < desc->natts; i++)
		append_column(&statement, TupleDescAttr(desc, i));
	appendStringInfoChar(&statement, ')');
	execute_as_caller(statement.data);
	if (shipped != NULL)
		set_comments(target, shipped);
}

/* The next column from *position on that was not dropped, or NULL. */
static Form_pg_attribute
next_column(TupleDesc desc, int *position)
{
	while (*position < desc->natts)
	{
		Form_pg_attribute column = TupleDescAttr(desc, (*position)++);

		if (!column->attisdropped)
			return column;
	}
	return NULL;
}

/* Whether two relations have the same columns in the same order. */
static bool
has_equal_columns(TupleDesc left, TupleDesc right)
{
	int			left_position = 0;
	int			right_position = 0;

	for (;;)
	{
		Form_pg_attribute a = next_column(left, &left_position);
		Form_pg_attribute b = next_column(right, &right_position);

		if (a == NULL || b == NULL)
			return a == b;
		if (strcmp(NameStr(a->attname), NameStr(b->attname)) != 0 ||
			a->atttypid != b->atttypid || a->atttypmod != b->atttypmod)
			return false;
	}
}

/* A table that exists is refused unless it could have been made here. */
static void
check_target(const char *target, Oid relid, Relation view)
{
	Relation	table = relation_open(relid, AccessShareLock);
	const char *why = NULL;

	if (table->rd_rel->relkind != RELKIND_RELATION)
		why = "It is not a plain table.";
	else if (!has_privs_of_role(GetUserId(), table->rd_rel->relowner))
		why = "It belongs to another role.";
	else if (!has_equal_columns(RelationGetDescr(table), RelationGetDescr(view)))
		why = "It has other columns than the query.";
	if (why != NULL)
		ereport(ERROR,
				errcode(ERRCODE_DUPLICATE_TABLE),
				errmsg("relation %s exists and cannot be the target", target),
				errdetail("%s", why));
	relation_close(table, NoLock);
}

/* The view tells the columns, so it has been made before. */
void
sfdw_dataset_create_target(SfdwDataset *dataset, Oid view, SfdwShipped *shipped)
{
	char	   *target = quote_qualified_identifier(dataset->target_schema,
													dataset->target_name);
	RangeVar   *range = makeRangeVar(dataset->target_schema,
									 dataset->target_name, -1);
	Oid			relid = RangeVarGetRelid(range, NoLock, true);
	Relation	relation = relation_open(view, AccessShareLock);

	if (OidIsValid(relid))
		check_target(target, relid, relation);
	else
		make_target(target, relation, shipped);
	relation_close(relation, NoLock);
}
