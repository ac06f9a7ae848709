/*-------------------------------------------------------------------------
 * gate_shape.c
 *		The gate's first net: the shape of a query
 *
 * A closed list: a clause, a kind of range-table entry or of a join tree's
 * node that does not stand here refuses, at every level of the query.  Knows
 * nothing of columns and classes.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_shape.h"

#include "catalog/pg_class.h"
#include "dataset/gate_functions.h"
#include "dataset/gate_generalize.h"
#include "dataset/gate_nodes.h"
#include "dataset/gate_refuse.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"

#define WHY_SHAPE "A data set is one SELECT that reads foreign tables and computes from their columns alone."
#define WHY_POLICY "Row-level security would hide some of its rows, or add others' expressions to the query."

/* One level of the query: a subquery sees the columns of those around it. */
typedef struct Level
{
	Query	   *query;
	const struct Level *parent;
	const SfdwListed *listed;
} Level;

static void check_query(Query *query, const Level *parent,
						const SfdwListed *listed);

/* What a clause is called, and where a Query keeps it (a pointer: NULL passes). */
static const struct
{
	const char *name;
	size_t		offset;
}			clauses[] =
{
	{"FOR UPDATE or FOR SHARE", offsetof(Query, rowMarks)},
	{"a utility statement", offsetof(Query, utilityStmt)},
	{"ON CONFLICT", offsetof(Query, onConflict)},
	{"RETURNING", offsetof(Query, returningList)},
	{"WITH CHECK OPTION", offsetof(Query, withCheckOptions)},
	{"MERGE", offsetof(Query, mergeActionList)},
	{"a constraint's dependency", offsetof(Query, constraintDeps)},
};

/* Flags that the parser sets, wherever it saw such a thing: the second look. */
static const struct
{
	const char *name;
	size_t		offset;
}			flags[] =
{
	{"a data-modifying WITH", offsetof(Query, hasModifyingCTE)},
	{"FOR UPDATE or FOR SHARE", offsetof(Query, hasForUpdate)},
};

/* Kinds of range-table entries that are refused, for people. */
static const struct
{
	RTEKind		kind;
	const char *name;
}			entry_kinds[] =
{
	{RTE_TABLEFUNC, "XMLTABLE or JSON_TABLE"},
	{RTE_NAMEDTUPLESTORE, "a transition table"},
	{RTE_RESULT, "an empty FROM"},
};

/* Refuse what is not part of a SELECT. */
static void
check_clauses(Query *query)
{
	const char *base = (const char *) query;

	if (query->commandType != CMD_SELECT || query->resultRelation != 0)
		sfdw_gate_refuse("a statement that changes data", WHY_SHAPE);
	for (int i = 0; i < (int) lengthof(clauses); i++)
		if (*(void *const *) (base + clauses[i].offset) != NULL)
			sfdw_gate_refuse(clauses[i].name, WHY_SHAPE);
	for (int i = 0; i < (int) lengthof(flags); i++)
		if (*(const bool *) (base + flags[i].offset))
			sfdw_gate_refuse(flags[i].name, WHY_SHAPE);
}

/* The entry that a column is of, so many levels up. */
static RangeTblEntry *
entry_of(Var *var, const Level *level)
{
	for (Index up = var->varlevelsup; up > 0 && level != NULL; up--)
		level = level->parent;
	if (level == NULL || var->varno <= 0 ||
		var->varno > list_length(level->query->rtable))
		sfdw_gate_refuse("an outer reference", WHY_SHAPE);
	return rt_fetch(var->varno, level->query->rtable);
}

/* ORDER BY USING, GROUP BY and DISTINCT bring operators. */
static void
check_sort(SortGroupClause *clause)
{
	if (OidIsValid(clause->sortop))
		sfdw_gate_check_operator(clause->sortop);
	if (OidIsValid(clause->eqop))
		sfdw_gate_check_operator(clause->eqop);
}

/*
 * Check one node of an expression and what is below it.  The kind decides
 * first, so that a node that PostgreSQL's own walker would not descend into
 * never gets there.  The names of what generalize() reads are no values.
 */
