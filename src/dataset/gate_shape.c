/*-------------------------------------------------------------------------
 * gate_shape.c
 *		The gate's first net: the shape of a query
 *
 * A closed list: a clause, a kind of range-table entry or a kind of node that
 * does not stand here refuses, also one that only a later PostgreSQL has.
 * Knows nothing of columns and classes.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_shape.h"

#include "catalog/pg_aggregate.h"
#include "dataset/gate_functions.h"
#include "dataset/gate_refuse.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/fmgroids.h"

#define WHY_SHAPE "A data set is one plain SELECT over foreign tables, with joins, WHERE and ORDER BY."
#define WHY_WHOLE "Each column must be named."

/* What the walk over expressions needs to know. */
typedef struct Walk
{
	Query	   *query;
	SfdwQueryShape shape;
} Walk;

/* What a clause is called, and where a Query keeps it (a pointer: NULL passes). */
static const struct
{
	const char *name;
	size_t		offset;
}			clauses[] =
{
	{"WITH", offsetof(Query, cteList)},
	{"GROUP BY", offsetof(Query, groupClause)},
	{"GROUPING SETS", offsetof(Query, groupingSets)},
	{"HAVING", offsetof(Query, havingQual)},
	{"WINDOW", offsetof(Query, windowClause)},
	{"DISTINCT", offsetof(Query, distinctClause)},
	{"OFFSET", offsetof(Query, limitOffset)},
	{"LIMIT", offsetof(Query, limitCount)},
	{"FOR UPDATE or FOR SHARE", offsetof(Query, rowMarks)},
	{"UNION, INTERSECT or EXCEPT", offsetof(Query, setOperations)},
	{"a utility statement", offsetof(Query, utilityStmt)},
	{"ON CONFLICT", offsetof(Query, onConflict)},
	{"RETURNING", offsetof(Query, returningList)},
	{"WITH CHECK OPTION", offsetof(Query, withCheckOptions)},
	{"MERGE", offsetof(Query, mergeActionList)},
	{"a constraint's dependency", offsetof(Query, constraintDeps)},
};

/* Flags that the parser sets, and what each means. */
static const struct
{
	const char *name;
	size_t		offset;
}			flags[] =
{
	{"an aggregate function", offsetof(Query, hasAggs)},
	{"a window function", offsetof(Query, hasWindowFuncs)},
	{"a function that returns a set", offsetof(Query, hasTargetSRFs)},
	{"a subquery in an expression", offsetof(Query, hasSubLinks)},
	{"DISTINCT ON", offsetof(Query, hasDistinctOn)},
	{"WITH RECURSIVE", offsetof(Query, hasRecursive)},
	{"a data-modifying WITH", offsetof(Query, hasModifyingCTE)},
	{"FOR UPDATE or FOR SHARE", offsetof(Query, hasForUpdate)},
	{"row-level security", offsetof(Query, hasRowSecurity)},
};

/* Kinds of range-table entries for people; relations and joins pass. */
static const struct
{
	RTEKind		kind;
	const char *name;
}			entry_kinds[] =
{
	{RTE_SUBQUERY, "a subquery in FROM"},
	{RTE_TABLEFUNC, "XMLTABLE or JSON_TABLE"},
	{RTE_VALUES, "VALUES"},
	{RTE_CTE, "WITH"},
	{RTE_NAMEDTUPLESTORE, "a transition table"},
	{RTE_RESULT, "an empty FROM"},
};

/* Refuse what is not part of a plain SELECT. */
static void
check_clauses(Query *query)
{
	const char *base = (const char *) query;

	if (query->commandType != CMD_SELECT || query->resultRelation != 0)
		sfdw_gate_refuse("a statement that changes data", WHY_SHAPE);
	for (int i = 0; i < (int) lengthof(clauses); i++)
		if (*(void *const *) (base + clauses[i].offset) != NULL)
			sfdw_gate_refuse(clauses[i].name, WHY_SHAPE);
}

/*
 * The second look: whatever the parser saw, wherever it stands.  Aggregates of
 * a query that gives counts were looked at one by one.
 */
