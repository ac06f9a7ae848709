/*-------------------------------------------------------------------------
 * gate_columns.c
 *		The gate's third net: which raw columns a query touches, and how
 *
 * Walks expressions down to columns of relations, through the columns of
 * joins, and compares what it found with the columns for which PostgreSQL
 * itself checks the SELECT privilege.  Knows nothing of classes.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_columns.h"

#include "access/sysattr.h"
#include "dataset/gate.h"
#include "dataset/gate_refuse.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"

#define WHY_DIFFERENCE "PostgreSQL's list of the columns that are read and the walk over the query differ."

/* What is being walked, and what was found so far. */
typedef struct Walk
{
	Query	   *query;
	uint32		role;			/* of the expression that is being walked */
	int			output;			/* its 1-based output column, or 0 */
	List	   *found;			/* SfdwLineage */
	Bitmapset **seen;			/* by range-table index: attnums */
} Walk;

/* The entry of a raw column, made when it is met for the first time. */
static SfdwLineage *
find_entry(Walk *walk, Oid relid, AttrNumber attnum)
{
	SfdwLineage *entry;
	ListCell   *cell;

	foreach(cell, walk->found)
	{
		entry = lfirst(cell);
		if (entry->relid == relid && entry->attnum == attnum)
			return entry;
	}
	entry = palloc0(sizeof(SfdwLineage));
	entry->relid = relid;
	entry->attnum = attnum;
	walk->found = lappend(walk->found, entry);
	return entry;
}

/* Note that the expression uses a column of a relation. */
static void
note_column(Walk *walk, int index, AttrNumber attnum)
{
	RangeTblEntry *entry = rt_fetch(index, walk->query->rtable);
	SfdwLineage *lineage = find_entry(walk, entry->relid, attnum);

	lineage->roles |= walk->role;
	if (walk->output > 0)
		lineage->outputs = bms_add_member(lineage->outputs, walk->output);
	walk->seen[index] = bms_add_member(walk->seen[index], attnum);
}

/* Collect columns; a join's column stands for what it was made of. */
static bool
collect(Node *node, void *context)
{
	Walk	   *walk = context;
	RangeTblEntry *entry;
	Var		   *var;

	if (node == NULL)
		return false;
	if (!IsA(node, Var))
		return expression_tree_walker(node, collect, context);
	var = (Var *) node;
	entry = rt_fetch(var->varno, walk->query->rtable);
	if (entry->rtekind == RTE_JOIN)
		return collect(list_nth(entry->joinaliasvars, var->varattno - 1),
					   context);
	note_column(walk, var->varno, var->varattno);
	return false;
}

/* Walk one expression in a role. */
static void
collect_as(Walk *walk, Node *expression, uint32 role, int output)
{
	walk->role = role;
	walk->output = output;
	(void) collect(expression, walk);
}

/* Conditions of joins are theirs; those of WHERE are filters. */
static void
collect_join_tree(Walk *walk, Node *node)
{
	ListCell   *cell;

	if (IsA(node, FromExpr))
	{
		foreach(cell, ((FromExpr *) node)->fromlist)
			collect_join_tree(walk, lfirst(cell));
		collect_as(walk, ((FromExpr *) node)->quals, SFDW_ROLE_FILTER, 0);
	}
	else if (IsA(node, JoinExpr))
	{
		collect_join_tree(walk, ((JoinExpr *) node)->larg);
		collect_join_tree(walk, ((JoinExpr *) node)->rarg);
		collect_as(walk, ((JoinExpr *) node)->quals, SFDW_ROLE_JOIN, 0);
	}
}

/* Whether ORDER BY uses a target entry. */
static bool
is_sorted_by(Query *query, TargetEntry *entry)
{
	ListCell   *cell;

	foreach(cell, query->sortClause)
		if (entry->ressortgroupref != 0 &&
			((SortGroupClause *) lfirst(cell))->tleSortGroupRef == entry->ressortgroupref)
			return true;
	return false;
}

/* What ORDER BY alone needs is in the target list as well, as junk. */
static void
collect_targets(Walk *walk)
{
	ListCell   *cell;

	foreach(cell, walk->query->targetList)
	{
		TargetEntry *entry = lfirst(cell);

		if (!entry->resjunk)
			collect_as(walk, (Node *) entry->expr, SFDW_ROLE_OUTPUT,
					   entry->resno);
		if (entry->resjunk || is_sorted_by(walk->query, entry))
			collect_as(walk, (Node *) entry->expr, SFDW_ROLE_SORT, 0);
	}
}

/* Refuse the columns that only one of the two sets has. */
static void
refuse_difference(RangeTblEntry *entry, Bitmapset *a, Bitmapset *b)
{
	Bitmapset  *difference = bms_difference(a, b);
	int			attnum = bms_next_member(difference, -1);

	if (attnum >= 0)
		sfdw_gate_refuse(sfdw_gate_column_name(entry->relid,
											   (AttrNumber) attnum),
						 WHY_DIFFERENCE);
}

/*
 * selectedCols counts from the first system column.  A whole row or a system
 * column was refused before; here it would be one that the walk does not have.
 */
static void
compare_with_selected(Walk *walk, int index)
{
	RangeTblEntry *entry = rt_fetch(index, walk->query->rtable);
	Bitmapset  *selected = NULL;
	Bitmapset  *privileged;
	int			member = -1;

	if (entry->rtekind != RTE_RELATION)
		return;
	privileged = SFDW_SELECTED_COLUMNS(walk->query, entry);
	while ((member = bms_next_member(privileged, member)) >= 0)
	{
		int			attnum = member + FirstLowInvalidHeapAttributeNumber;

		if (attnum <= 0)
			sfdw_gate_refuse(psprintf("a whole row or a system column of %s",
									  sfdw_gate_relation_name(entry->relid)),
							 WHY_DIFFERENCE);
		selected = bms_add_member(selected, attnum);
	}
	refuse_difference(entry, selected, walk->seen[index]);
	refuse_difference(entry, walk->seen[index], selected);
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

/* The two sets are compared for each entry: a table may be read twice. */
List *
sfdw_gate_find_columns(Query *query)
{
	Walk		walk = {query};
	int			count = list_length(query->rtable);

	walk.seen = palloc0((count + 1) * sizeof(Bitmapset *));
	collect_join_tree(&walk, (Node *) query->jointree);
	collect_targets(&walk);
	for (int index = 1; index <= count; index++)
		compare_with_selected(&walk, index);
	list_sort(walk.found, compare_entries);
	return walk.found;
}
