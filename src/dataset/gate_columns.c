/*-------------------------------------------------------------------------
 * gate_columns.c
 *		The gate's third net: which raw columns a query touches, and how
 *
 * Goes through the query's levels from the inside out.  Of each expression it
 * finds the raw columns that its value is made of; where a value is used (in
 * an output, a condition, an order, a group), so are they.  Knows nothing of
 * classes.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_columns.h"

#include "dataset/gate_clauses.h"
#include "dataset/gate_generalize.h"
#include "dataset/gate_own.h"
#include "dataset/gate_raw.h"
#include "dataset/gate_selected.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/fmgroids.h"

/* The columns that a query gives, each with what it is made of. */
typedef struct Outputs
{
	int			count;
	SfdwRawSet *sets;			/* by number, from 0 */
} Outputs;

/* A WITH query whose outputs are known, or, in a recursion, known so far. */
typedef struct Cte
{
	CommonTableExpr *cte;
	Outputs    *outputs;
} Cte;

/* One level of the query; a subquery sees those around it. */
typedef struct Level
{
	Query	   *query;
	struct Level *parent;
	SfdwRawColumns *columns;
	Outputs   **subqueries;		/* by range-table index; NULL: not yet */
	Bitmapset **seen;			/* by range-table index: attnums */
	List	   *ctes;			/* Cte */
} Level;

/* An expression that is being walked. */
typedef struct Walk
{
	Level	   *level;
	SfdwRawWay	way;			/* what is done with what is found */
	SfdwRawSet *set;			/* what was found */
} Walk;

static Outputs *find_outputs(Query *query, Level *parent,
							 SfdwRawColumns *columns);
static bool collect(Node *node, void *context);

/* What an expression of a level is made of. */
static SfdwRawSet
columns_of(Level *level, void *expression)
{
	SfdwRawSet	set = {NULL, NULL, NULL};
	Walk		walk = {level, SFDW_RAW_KEPT, &set};

	(void) collect(expression, &walk);
	return set;
}

/* Note that an expression is used. */
static void
use_expression(Level *level, void *expression, SfdwColumnRole role)
{
	SfdwRawSet	set = columns_of(level, expression);

	sfdw_raw_use(level->columns, &set, role, 0);
}

/* The outputs of a subquery in FROM. */
static Outputs *
subquery_outputs(Level *level, int index)
{
	if (level->subqueries[index] == NULL)
		level->subqueries[index] =
			find_outputs(rt_fetch(index, level->query->rtable)->subquery,
						 level, level->columns);
	return level->subqueries[index];
}

/* The WITH query of that name at a level, if it was begun already. */
static Cte *
begun_cte(Level *level, CommonTableExpr *expression)
{
	ListCell   *cell;

	foreach(cell, level->ctes)
		if (((Cte *) lfirst(cell))->cte == expression)
			return lfirst(cell);
	return NULL;
}

/* Whether two queries give the same. */
static bool
equal_outputs(const Outputs *a, const Outputs *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
		if (!sfdw_raw_equal(&a->sets[i], &b->sets[i]))
			return false;
	return true;
}

/* Outputs that are made of nothing. */
static Outputs *
empty_outputs(int count)
{
	Outputs    *outputs = palloc(sizeof(Outputs));

	outputs->count = count;
	outputs->sets = palloc0((count + 1) * sizeof(SfdwRawSet));
	return outputs;
}

/*
 * The outputs of a WITH query.  A recursive one reads what was found of it so
 * far, which only grows, until nothing is added any more.
 */
static Outputs *
cte_outputs(Level *level, CommonTableExpr *expression)
{
	Cte		   *cte = begun_cte(level, expression);
	Outputs    *before;

	if (cte != NULL)
		return cte->outputs;
	cte = palloc(sizeof(Cte));
	cte->cte = expression;
	cte->outputs = empty_outputs(list_length(expression->ctecolnames));
	level->ctes = lappend(level->ctes, cte);
	do
	{
		before = cte->outputs;
		cte->outputs = find_outputs((Query *) expression->ctequery, level,
									level->columns);
	} while (expression->cterecursive && !equal_outputs(before, cte->outputs));
	return cte->outputs;
}