static void
check_flags(Walk *walk)
{
	for (int i = 0; i < (int) lengthof(flags); i++)
	{
		if (walk->shape == SFDW_SHAPE_COUNT &&
			flags[i].offset == offsetof(Query, hasAggs))
			continue;
		if (*(const bool *) ((const char *) walk->query + flags[i].offset))
			sfdw_gate_refuse(flags[i].name, WHY_SHAPE);
	}
}

/* Refuse a function in FROM by its name, where it has one. */
static void
refuse_range_function(RangeTblEntry *entry)
{
	RangeTblFunction *function = linitial(entry->functions);

	if (IsA(function->funcexpr, FuncExpr))
		sfdw_gate_check_call((FuncExpr *) function->funcexpr);
	sfdw_gate_refuse("a function in FROM", WHY_SHAPE);
}

/* Refuse an entry that is neither a plain relation nor a join. */
static void
check_entry(RangeTblEntry *entry)
{
	if (entry->rtekind != RTE_RELATION && entry->rtekind != RTE_JOIN)
	{
		if (entry->rtekind == RTE_FUNCTION)
			refuse_range_function(entry);
		for (int i = 0; i < (int) lengthof(entry_kinds); i++)
			if (entry_kinds[i].kind == entry->rtekind)
				sfdw_gate_refuse(entry_kinds[i].name, WHY_SHAPE);
		sfdw_gate_refuse(psprintf("a range-table entry of kind %d",
								  (int) entry->rtekind), WHY_SHAPE);
	}
	if (entry->tablesample != NULL)
		sfdw_gate_refuse("TABLESAMPLE", WHY_SHAPE);
	if (entry->lateral)
		sfdw_gate_refuse("LATERAL", WHY_SHAPE);
	if (entry->securityQuals != NIL || entry->subquery != NULL ||
		entry->functions != NIL || entry->tablefunc != NULL ||
		entry->values_lists != NIL)
		sfdw_gate_refuse("a range-table entry with more than a relation",
						 WHY_SHAPE);
}

/* Refuse whole rows and system columns. */
static void
check_var(Var *var, Query *query)
{
	RangeTblEntry *entry;

	if (var->varlevelsup != 0)
		sfdw_gate_refuse("an outer reference", WHY_SHAPE);
	entry = rt_fetch(var->varno, query->rtable);
	if (var->varattno > 0)
		return;
	if (entry->rtekind != RTE_RELATION)
		sfdw_gate_refuse("a whole row of a join", WHY_WHOLE);
	if (var->varattno == 0)
		sfdw_gate_refuse(psprintf("a whole row of %s",
								  sfdw_gate_relation_name(entry->relid)),
						 WHY_WHOLE);
	sfdw_gate_refuse(psprintf("system %s",
							  sfdw_gate_column_name(entry->relid,
													var->varattno)),
					 WHY_WHOLE);
}

/* Refuse a node that calls what is not listed. */
static void
check_calls(Node *node)
{
	switch (nodeTag(node))
	{
		case T_FuncExpr:
			sfdw_gate_check_call((FuncExpr *) node);
			break;
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
			sfdw_gate_check_operator(((OpExpr *) node)->opno);
			break;
		case T_ScalarArrayOpExpr:
			sfdw_gate_check_operator(((ScalarArrayOpExpr *) node)->opno);
			break;
		default:
			break;
	}
	sfdw_gate_check_functions_of(node);
}

/* Whether an aggregate is a count, of rows or of values, distinct or not. */
static bool
is_count(Aggref *aggregate)
{
	return (aggregate->aggfnoid == F_COUNT_ || aggregate->aggfnoid == F_COUNT_ANY) &&
		aggregate->agglevelsup == 0 && aggregate->aggdirectargs == NIL &&
		aggregate->aggorder == NIL && aggregate->aggkind == AGGKIND_NORMAL;
}

