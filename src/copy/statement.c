/*-------------------------------------------------------------------------
 * statement.c
 *		Plan and run what a COPY statement, or copy_to(), exports
 *
 * A relation becomes SELECT columns FROM ONLY relation, so that one path gives
 * it privileges on columns and row security exactly as a query gets them.
 *-------------------------------------------------------------------------
 */
#include "copy/statement.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "commands/copy.h"
#include "commands/progress.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "pgstat.h"
#include "tcop/tcopprot.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "copy/target.h"

/* What kinds of relations are called that COPY does not read. */
static const struct
{
	char		relkind;
	const char *name;
	bool		can_be_queried;
}			refused_kinds[] =
{
	{RELKIND_VIEW, "view", true},
	{RELKIND_MATVIEW, "materialized view", true},
	{RELKIND_FOREIGN_TABLE, "foreign table", true},
	{RELKIND_PARTITIONED_TABLE, "partitioned table", true},
	{RELKIND_SEQUENCE, "sequence", false},
};

/* Raise an error for what COPY can write as text but not as Parquet. */
static void
check_supported(const CopyStmt *statement)
{
	if (statement->is_from)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("COPY FROM is not supported with format parquet"));
	if (statement->is_program)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("COPY TO PROGRAM is not supported with format parquet"));
	if (statement->filename == NULL)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("COPY TO STDOUT is not supported with format parquet"),
				errhint("Name an s3:// or file:// URL, or an absolute path on the server."));
}

/* Raise an error unless COPY reads relations of this kind. */
static void
check_relkind(Relation rel)
{
	char		relkind = rel->rd_rel->relkind;

	if (relkind == RELKIND_RELATION || sfdw_copies_relkind(relkind))
		return;
	for (size_t i = 0; i < lengthof(refused_kinds); i++)
	{
		if (refused_kinds[i].relkind == relkind)
			ereport(ERROR,
					errcode(ERRCODE_WRONG_OBJECT_TYPE),
					errmsg("cannot copy from %s \"%s\"", refused_kinds[i].name,
						   RelationGetRelationName(rel)),
					refused_kinds[i].can_be_queried ?
					errhint("Try the COPY (SELECT ...) TO variant.") : 0);
	}
	ereport(ERROR,
			errcode(ERRCODE_WRONG_OBJECT_TYPE),
			errmsg("cannot copy from non-table relation \"%s\"",
				   RelationGetRelationName(rel)));
}

/* The columns of a relation that COPY writes, as a target list. */
static List *
select_columns(Relation rel, List *names)
{
	List	   *targets = NIL;
	List	   *attnums = CopyGetAttnums(RelationGetDescr(rel), rel, names);
	ListCell   *cell;

	foreach(cell, attnums)
	{
		Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel),
													lfirst_int(cell) - 1);
		ColumnRef  *column = makeNode(ColumnRef);
		ResTarget  *target = makeNode(ResTarget);

		column->fields = list_make1(makeString(pstrdup(NameStr(attribute->attname))));
		column->location = -1;
		target->val = (Node *) column;
		target->location = -1;
		targets = lappend(targets, target);
	}
	return targets;
}

/* SELECT columns FROM ONLY relation, which stays locked. */
static Node *
select_from_relation(const CopyStmt *statement, Oid *relid)
{
	Relation	rel = table_openrv(statement->relation, AccessShareLock);
	SelectStmt *select = makeNode(SelectStmt);
	RangeVar   *from;

	check_relkind(rel);
	*relid = RelationGetRelid(rel);
	from = makeRangeVar(get_namespace_name(RelationGetNamespace(rel)),
						pstrdup(RelationGetRelationName(rel)), -1);
	from->inh = false;
	select->targetList = select_columns(rel, statement->attlist);
	select->fromClause = list_make1(from);
	table_close(rel, NoLock);
	return (Node *) select;
}

/* Raise the error for rules that turn a query into none or into many. */
static void
reject_rules(List *rewritten)
{
	ListCell   *cell;

	if (rewritten == NIL)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("DO INSTEAD NOTHING rules are not supported for COPY"));
	foreach(cell, rewritten)
	{
		QuerySource source = lfirst_node(Query, cell)->querySource;

		if (source == QSRC_QUAL_INSTEAD_RULE)
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("conditional DO INSTEAD rules are not supported for COPY"));
		if (source == QSRC_NON_INSTEAD_RULE)
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("DO ALSO rules are not supported for COPY"));
	}
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("multi-statement DO INSTEAD rules are not supported for COPY"));
}

/* Plan a raw query as COPY (query) TO does. */
PlannedStmt *
sfdw_copy_plan(RawStmt *raw, const char *source_text, Oid relid)
{
	List	   *rewritten = pg_analyze_and_rewrite_fixedparams(raw, source_text,
															   NULL, 0, NULL);
	Query	   *query;
	PlannedStmt *plan;

	if (list_length(rewritten) != 1)
		reject_rules(rewritten);
	query = linitial_node(Query, rewritten);
	if (query->utilityStmt != NULL)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("COPY (SELECT INTO) is not supported"));
	if (query->commandType != CMD_SELECT && query->returningList == NIL)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("COPY query must have a RETURNING clause"));
	plan = pg_plan_query(query, source_text, CURSOR_OPT_PARALLEL_OK, NULL);

	/* The name was looked up again: it must still mean what was locked. */
	if (OidIsValid(relid) && !list_member_oid(plan->relationOids, relid))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("relation referenced by COPY statement has changed"));
	return plan;
}

/* Run the plan of a statement, and show how far it has come. */
static uint64
run_with_progress(PlannedStmt *plan, const char *source_text, Oid relid,
				  SfdwCopyTarget *target)
{
	static const int params[] = {PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE};
	static const int64 values[] = {PROGRESS_COPY_COMMAND_TO,
	PROGRESS_COPY_TYPE_FILE};
	SfdwCopyResult result;

	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, relid);
	pgstat_progress_update_multi_param(lengthof(params), params, values);
	target->reports_progress = true;
	sfdw_copy_run_plan(plan, source_text, target, &result);
	pgstat_progress_end_command();
	return (uint64) result.summary.rows;
}

/* Carry out a COPY statement. */
uint64
sfdw_copy_statement_run(CopyStmt *statement, const char *source_text,
						int location, int length)
{
	RawStmt    *raw = makeNode(RawStmt);
	Oid			relid = InvalidOid;
	SfdwCopyTarget target;

	check_supported(statement);
	sfdw_copy_target_open(statement->filename, statement->options, GetUserId(),
						  &target);
	raw->stmt = statement->relation == NULL ? statement->query :
		select_from_relation(statement, &relid);
	raw->stmt_location = location;
	raw->stmt_len = length;
	return run_with_progress(sfdw_copy_plan(raw, source_text, relid),
							 source_text, relid, &target);
}