/* The outputs of the WITH query that an entry reads. */
static Outputs *
entry_cte_outputs(Level *level, RangeTblEntry *entry)
{
	ListCell   *cell;

	for (Index up = entry->ctelevelsup; up > 0; up--)
		level = level->parent;
	foreach(cell, level->query->cteList)
	{
		CommonTableExpr *cte = lfirst(cell);

		if (strcmp(cte->ctename, entry->ctename) == 0)
			return cte_outputs(level, cte);
	}
	elog(ERROR, "could not find WITH query \"%s\"", entry->ctename);
	return NULL;				/* keep the compiler quiet */
}

/* A column of VALUES is made of that place in each row. */
static void
collect_values(List *rows, AttrNumber attnum, Walk *walk)
{
	ListCell   *cell;

	foreach(cell, rows)
		(void) collect(list_nth(lfirst(cell), attnum - 1), walk);
}

/* One column of a query that a column stands for. */
static void
collect_output(const Outputs *outputs, AttrNumber attnum, Walk *walk)
{
	if (attnum > outputs->count)
		elog(ERROR, "column %d of a subquery that has %d", attnum,
			 outputs->count);
	sfdw_raw_union(walk->set, &outputs->sets[attnum - 1], walk->way);
}

/* A column of a relation. */
static void
collect_raw(Level *level, int index, AttrNumber attnum, Walk *walk)
{
	SfdwRawSet	set = {NULL, NULL, NULL};

	sfdw_raw_add(level->columns, rt_fetch(index, level->query->rtable), attnum,
				 &set);
	sfdw_raw_union(walk->set, &set, walk->way);
	level->seen[index] = bms_add_member(level->seen[index], attnum);
}

/* What a column of an entry of walk->level stands for. */
static void
collect_column(int index, AttrNumber attnum, Walk *walk)
{
	RangeTblEntry *entry = rt_fetch(index, walk->level->query->rtable);

	switch (entry->rtekind)
	{
		case RTE_RELATION:
			collect_raw(walk->level, index, attnum, walk);
			break;
		case RTE_SUBQUERY:
			collect_output(subquery_outputs(walk->level, index), attnum, walk);
			break;
		case RTE_CTE:
			collect_output(entry_cte_outputs(walk->level, entry), attnum, walk);
			break;
		case RTE_JOIN:
			(void) collect(list_nth(entry->joinaliasvars, attnum - 1), walk);
			break;
		case RTE_FUNCTION:
			(void) collect((Node *) entry->functions, walk);
			break;
		case RTE_VALUES:
			collect_values(entry->values_lists, attnum, walk);
			break;
		default:
			(void) collect(list_nth(SFDW_GROUP_EXPRESSIONS(entry), attnum - 1),
						   walk);
			break;
	}
}

/* A column of this level, or of one around it. */
static void
collect_var(Var *var, Walk *walk)
{
	Walk		outer = *walk;

	for (Index up = var->varlevelsup; up > 0; up--)
		outer.level = outer.level->parent;
	collect_column(var->varno, var->varattno, &outer);
}

/* All that a subquery gives, and what it is compared with. */
static void
collect_sublink(SubLink *link, Walk *walk)
{
	Outputs    *outputs = find_outputs((Query *) link->subselect, walk->level,
									   walk->level->columns);

	for (int i = 0; i < outputs->count; i++)
		sfdw_raw_union(walk->set, &outputs->sets[i], SFDW_RAW_COMPUTED);
	(void) collect(link->testexpr, walk);
}

/* A column of a table that generalize() reads. */
static SfdwRawSet
generalize_column(Walk *walk, Oid relid, AttrNumber attnum)
{
	RangeTblEntry *entry = makeNode(RangeTblEntry);
	SfdwRawSet	set = {NULL, NULL, NULL};

	entry->relid = relid;
	sfdw_raw_add(walk->level->columns, entry, attnum, &set);
	return set;
}

/*
 * What generalize() gives is the table's; the value that is looked up is
 * shielded by it, and so are the keys, of which nobody sees which one it was.
 */