/* Whether a node is one that the walker knows. */
static bool
is_known_node(Node *node, SfdwQueryShape shape)
{
	switch (nodeTag(node))
	{
		case T_Var:
		case T_Const:
		case T_FuncExpr:
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
		case T_BoolExpr:
		case T_RelabelType:
		case T_CoerceViaIO:
		case T_ArrayCoerceExpr:
		case T_ArrayExpr:
		case T_CollateExpr:
		case T_CaseExpr:
		case T_CaseTestExpr:
		case T_CoalesceExpr:
		case T_MinMaxExpr:
		case T_NullTest:
		case T_BooleanTest:
			return true;
		case T_Aggref:
			return shape == SFDW_SHAPE_COUNT && is_count((Aggref *) node);
		default:
			return false;
	}
}

/* ORDER BY USING, and DISTINCT in an aggregate, bring operators. */
static void
check_sort(SortGroupClause *clause)
{
	if (OidIsValid(clause->sortop))
		sfdw_gate_check_operator(clause->sortop);
	sfdw_gate_check_operator(clause->eqop);
}

/*
 * Check one node of an expression and what is below it.  The tag decides
 * first, so that a node that PostgreSQL's own walker would not descend into
 * never gets there.
 */
static bool
check_node(Node *node, void *context)
{
	Walk	   *walk = context;

	if (node == NULL)
		return false;
	if (IsA(node, List) || IsA(node, TargetEntry))
		return expression_tree_walker(node, check_node, context);
	if (IsA(node, SortGroupClause))
	{
		check_sort((SortGroupClause *) node);
		return false;
	}
	if (!is_known_node(node, walk->shape))
		sfdw_gate_refuse(sfdw_gate_node_name(node), WHY_SHAPE);
	if (IsA(node, Var))
		check_var((Var *) node, walk->query);
	check_calls(node);
	sfdw_gate_check_type(exprType(node));
	sfdw_gate_check_collation(exprCollation(node));
	sfdw_gate_check_collation(exprInputCollation(node));
	return expression_tree_walker(node, check_node, context);
}

/* Refuse a join tree with anything but relations, joins and conditions. */
static void
check_join_tree(Node *node, Walk *walk)
{
	ListCell   *cell;

	if (IsA(node, FromExpr))
	{
		foreach(cell, ((FromExpr *) node)->fromlist)
			check_join_tree(lfirst(cell), walk);
		(void) check_node(((FromExpr *) node)->quals, walk);
	}
	else if (IsA(node, JoinExpr))
	{
		check_join_tree(((JoinExpr *) node)->larg, walk);
		check_join_tree(((JoinExpr *) node)->rarg, walk);
		(void) check_node(((JoinExpr *) node)->quals, walk);
	}
	else if (!IsA(node, RangeTblRef))
		sfdw_gate_refuse(sfdw_gate_node_name(node), WHY_SHAPE);
}

/*
 * A join's entry lists every column of both sides, used or not: those used are
 * looked at by the net of columns.  Columns that USING merged are expressions.
 */
static void
check_merged_columns(RangeTblEntry *entry, Walk *walk)
{
	ListCell   *cell;

	foreach(cell, entry->joinaliasvars)
	{
		Node	   *column = lfirst(cell);

		if (column != NULL && !IsA(column, Var))
			(void) check_node(column, walk);
	}
}

/* Clauses first, since they have the plainest names. */
void
sfdw_gate_check_shape(Query *query, SfdwQueryShape shape)
{
	Walk		walk = {query, shape};
	ListCell   *cell;

	check_clauses(query);
	foreach(cell, query->rtable)
		check_entry(lfirst(cell));
	if (query->jointree == NULL || query->jointree->fromlist == NIL)
		sfdw_gate_refuse("an empty FROM", WHY_SHAPE);
	if (ExecCleanTargetListLength(query->targetList) == 0)
		sfdw_gate_refuse("an empty SELECT list", WHY_SHAPE);
	check_join_tree((Node *) query->jointree, &walk);
	(void) check_node((Node *) query->targetList, &walk);
	(void) check_node((Node *) query->sortClause, &walk);
	foreach(cell, query->rtable)
		check_merged_columns(lfirst(cell), &walk);
	check_flags(&walk);
}
