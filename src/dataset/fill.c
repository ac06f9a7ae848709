/*-------------------------------------------------------------------------
 * fill.c
 *		Put the gated query's rows in the place of a target's
 *
 * The INSERT is analyzed by PostgreSQL as one from the definition's view, so
 * that it coerces and checks rights as any INSERT; then the view is replaced
 * by the Query that the gate examined.  The rows are read back in a statement
 * of their own instead of through RETURNING, since only that shows what after
 * triggers did, and rows that a trigger kept from being deleted.
 *-------------------------------------------------------------------------
 */
#include "dataset/fill.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "core/errors.h"
#include "dataset/execute.h"
#include "dataset/findings.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parse_coerce.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

/* "schema"."table" */
static char *
qualified_name(Oid relation)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
									  get_rel_name(relation));
}

/* Whether a column has sources, and all of them are of one of two classes. */
static bool
is_only(SfdwGate *gate, int column, SfdwClass one, SfdwClass other)
{
	bool		found = false;
	ListCell   *cell;

	foreach(cell, gate->lineage)
	{
		SfdwLineage *lineage = lfirst(cell);

		if (!bms_is_member(column, lineage->outputs))
			continue;
		if (lineage->class != one && lineage->class != other)
			return false;
		found = true;
	}
	return found;
}

/* Compare one column of the target with the query's, and note what it is. */
static void
add_column(SfdwTargetColumns *columns, SfdwGate *gate,
		   Form_pg_attribute attribute, TargetEntry *entry, int number)
{
	char	   *name = pstrdup(NameStr(attribute->attname));

	if (entry == NULL || strcmp(entry->resname, name) != 0)
		ereport(ERROR,
				errcode(SFDW_ERRCODE_QUALITY),
				errmsg("target of data set \"%s\" has other columns than its query",
					   gate->dataset->name),
				errdetail("Column %d of the target is \"%s\".", number, name));
	columns->names = lappend(columns->names, name);
	if (exprType((Node *) entry->expr) != attribute->atttypid ||
		exprTypmod((Node *) entry->expr) != attribute->atttypmod)
		columns->changed = lappend(columns->changed, name);
	if (is_only(gate, number, SFDW_CLASS_ID, SFDW_CLASS_ID))
		columns->keys = bms_add_member(columns->keys, number);
	if (is_only(gate, number, SFDW_CLASS_BUSINESS, SFDW_CLASS_SYSTEM))
		columns->amounts = bms_add_member(columns->amounts, number);
	if (sfdw_detectors_can_redact(attribute->atttypid) &&
		sfdw_detectors_redact(gate->dataset->detectors, name,
							  gate->own_detectors))
		columns->redacted = bms_add_member(columns->redacted, number);
}

/* Column by column; the query's hidden columns (for ORDER BY) do not count. */
/*
 * Its owner can attach triggers to a table, and they run with the rights of
 * the data set's owner: so it was refused as a target when it was another's,
 * and is when it has become another's.
 */
static void
require_own(SfdwGate *gate, Relation target)
{
	if (has_privs_of_role(gate->dataset->owner, target->rd_rel->relowner))
		return;
	ereport(ERROR,
			errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			errmsg("target of data set \"%s\" belongs to another role",
				   gate->dataset->name),
			errdetail("Its triggers would run with the rights of \"%s\".",
					  gate->dataset->owner_name));
}

/* Columns are compared by place; those dropped or junk have none. */
SfdwTargetColumns *
sfdw_fill_columns(SfdwGate *gate, Oid target)
{
	SfdwTargetColumns *columns = palloc0(sizeof(SfdwTargetColumns));
	Relation	relation = table_open(target, NoLock);
	TupleDesc	desc = RelationGetDescr(relation);
	ListCell   *entry = list_head(gate->query->targetList);
	int			number = 0;
	int			i;

	require_own(gate, relation);
	columns->target = target;
	for (i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		while (entry != NULL && ((TargetEntry *) lfirst(entry))->resjunk)
			entry = lnext(gate->query->targetList, entry);
		add_column(columns, gate, TupleDescAttr(desc, i),
				   entry == NULL ? NULL : lfirst(entry), ++number);
		entry = lnext(gate->query->targetList, entry);
	}
	table_close(relation, NoLock);
	if (number != ExecCleanTargetListLength(gate->query->targetList))
		ereport(ERROR,
				errcode(SFDW_ERRCODE_QUALITY),
				errmsg("target of data set \"%s\" has fewer columns than its query",
					   gate->dataset->name));
	return columns;
}

/* "a", "b": the names as a list in SQL. */
static char *
column_list(const SfdwTargetColumns *columns)
{
	StringInfoData list;
	ListCell   *cell;

	initStringInfo(&list);
	foreach(cell, columns->names)
		appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "",
						 quote_identifier(lfirst(cell)));
	return list.data;
}

/* ARRAY[d."a", d."b"]: the columns that name a row, for redact(). */
static char *
key_array(const SfdwTargetColumns *columns)
{
	StringInfoData array;
	int			number = -1;

	initStringInfo(&array);
	while ((number = bms_next_member(columns->keys, number)) >= 0)
		appendStringInfo(&array, "%sd.%s::pg_catalog.text",
						 array.len > 0 ? ", " : "",
						 quote_identifier(list_nth(columns->names, number - 1)));
	return psprintf("ARRAY[%s]::pg_catalog.text[]", array.data);
}