static void
collect_generalize(const SfdwGeneralize *call, Walk *walk)
{
	SfdwRawSet	result = generalize_column(walk, call->relid,
										   call->value_column);
	SfdwRawSet	key = generalize_column(walk, call->relid, call->key_column);
	SfdwRawSet	shielded = {NULL, NULL, NULL};
	Walk		below = *walk;

	sfdw_raw_union(walk->set, &result, walk->way);
	sfdw_raw_union(&shielded, &key, SFDW_RAW_SHIELDED);
	sfdw_raw_use(walk->level->columns, &shielded, SFDW_ROLE_JOIN, 0);
	below.way = SFDW_RAW_SHIELDED;
	(void) collect(call->value, &below);
}

/* Walk what is below a node, which does something with it. */
static bool
collect_below(Node *node, Walk *walk, SfdwRawWay way)
{
	Walk		below = *walk;

	below.way = way;
	return expression_tree_walker(node, collect, &below);
}

/*
 * What is done with what is below an expression.  A cast from one type to
 * another and a change of case leave a value what it is; a cast with more
 * arguments cuts it.
 */
static SfdwRawWay
way_below(Node *node, SfdwRawWay way)
{
	FuncExpr   *call = (FuncExpr *) node;

	if (IsA(node, List) || IsA(node, RangeTblFunction) ||
		IsA(node, TargetEntry) || IsA(node, RelabelType) ||
		IsA(node, CoerceViaIO))
		return way;
	if (!IsA(node, FuncExpr))
		return SFDW_RAW_COMPUTED;
	if (sfdw_gate_own_kind(call->funcid) == SFDW_OWN_TRANSFORM)
		return SFDW_RAW_SHIELDED;
	if (call->funcid == F_LOWER_TEXT || call->funcid == F_UPPER_TEXT ||
		call->funcid == F_BTRIM_TEXT ||
		(call->funcformat != COERCE_EXPLICIT_CALL &&
		 list_length(call->args) == 1 && !call->funcretset))
		return way;
	return SFDW_RAW_COMPUTED;
}

/* Collect the raw columns of an expression. */
static bool
collect(Node *node, void *context)
{
	Walk	   *walk = context;
	SfdwGeneralize call;

	check_stack_depth();
	if (node == NULL)
		return false;
	if (sfdw_gate_generalize(node, &call))
		collect_generalize(&call, walk);
	else if (IsA(node, Var))
		collect_var((Var *) node, walk);
	else if (IsA(node, SubLink))
		collect_sublink((SubLink *) node, walk);
	else
		return collect_below(node, walk, way_below(node, walk->way));
	return false;
}

/* Conditions of joins are theirs; those of WHERE are filters. */
static void
use_join_tree(Level *level, Node *node)
{
	ListCell   *cell;

	if (IsA(node, FromExpr))
	{
		foreach(cell, ((FromExpr *) node)->fromlist)
			use_join_tree(level, lfirst(cell));
		use_expression(level, ((FromExpr *) node)->quals, SFDW_ROLE_FILTER);
	}
	else if (IsA(node, JoinExpr))
	{
		use_join_tree(level, ((JoinExpr *) node)->larg);
		use_join_tree(level, ((JoinExpr *) node)->rarg);
		use_expression(level, ((JoinExpr *) node)->quals, SFDW_ROLE_JOIN);
	}
}

/* One column of a tree of set operations; whoever is compared is grouped. */
static SfdwRawSet
set_operation_column(Level *level, Node *node, int number)
{
	SetOperationStmt *operation = (SetOperationStmt *) node;
	SfdwRawSet	left;
	SfdwRawSet	right;

	check_stack_depth();
	if (IsA(node, RangeTblRef))
		return subquery_outputs(level, ((RangeTblRef *) node)->rtindex)->sets[number];
	left = set_operation_column(level, operation->larg, number);
	right = set_operation_column(level, operation->rarg, number);
	if (!operation->all || operation->op != SETOP_UNION)
	{
		sfdw_raw_use(level->columns, &left, SFDW_ROLE_GROUP, 0);
		sfdw_raw_use(level->columns, &right, SFDW_ROLE_GROUP, 0);
	}
	if (operation->op != SETOP_EXCEPT)
	{
		SfdwRawSet	both = {NULL, NULL, NULL};

		sfdw_raw_union(&both, &left, SFDW_RAW_KEPT);
		sfdw_raw_union(&both, &right, SFDW_RAW_KEPT);
		return both;
	}
	return left;
}

