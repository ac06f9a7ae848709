/*-------------------------------------------------------------------------
 * gate_objects.c
 *		The gate's second net: the objects that a query depends on
 *
 * Looks at catalogs, not at expressions, and so does not share the walker's
 * mistakes.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_objects.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_class.h"
#include "catalog/pg_rewrite.h"
#include "dataset/gate_refuse.h"
#include "fdw/table.h"
#include "rewrite/rewriteSupport.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define WHY_RELATION "Only foreign tables of salesforce_fdw may be read."
#define WHY_INHERITANCE "It has parents or children, so that reading one means reading others."
#define WHY_POLICY "It has row-level security, rules or generated columns."
#define WHY_DEPENDENCY "The query depends on it, and it is not one of PostgreSQL's own."

/* Whether the relation has a generated column, which may hold another's value. */
static bool
has_generated_column(TupleDesc desc)
{
	for (int i = 0; i < desc->natts; i++)
		if (TupleDescAttr(desc, i)->attgenerated != '\0')
			return true;
	return false;
}


/* Refuse a relation that is more, or other, than what may be read. */
static void
check_relation(Oid relid, bool is_table)
{
	Relation	relation = table_open(relid, NoLock);
	const char *why = NULL;

	if (!is_table && !sfdw_table_is_ours(relid))
		why = WHY_RELATION;
	else if (relation->rd_rel->relhassubclass || has_superclass(relid))
		why = WHY_INHERITANCE;
	else if (relation->rd_rel->relrowsecurity || relation->rd_rel->relhasrules ||
			 has_generated_column(RelationGetDescr(relation)))
		why = WHY_POLICY;
	if (why != NULL)
		sfdw_gate_refuse(sfdw_gate_relation_name(relid), why);
	table_close(relation, NoLock);
}

/* Entries are locked by whoever got the query. */
List *
sfdw_gate_check_relations(Query *query, Oid table)
{
	List	   *relations = NIL;
	ListCell   *cell;

	foreach(cell, query->rtable)
	{
		RangeTblEntry *entry = lfirst(cell);

		if (entry->rtekind != RTE_RELATION)
			continue;
		check_relation(entry->relid, entry->relid == table);
		if (entry->relid != table)
			relations = list_append_unique_oid(relations, entry->relid);
	}
	return relations;
}

/* What the view's rule depends on: a list of ObjectAddress. */
static List *
dependencies(Oid view)
{
	Oid			rule = get_rewrite_oid(view, ViewSelectRuleName, false);
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	List	   *addresses = NIL;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(RewriteRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(rule));
	scan = systable_beginscan(catalog, DependDependerIndexId, true, NULL, 2,
							  keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend depend = (Form_pg_depend) GETSTRUCT(tuple);
		ObjectAddress *address = palloc(sizeof(ObjectAddress));

		ObjectAddressSubSet(*address, depend->refclassid, depend->refobjid,
							depend->refobjsubid);
		addresses = lappend(addresses, address);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return addresses;
}

/* The rule, not the view itself, carries what the query refers to. */
void
sfdw_gate_check_dependencies(Oid view, List *relations)
{
	ListCell   *cell;

	foreach(cell, dependencies(view))
	{
		ObjectAddress *address = lfirst(cell);

		if (address->classId != RelationRelationId ||
			(address->objectId != view &&
			 !list_member_oid(relations, address->objectId)))
			sfdw_gate_refuse(getObjectDescription(address, false),
							 WHY_DEPENDENCY);
	}
}

/* For comparing locations: whether the gate lets them pass is another matter. */
List *
sfdw_gate_foreign_tables(Oid view)
{
	List	   *tables = NIL;
	ListCell   *cell;

	foreach(cell, dependencies(view))
	{
		ObjectAddress *address = lfirst(cell);

		if (address->classId == RelationRelationId &&
			get_rel_relkind(address->objectId) == RELKIND_FOREIGN_TABLE)
			tables = list_append_unique_oid(tables, address->objectId);
	}
	return tables;
}