static bool
check_expression(Node *node, void *context)
{
	const Level *level = context;
	SfdwGeneralize call;

	if (node == NULL)
		return false;
	if (IsA(node, List) || IsA(node, TargetEntry))
		return expression_tree_walker(node, check_expression, context);
	if (IsA(node, SortGroupClause))
	{
		check_sort((SortGroupClause *) node);
		return false;
	}
	if (IsA(node, Query))
	{
		check_query((Query *) node, level, level->listed);
		return false;
	}
	if (IsA(node, Var))
		sfdw_gate_check_var((Var *) node, entry_of((Var *) node, level));
	sfdw_gate_check_node(level->listed, node);
	if (sfdw_gate_generalize(node, &call))
		return check_expression(call.value, context);
	return expression_tree_walker(node, check_expression, context);
}

/* The same for what cannot be changed by the walk, whatever its type says. */
static void
check_part(const Level *level, void *part)
{
	(void) check_expression(part, unconstify(Level *, level));
}

/* Types that a list of a range-table entry's columns has. */
static void
check_types(List *types)
{
	ListCell   *cell;

	foreach(cell, types)
		sfdw_gate_check_type(lfirst_oid(cell));
}

/* A function in FROM that names its columns' types returns anything. */
static void
check_functions(const Level *level, List *functions)
{
	ListCell   *cell;

	foreach(cell, functions)
	{
		RangeTblFunction *function = lfirst(cell);

		check_part(level, function->funcexpr);
		if (function->funccoltypes != NIL)
			sfdw_gate_refuse("a function with a list of columns", WHY_SHAPE);
	}
}

/* A join's columns that USING merged are expressions. */
static void
check_merged_columns(const Level *level, List *columns)
{
	ListCell   *cell;

	foreach(cell, columns)
		if (lfirst(cell) != NULL && !IsA(lfirst(cell), Var))
			check_part(level, lfirst(cell));
}

/* Refuse a kind of entry by its name, or its number when it has none. */
static void
refuse_entry(RangeTblEntry *entry)
{
	for (int i = 0; i < (int) lengthof(entry_kinds); i++)
		if (entry_kinds[i].kind == entry->rtekind)
			sfdw_gate_refuse(entry_kinds[i].name, WHY_SHAPE);
	sfdw_gate_refuse(psprintf("a range-table entry of kind %d",
							  (int) entry->rtekind), WHY_SHAPE);
}

/* What each kind of entry has in it. */
static void
check_entry_kind(const Level *level, RangeTblEntry *entry)
{
	switch (entry->rtekind)
	{
		case RTE_RELATION:
			break;
		case RTE_SUBQUERY:
			check_query(entry->subquery, level, level->listed);
			break;
		case RTE_JOIN:
			check_merged_columns(level, entry->joinaliasvars);
			break;
		case RTE_FUNCTION:
			check_functions(level, entry->functions);
			break;
		case RTE_VALUES:
			check_part(level, entry->values_lists);
			check_types(entry->coltypes);
			break;
		case RTE_CTE:
			check_types(entry->coltypes);
			break;
		default:
			if (!SFDW_IS_GROUP_ENTRY(entry))
				refuse_entry(entry);
			check_part(level, SFDW_GROUP_EXPRESSIONS(entry));
			break;
	}
}

/* Policies of a table come into a query as conditions of its entry. */
static void
check_entry(const Level *level, RangeTblEntry *entry)
{
	check_entry_kind(level, entry);
	if (entry->tablesample != NULL)
		sfdw_gate_refuse("TABLESAMPLE", WHY_SHAPE);
	if (entry->securityQuals != NIL)
		sfdw_gate_refuse(sfdw_gate_relation_name(entry->relid), WHY_POLICY);
}

/*
 * A view whose rule did not fire has no rows; what is left of OLD and NEW
 * stands in no join tree.
 */