/* What a target entry is made of; those of set operations stand for all arms. */
static SfdwRawSet
target_columns(Level *level, TargetEntry *entry)
{
	if (level->query->setOperations != NULL && !entry->resjunk)
		return set_operation_column(level, level->query->setOperations,
									entry->resno - 1);
	return columns_of(level, entry->expr);
}

/* The query's columns, and what the clauses that name them do with them. */
static Outputs *
collect_targets(Level *level)
{
	Outputs    *outputs = empty_outputs(list_length(level->query->targetList));
	ListCell   *cell;

	outputs->count = 0;
	foreach(cell, level->query->targetList)
	{
		TargetEntry *entry = lfirst(cell);
		SfdwRawSet	set = target_columns(level, entry);
		uint32		roles = sfdw_gate_clause_roles(level->query, entry);

		if (roles != 0)
			sfdw_raw_use(level->columns, &set, roles, 0);
		if (!entry->resjunk)
			outputs->sets[outputs->count++] = set;
	}
	return outputs;
}

/* What is in FROM and in WITH is read, whether or not anything names it. */
static void
collect_entries(Level *level)
{
	ListCell   *cell;

	foreach(cell, level->query->cteList)
		(void) cte_outputs(level, lfirst(cell));
	foreach(cell, level->query->rtable)
	{
		RangeTblEntry *entry = lfirst(cell);

		if (entry->rtekind == RTE_SUBQUERY)
			(void) subquery_outputs(level, foreach_current_index(cell) + 1);
		else if (entry->rtekind == RTE_FUNCTION)
			use_expression(level, entry->functions, SFDW_ROLE_JOIN);
		else if (entry->rtekind == RTE_VALUES)
			(void) columns_of(level, entry->values_lists);
	}
}

/* Everything else that has expressions. */
static void
collect_clauses(Level *level)
{
	ListCell   *cell;

	use_join_tree(level, (Node *) level->query->jointree);
	use_expression(level, level->query->havingQual, SFDW_ROLE_FILTER);
	use_expression(level, level->query->limitOffset, SFDW_ROLE_FILTER);
	use_expression(level, level->query->limitCount, SFDW_ROLE_FILTER);
	foreach(cell, level->query->windowClause)
	{
		use_expression(level, ((WindowClause *) lfirst(cell))->startOffset,
					   SFDW_ROLE_FILTER);
		use_expression(level, ((WindowClause *) lfirst(cell))->endOffset,
					   SFDW_ROLE_FILTER);
	}
}

/*
 * One level, after those inside it.  The sets are compared for each entry: a
 * table may be read twice.
 */
static Outputs *
find_outputs(Query *query, Level *parent, SfdwRawColumns *columns)
{
	Level		level = {query, parent, columns};
	int			count = list_length(query->rtable);
	Outputs    *outputs;

	check_stack_depth();
	level.subqueries = palloc0((count + 1) * sizeof(Outputs *));
	level.seen = palloc0((count + 1) * sizeof(Bitmapset *));
	collect_entries(&level);
	collect_clauses(&level);
	outputs = collect_targets(&level);
	for (int index = 1; index <= count; index++)
		sfdw_gate_compare_selected(query, index, level.seen[index]);
	return outputs;
}

/* By relation, then in the order of its columns. */
static int
compare_entries(const ListCell *a, const ListCell *b)
{
	const SfdwLineage *left = lfirst(a);
	const SfdwLineage *right = lfirst(b);

	if (left->relid != right->relid)
		return left->relid < right->relid ? -1 : 1;
	return left->attnum - right->attnum;
}

/* A column that is read for nothing is read bare. */
static void
mark_unused(List *found)
{
	ListCell   *cell;

	foreach(cell, found)
	{
		SfdwLineage *entry = lfirst(cell);

		if (entry->roles != 0)
			continue;
		entry->roles = SFDW_ROLE_UNUSED;
		entry->is_bare = true;
	}
}

/* The outermost level's columns are the data set's. */
List *
sfdw_gate_find_columns(Query *query)
{
	SfdwRawColumns columns = {NIL};
	Outputs    *outputs = find_outputs(query, NULL, &columns);

	for (int i = 0; i < outputs->count; i++)
		sfdw_raw_use(&columns, &outputs->sets[i], SFDW_ROLE_OUTPUT, i + 1);
	mark_unused(columns.found);
	list_sort(columns.found, compare_entries);
	return columns.found;
}
