/*-------------------------------------------------------------------------
 * gate_raw.c
 *		Raw columns that were met, and sets of them
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_raw.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "utils/lsyscache.h"

/* The place of a raw column, which is made when it is met for the first time. */
static int
place_of(SfdwRawColumns *columns, Oid relid, AttrNumber attnum)
{
	SfdwLineage *entry;
	ListCell   *cell;

	foreach(cell, columns->found)
	{
		entry = lfirst(cell);
		if (entry->relid == relid && entry->attnum == attnum)
			return foreach_current_index(cell);
	}
	entry = palloc0(sizeof(SfdwLineage));
	entry->relid = relid;
	entry->attnum = attnum;
	columns->found = lappend(columns->found, entry);
	return list_length(columns->found) - 1;
}

/* Add one column of one relation, unless that only stands for its children. */
static void
add_one(SfdwRawColumns *columns, Oid relid, const char *name, SfdwRawSet *set)
{
	if (get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
		set->intact = bms_add_member(set->intact,
									 place_of(columns, relid,
											  get_attnum(relid, name)));
}

/* Children have the column by its name, and may have it in another place. */
void
sfdw_raw_add(SfdwRawColumns *columns, RangeTblEntry *entry, AttrNumber attnum,
			 SfdwRawSet *set)
{
	char	   *name = get_attname(entry->relid, attnum, false);
	List	   *members = list_make1_oid(entry->relid);
	ListCell   *cell;

	if (entry->inh)
		members = find_all_inheritors(entry->relid, NoLock, NULL);
	foreach(cell, members)
		add_one(columns, lfirst_oid(cell), name, set);
}

/* What is shielded stays shielded, and what is computed cannot be any more. */
void
sfdw_raw_union(SfdwRawSet *set, const SfdwRawSet *other, SfdwRawWay way)
{
	Bitmapset **intact[] = {
		[SFDW_RAW_KEPT] = &set->intact,
		[SFDW_RAW_COMPUTED] = &set->computed,
		[SFDW_RAW_SHIELDED] = &set->shielded,
	};

	*intact[way] = bms_add_members(*intact[way], other->intact);
	set->computed = bms_add_members(set->computed, other->computed);
	set->shielded = bms_add_members(set->shielded, other->shielded);
}

/* Of the same columns, in the same way. */
bool
sfdw_raw_equal(const SfdwRawSet *a, const SfdwRawSet *b)
{
	return bms_equal(a->intact, b->intact) &&
		bms_equal(a->computed, b->computed) &&
		bms_equal(a->shielded, b->shielded);
}

/* Note a use of each of some columns. */
static void
use(SfdwRawColumns *columns, const Bitmapset *places, bool is_bare,
	uint32 roles, int output)
{
	int			place = -1;

	while ((place = bms_next_member(places, place)) >= 0)
	{
		SfdwLineage *entry = list_nth(columns->found, place);

		entry->roles |= roles;
		entry->is_bare |= is_bare;
		if (output > 0)
			entry->outputs = bms_add_member(entry->outputs, output);
	}
}

/* A column can be used in several ways at once. */
void
sfdw_raw_use(SfdwRawColumns *columns, const SfdwRawSet *set,
			 uint32 roles, int output)
{
	use(columns, set->intact, true, roles, output);
	use(columns, set->computed, true, roles, output);
	use(columns, set->shielded, false, roles, output);
}