static void
check_reference(const Level *level, RangeTblRef *reference)
{
	RangeTblEntry *entry = rt_fetch(reference->rtindex, level->query->rtable);

	if (entry->rtekind == RTE_RELATION && entry->relkind == RELKIND_VIEW)
		sfdw_gate_refuse(sfdw_gate_relation_name(entry->relid), WHY_SHAPE);
}

/* Refuse a join tree with anything but entries, joins and conditions. */
static void
check_join_tree(const Level *level, Node *node)
{
	ListCell   *cell;

	check_stack_depth();
	if (IsA(node, FromExpr))
	{
		foreach(cell, ((FromExpr *) node)->fromlist)
			check_join_tree(level, lfirst(cell));
		check_part(level, ((FromExpr *) node)->quals);
	}
	else if (IsA(node, JoinExpr))
	{
		check_join_tree(level, ((JoinExpr *) node)->larg);
		check_join_tree(level, ((JoinExpr *) node)->rarg);
		check_part(level, ((JoinExpr *) node)->quals);
	}
	else if (IsA(node, RangeTblRef))
		check_reference(level, (RangeTblRef *) node);
	else
		sfdw_gate_refuse(sfdw_gate_node_name(node), WHY_SHAPE);
}

/* The tree of UNION, INTERSECT and EXCEPT; its leaves are subqueries. */
static void
check_set_operations(const Level *level, Node *node)
{
	SetOperationStmt *operation = (SetOperationStmt *) node;

	check_stack_depth();
	if (IsA(node, RangeTblRef))
		return;
	if (!IsA(node, SetOperationStmt))
		sfdw_gate_refuse(sfdw_gate_node_name(node), WHY_SHAPE);
	check_types(operation->colTypes);
	check_part(level, operation->groupClauses);
	check_set_operations(level, operation->larg);
	check_set_operations(level, operation->rarg);
}

/* Windows: what they are made of stands in the target list as well. */
static void
check_windows(const Level *level, List *windows)
{
	ListCell   *cell;

	foreach(cell, windows)
	{
		WindowClause *window = lfirst(cell);

		check_part(level, window->partitionClause);
		check_part(level, window->orderClause);
		check_part(level, window->startOffset);
		check_part(level, window->endOffset);
		sfdw_gate_check_range_function(window->startInRangeFunc);
		sfdw_gate_check_range_function(window->endInRangeFunc);
		sfdw_gate_check_collation(window->inRangeColl);
	}
}

/* SEARCH and CYCLE are made of whole rows. */
static void
check_ctes(const Level *level, List *ctes)
{
	ListCell   *cell;

	foreach(cell, ctes)
	{
		CommonTableExpr *cte = lfirst(cell);

		if (cte->search_clause != NULL || cte->cycle_clause != NULL)
			sfdw_gate_refuse("SEARCH or CYCLE", WHY_SHAPE);
		if (!IsA(cte->ctequery, Query))
			sfdw_gate_refuse("WITH", WHY_SHAPE);
		check_query((Query *) cte->ctequery, level, level->listed);
	}
}

/* Clauses first, since they have the plainest names. */
static void
check_query(Query *query, const Level *parent, const SfdwListed *listed)
{
	Level		level = {query, parent, listed};
	ListCell   *cell;

	check_stack_depth();
	check_clauses(query);
	check_ctes(&level, query->cteList);
	foreach(cell, query->rtable)
		check_entry(&level, lfirst(cell));
	check_join_tree(&level, (Node *) query->jointree);
	if (query->setOperations != NULL)
		check_set_operations(&level, query->setOperations);
	check_part(&level, query->targetList);
	check_part(&level, query->groupClause);
	check_part(&level, query->havingQual);
	check_part(&level, query->distinctClause);
	check_part(&level, query->sortClause);
	check_part(&level, query->limitOffset);
	check_part(&level, query->limitCount);
	check_windows(&level, query->windowClause);
}

/* EXISTS needs no column, a data set does. */
void
sfdw_gate_check_shape(const SfdwListed *listed, Query *query)
{
	check_query(query, NULL, listed);
	if (ExecCleanTargetListLength(query->targetList) == 0)
		sfdw_gate_refuse("an empty SELECT list", WHY_SHAPE);
}
