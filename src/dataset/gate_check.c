/*-------------------------------------------------------------------------
 * gate_check.c
 *		The same gate for the queries of checks
 *
 * A check gives one count, so nothing of the data can leave by it; what it
 * looks at is judged all the same.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate.h"

#include "catalog/pg_type.h"
#include "core/errors.h"
#include "dataset/acceptance.h"
#include "dataset/gate_classes.h"
#include "dataset/gate_columns.h"
#include "dataset/gate_objects.h"
#include "dataset/gate_rewrite.h"
#include "dataset/gate_shape.h"
#include "dataset/owner.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "utils/guc.h"

/* Raise an error about a check that is not one. */
static void
refuse_check(const char *name)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("the query of check \"%s\" must be one SELECT of one count",
				   name));
}

/* Analyze the text by names in pg_catalog alone, whoever runs it. */
static Query *
analyze_check(const char *name, const char *text)
{
	List	   *statements = raw_parser(text, RAW_PARSE_DEFAULT);
	int			level = sfdw_owner_plain_search_path();
	Query	   *query;

	if (list_length(statements) != 1 ||
		!IsA(linitial_node(RawStmt, statements)->stmt, SelectStmt))
		refuse_check(name);
	query = parse_analyze_fixedparams(linitial(statements), text, NULL, 0, NULL);
	AtEOXact_GUC(true, level);
	return query;
}

/* Whether the query gives one bigint, made of counts. */
static bool
is_one_count(Query *query)
{
	TargetEntry *entry;

	if (query->commandType != CMD_SELECT || !query->hasAggs ||
		list_length(query->targetList) != 1)
		return false;
	entry = linitial(query->targetList);
	return exprType((Node *) entry->expr) == INT8OID;
}

/*
 * The columns of foreign tables, judged; an error when one may not be looked
 * at.
 */
static List *
judge_columns(SfdwGate *gate, const char *name, Query *query, Oid target)
{
	List	   *accepted = sfdw_acceptance_fields(gate->dataset->name,
											  gate->policy_hash);
	List	   *judged = NIL;
	ListCell   *cell;

	foreach(cell, sfdw_gate_find_columns(query))
	{
		SfdwLineage *entry = lfirst(cell);

		if (entry->relid == target)
			continue;
		sfdw_gate_describe(entry, gate->dataset, gate->listed);
		sfdw_gate_judge_column(entry, gate->dataset, accepted);
		if (entry->verdict == SFDW_REFUSED)
			ereport(ERROR,
					errcode(SFDW_ERRCODE_POLICY),
					errmsg("check \"%s\" is refused: column %s.%s (%s, class %s)",
						   name, entry->relation, entry->column_name,
						   sfdw_gate_field_name(entry),
						   sfdw_class_name(entry->class)),
					errdetail("The reason is: %s.", entry->reason));
		judged = lappend(judged, entry);
	}
	return judged;
}

/* The target's columns went through the gate when they were filled. */
SfdwGateCheck *
sfdw_gate_examine_check(SfdwGate *gate, const char *name, const char *query)
{
	SfdwGateCheck *result = palloc0(sizeof(SfdwGateCheck));
	SfdwListed	listed = *gate->listed;
	Query	   *check;

	listed.table = sfdw_dataset_target(gate->dataset, AccessShareLock);
	check = sfdw_gate_rewrite(gate->dataset, analyze_check(name, query));
	sfdw_gate_check_relations(&listed, check, &result->objects);
	sfdw_gate_check_shape(&listed, check);
	if (!is_one_count(check))
		refuse_check(name);
	result->query = check;
	result->lineage = judge_columns(gate, name, check, listed.table);
	return result;
}
