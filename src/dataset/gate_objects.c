/*-------------------------------------------------------------------------
 * gate_objects.c
 *		The gate's second net: the objects that a query depends on
 *
 * Looks at range tables with PostgreSQL's own walker and at catalogs, and so
 * does not share the mistakes of ours.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_objects.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_statistic_ext.h"
#include "dataset/gate_generalize.h"
#include "dataset/gate_own.h"
#include "dataset/gate_refuse.h"
#include "dataset/view_dependencies.h"
#include "fdw/table.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#define WHY_RELATION "Only foreign tables of salesforce_fdw and the data set's reference tables may be read."
#define WHY_CHILD "It is a child of a table that the query reads, and is neither a foreign table of salesforce_fdw nor one of the data set's reference tables."
#define WHY_PARENT "It holds rows besides those of its children, and is none of the data set's reference tables."
#define WHY_POLICY "It has row-level security, rules or generated columns."
#define WHY_REFERENCE "generalize() reads the data set's reference tables alone."
#define WHY_TABLE "generalize() reads a table without partitions or children, or a materialized view."
#define WHY_STATISTICS "It has statistics on expressions, which whoever plans the query would compute."
#define WHY_DEPENDENCY "The query depends on it, and it is not one of PostgreSQL's own."
#define WHY_PLAN "It was not examined with the query."

/* What the walk over range tables is given. */
typedef struct Walk
{
	const SfdwListed *listed;
	SfdwGateObjects *objects;
} Walk;

/* Whether the relation has a generated column, which may hold another's value,
 * or, of a table that is listed, calls functions when it is read. */
static bool
has_generated_column(TupleDesc desc, bool is_listed)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (is_listed ? SFDW_IS_VIRTUAL_COLUMN(attribute) :
			attribute->attgenerated != '\0')
			return true;
	}
	return false;
}

/*
 * Row-level security of a listed table: whether it applies is for others.  The
 * rule of a materialized view is what it was made by.
 */
static bool
has_policy(Relation relation, bool is_listed)
{
	return (relation->rd_rel->relrowsecurity && !is_listed) ||
		(relation->rd_rel->relhasrules &&
		 relation->rd_rel->relkind != RELKIND_MATVIEW) ||
		has_generated_column(RelationGetDescr(relation), is_listed);
}

/*
 * Whether the relation has extended statistics on expressions: planning folds
 * them, and so calls what its owner likes with the rights of the data set's.
 */
static bool
has_computed_statistics(Relation relation)
{
	bool		is_found = false;
	ListCell   *cell;

	foreach(cell, RelationGetStatExtList(relation))
	{
		HeapTuple	tuple = SearchSysCache1(STATEXTOID,
											ObjectIdGetDatum(lfirst_oid(cell)));
		bool		is_null = true;

		if (HeapTupleIsValid(tuple))
		{
			(void) SysCacheGetAttr(STATEXTOID, tuple,
								   Anum_pg_statistic_ext_stxexprs, &is_null);
			ReleaseSysCache(tuple);
		}
		is_found |= !is_null;
	}
	return is_found;
}

/* Sort a relation into its list; says why when it belongs in none. */
static const char *
classify(Walk *walk, Relation relation, const char *why)
{
	Oid			relid = RelationGetRelid(relation);
	bool		is_listed = list_member_oid(walk->listed->relations, relid);
	SfdwGateObjects *objects = walk->objects;

	if (relid == walk->listed->table)
		return has_policy(relation, false) ? WHY_POLICY : NULL;
	if (is_listed)
		objects->references = list_append_unique_oid(objects->references, relid);
	else if (sfdw_table_is_ours(relid))
		objects->inputs = list_append_unique_oid(objects->inputs, relid);
	else if (relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		objects->parents = list_append_unique_oid(objects->parents, relid);
	else
		return why;
	if (!is_listed && has_computed_statistics(relation))
		return WHY_STATISTICS;
	return has_policy(relation, is_listed) ? WHY_POLICY : NULL;
}

/* Refuse a relation that is more, or other, than what may be read. */
static void
check_relation(Walk *walk, Oid relid, const char *why)
{
	Relation	relation = table_open(relid, NoLock);

	why = classify(walk, relation, why);
	if (why != NULL)
		sfdw_gate_refuse(sfdw_gate_relation_name(relid), why);
	table_close(relation, NoLock);
}

/*
 * A table and its children.  One without children is read alone, whatever is
 * attached to it later; for the others see check_plan_relations.
 */
static void
check_tree(Walk *walk, RangeTblEntry *entry)
{
	List	   *members = list_make1_oid(entry->relid);
	ListCell   *cell;

	if (entry->inh)
		members = find_all_inheritors(entry->relid, AccessShareLock, NULL);
	entry->inh = list_length(members) > 1;
	check_relation(walk, entry->relid, entry->inh ? WHY_PARENT : WHY_RELATION);
	foreach(cell, members)
		if (lfirst_oid(cell) != entry->relid)
			check_relation(walk, lfirst_oid(cell), WHY_CHILD);
}

/*
 * The table of a call of generalize(), which reads it alone, as it reads any
 * other: only one that is listed.
 */
static void
check_generalize(Walk *walk, const SfdwGeneralize *call)
{
	Relation	relation = table_open(call->relid, AccessShareLock);
	char		relkind = relation->rd_rel->relkind;
	const char *why = NULL;

	if (!list_member_oid(walk->listed->relations, call->relid))
		why = WHY_REFERENCE;
	else if (relkind != RELKIND_RELATION && relkind != RELKIND_MATVIEW)
		why = WHY_TABLE;
	else if (find_inheritance_children(call->relid, NoLock) != NIL)
		why = WHY_TABLE;
	else if (relation->rd_rel->relrowsecurity || has_policy(relation, true))
		why = WHY_POLICY;
	if (why != NULL)
		sfdw_gate_refuse(sfdw_gate_relation_name(call->relid), why);
	walk->objects->references =
		list_append_unique_oid(walk->objects->references, call->relid);
	table_close(relation, NoLock);
}

/*
 * Every entry of every level.  What is left of a view's OLD and NEW is read by
 * nobody; a view that stands in a join tree is refused for its shape.
 */
static bool
check_entries(Node *node, void *context)
{
	RangeTblEntry *entry = (RangeTblEntry *) node;
	SfdwGeneralize call;

	if (node == NULL)
		return false;
	if (sfdw_gate_generalize(node, &call))
		check_generalize(context, &call);
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, check_entries, context,
								 QTW_EXAMINE_RTES_BEFORE);
	if (!IsA(node, RangeTblEntry))
		return expression_tree_walker(node, check_entries, context);
	if (entry->rtekind == RTE_RELATION && entry->relkind != RELKIND_VIEW)
		check_tree(context, entry);
	return false;
}