/* The INSERT as text, from the view. */
static char *
insert_text(const SfdwTargetColumns *columns, Oid view)
{
	StringInfoData text;
	char	   *keys = key_array(columns);
	int			number = 0;
	ListCell   *cell;

	initStringInfo(&text);
	appendStringInfo(&text, "INSERT INTO %s (%s) SELECT ",
					 qualified_name(columns->target), column_list(columns));
	foreach(cell, columns->names)
	{
		const char *name = lfirst(cell);

		appendStringInfoString(&text, number++ > 0 ? ", " : "");
		if (bms_is_member(number, columns->redacted))
			appendStringInfo(&text,
							 "salesforce_fdw.redact(d.%s::pg_catalog.text, %s, %s)",
							 quote_identifier(name), quote_literal_cstr(name),
							 keys);
		else
			appendStringInfo(&text, "d.%s", quote_identifier(name));
	}
	appendStringInfo(&text, " FROM %s d", qualified_name(view));
	return text.data;
}

/* Put the gate's query where the analyzed INSERT names the view. */
static void
replace_view(Query *insert, Oid view, Query *query)
{
	ListCell   *outer;
	ListCell   *inner;
	int			replaced = 0;

	foreach(outer, insert->rtable)
	{
		RangeTblEntry *select = lfirst(outer);

		if (select->rtekind != RTE_SUBQUERY)
			continue;
		foreach(inner, select->subquery->rtable)
		{
			RangeTblEntry *entry = lfirst(inner);

			if (entry->rtekind != RTE_RELATION || entry->relid != view)
				continue;
			entry->rtekind = RTE_SUBQUERY;
			entry->subquery = copyObject(query);
			entry->security_barrier = false;
			sfdw_forget_view(entry);
			replaced++;
		}
	}
	if (replaced != 1)
		elog(ERROR, "definition's view stands %d times in the statement",
			 replaced);
}

/* Analyze, rewrite and plan the INSERT. */
static PlannedStmt *
plan_insert(SfdwGate *gate, const char *text, Oid view)
{
	List	   *parsed = pg_parse_query(text);
	Query	   *query = parse_analyze_fixedparams(linitial_node(RawStmt, parsed),
												  text, NULL, 0, NULL);
	List	   *rewritten;

	replace_view(query, view, gate->query);
	rewritten = pg_rewrite_query(query);
	if (list_length(rewritten) != 1 ||
		linitial_node(Query, rewritten)->commandType != CMD_INSERT)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("cannot materialize data set \"%s\": its target has rules",
					   gate->dataset->name));
	return pg_plan_query(linitial_node(Query, rewritten), text,
						 CURSOR_OPT_PARALLEL_OK, NULL);
}

/* PostgreSQL's own error names the table alone, and one about policies is withheld. */
void
sfdw_fill_require_rights(Oid target)
{
	static const struct
	{
		AclMode		mode;
		const char *name;
	}			rights[] = {
		{ACL_SELECT, "SELECT"}, {ACL_INSERT, "INSERT"}, {ACL_DELETE, "DELETE"}
	};
	Oid			user = GetUserId();

	for (size_t i = 0; i < lengthof(rights); i++)
	{
		if (pg_class_aclcheck(target, user, rights[i].mode) == ACLCHECK_OK ||
			pg_attribute_aclcheck_all(target, user, rights[i].mode,
									  ACLMASK_ALL) == ACLCHECK_OK)
			continue;
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("permission denied for table %s", qualified_name(target)),
				errdetail("Role \"%s\" does not have the %s privilege on it.",
						  GetUserNameFromId(user, false), rights[i].name));
	}
	if (check_enable_rls(target, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("permission denied for table %s", qualified_name(target)),
				errdetail("Its row-level security applies to role \"%s\", from whom it would hide rows.",
						  GetUserNameFromId(user, false)),
				errhint("Use ALTER TABLE ... NO FORCE ROW LEVEL SECURITY, or a role with BYPASSRLS."));
}

/*
 * Deferred constraints are checked at the end, as by SET CONSTRAINTS ALL
 * IMMEDIATE: at commit nobody would withhold what they say.
 */
void
sfdw_fill_replace(SfdwGate *gate, const SfdwTargetColumns *columns)
{
	Oid			view = sfdw_dataset_view(gate->dataset, AccessShareLock);
	char	   *text = insert_text(columns, view);
	ConstraintsSetStmt *all = makeNode(ConstraintsSetStmt);
	PlannedStmt *plan;

	sfdw_execute_text(psprintf("DELETE FROM ONLY %s",
							   qualified_name(columns->target)),
					  None_Receiver);
	plan = plan_insert(gate, text, view);
	sfdw_gate_require_plan(gate, plan, columns->target);
	sfdw_execute_plan(plan, text, None_Receiver);
	all->deferred = false;
	AfterTriggerSetState(all);
	if (AfterTriggerPendingOnRel(columns->target))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("cannot materialize data set \"%s\": a trigger of its target deferred another",
					   gate->dataset->name));
}

/* In the order of the target, which is that of the export too. */
void
sfdw_fill_read(const SfdwTargetColumns *columns, DestReceiver *receiver)
{
	sfdw_execute_text(psprintf("SELECT %s FROM ONLY %s", column_list(columns),
							   qualified_name(columns->target)),
					  receiver);
}
