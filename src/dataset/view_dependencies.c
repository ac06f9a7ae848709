/*-------------------------------------------------------------------------
 * view_dependencies.c
 *		What pg_depend says of a view
 *
 * The rule, not the view itself, carries what the query refers to.
 *-------------------------------------------------------------------------
 */
#include "dataset/view_dependencies.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_rewrite.h"
#include "rewrite/rewriteSupport.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

/* One row of pg_depend as an address. */
static ObjectAddress *
address_of(HeapTuple tuple)
{
	Form_pg_depend depend = (Form_pg_depend) GETSTRUCT(tuple);
	ObjectAddress *address = palloc(sizeof(ObjectAddress));

	ObjectAddressSubSet(*address, depend->refclassid, depend->refobjid,
						depend->refobjsubid);
	return address;
}

/* The rule depends on its view too, as every rule does. */
List *
sfdw_view_dependencies(Oid view)
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
		ObjectAddress *address = address_of(tuple);

		if (address->classId != RelationRelationId || address->objectId != view)
			addresses = lappend(addresses, address);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return addresses;
}

/* The list grows while it is gone through. */
List *
sfdw_view_with_views(Oid view)
{
	List	   *views = list_make1_oid(view);
	ListCell   *cell;

	for (int i = 0; i < list_length(views); i++)
	{
		foreach(cell, sfdw_view_dependencies(list_nth_oid(views, i)))
		{
			ObjectAddress *address = lfirst(cell);

			if (address->classId == RelationRelationId &&
				get_rel_relkind(address->objectId) == RELKIND_VIEW)
				views = list_append_unique_oid(views, address->objectId);
		}
	}
	return views;
}