/* Entries are locked by whoever got the query. */
void
sfdw_gate_check_relations(const SfdwListed *listed, Query *query,
						  SfdwGateObjects *objects)
{
	Walk		walk = {listed, objects};

	(void) check_entries((Node *) query, &walk);
}

/* Whether a relation is one that was examined. */
static bool
is_examined(const SfdwGateObjects *objects, Oid relid)
{
	return list_member_oid(objects->inputs, relid) ||
		list_member_oid(objects->references, relid) ||
		list_member_oid(objects->parents, relid) ||
		list_member_oid(objects->views, relid);
}

/* Whether what a view depends on may be depended on. */
static bool
is_known(const SfdwListed *listed, const SfdwGateObjects *objects,
		 const ObjectAddress *address)
{
	if (address->classId == ProcedureRelationId)
		return list_member_oid(listed->functions, address->objectId) ||
			sfdw_gate_own_kind(address->objectId) != SFDW_OWN_NONE;
	return address->classId == RelationRelationId &&
		is_examined(objects, address->objectId);
}

/* The views are known first, so that any of them may depend on any other. */
void
sfdw_gate_check_dependencies(const SfdwListed *listed, Oid view,
							 SfdwGateObjects *objects)
{
	ListCell   *outer;
	ListCell   *inner;

	objects->views = sfdw_view_with_views(view);
	foreach(outer, objects->views)
	{
		foreach(inner, sfdw_view_dependencies(lfirst_oid(outer)))
		{
			ObjectAddress *address = lfirst(inner);

			if (!is_known(listed, objects, address))
				sfdw_gate_refuse(getObjectDescription(address, false),
								 WHY_DEPENDENCY);
		}
	}
}

/* Entries of views are there for their permissions. */
void
sfdw_gate_check_plan_relations(const SfdwGateObjects *objects, Oid target,
							   PlannedStmt *plan)
{
	ListCell   *cell;

	foreach(cell, plan->rtable)
	{
		RangeTblEntry *entry = lfirst(cell);

		if (entry->rtekind == RTE_RELATION && entry->relid != target &&
			entry->relkind != RELKIND_VIEW &&
			!is_examined(objects, entry->relid))
			sfdw_gate_refuse(sfdw_gate_relation_name(entry->relid), WHY_PLAN);
	}
}

/* The foreign tables among a relation and its children. */
static List *
add_foreign_tables(List *tables, Oid relid)
{
	ListCell   *cell;

	if (!has_subclass(relid))
		return get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE
			? list_append_unique_oid(tables, relid) : tables;
	foreach(cell, find_all_inheritors(relid, NoLock, NULL))
		if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_FOREIGN_TABLE)
			tables = list_append_unique_oid(tables, lfirst_oid(cell));
	return tables;
}

/* For comparing locations: whether the gate lets them pass is another matter. */
List *
sfdw_gate_foreign_tables(Oid view)
{
	List	   *tables = NIL;
	ListCell   *outer;
	ListCell   *inner;

	foreach(outer, sfdw_view_with_views(view))
	{
		foreach(inner, sfdw_view_dependencies(lfirst_oid(outer)))
		{
			ObjectAddress *address = lfirst(inner);

			if (address->classId == RelationRelationId)
				tables = add_foreign_tables(tables, address->objectId);
		}
	}
	return tables;
}
