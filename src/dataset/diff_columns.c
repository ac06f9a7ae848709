/*-------------------------------------------------------------------------
 * diff_columns.c
 *		Which columns of a foreign table are compared, and by which ones
 *-------------------------------------------------------------------------
 */
#include "dataset/diff.h"

#include "access/table.h"
#include "core/names.h"
#include "dataset/gate_classes.h"
#include "fdw/table.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* Raise an error for columns that cannot be compared. */
static void
check_only(Oid relid, List *only)
{
	ListCell   *cell;

	foreach(cell, only)
	{
		const char *name = lfirst(cell);
		AttrNumber	attnum = get_attnum(relid, name);

		if (attnum <= 0)
			ereport(ERROR,
					errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("column \"%s\" of foreign table \"%s\" does not exist",
						   name, get_rel_name(relid)));
		if (sfdw_table_source(relid, attnum) != SFDW_FROM_FIELD)
			ereport(ERROR,
					errcode(ERRCODE_WRONG_OBJECT_TYPE),
					errmsg("column \"%s\" of foreign table \"%s\" cannot be compared",
						   name, get_rel_name(relid)),
					errdetail("It says where a row came from."));
	}
}

/* Raise an error for a relation that is not read from a location. */
static void
check_table(Oid relid)
{
	if (!sfdw_table_is_ours(relid))
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				get_rel_name(relid) == NULL ?
				errmsg("relation with OID %u does not exist", relid) :
				errmsg("\"%s\" is not a foreign table of salesforce_fdw",
					   get_rel_name(relid)));
}

/* Put one column where it belongs. */
static void
add_column(SfdwDiff *diff, AttrNumber attnum, List *only)
{
	SfdwLineage entry = {diff->relid, attnum};

	if (sfdw_table_source(diff->relid, attnum) != SFDW_FROM_FIELD)
		return;
	sfdw_gate_describe_field(&entry);
	if (entry.class == SFDW_CLASS_ID)
		diff->keys = lappend(diff->keys, entry.column_name);
	else if (only == NIL || sfdw_names_have(only, entry.column_name))
		diff->columns = lappend(diff->columns, entry.column_name);
}

/* Find all. */
void
sfdw_diff_find_columns(SfdwDiff *diff, List *only)
{
	Relation	relation;
	TupleDesc	desc;

	check_table(diff->relid);
	check_only(diff->relid, only);
	relation = table_open(diff->relid, AccessShareLock);
	desc = RelationGetDescr(relation);
	for (AttrNumber attnum = 1; attnum <= desc->natts; attnum++)
	{
		if (!TupleDescAttr(desc, attnum - 1)->attisdropped)
			add_column(diff, attnum, only);
	}
	table_close(relation, NoLock);
	if (diff->keys == NIL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("foreign table \"%s\" has no column of class \"id\"",
					   get_rel_name(diff->relid)),
				errhint("Give the column that holds the record ids the option \"class\" with the value \"id\"."));
}
