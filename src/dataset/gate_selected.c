/*-------------------------------------------------------------------------
 * gate_selected.c
 *		The columns for which PostgreSQL itself checks the SELECT privilege
 *
 * The parser notes them as it meets them, so this list does not share the
 * mistakes of a walk over what the parser made.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_selected.h"

#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "dataset/gate_refuse.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"

#define WHY_DIFFERENCE "PostgreSQL's list of the columns that are read and the walk over the query differ."

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
void
sfdw_gate_compare_selected(Query *query, int index, Bitmapset *seen)
{
	RangeTblEntry *entry = rt_fetch(index, query->rtable);
	Bitmapset  *selected = NULL;
	Bitmapset  *privileged;
	int			member = -1;

	if (entry->rtekind != RTE_RELATION || entry->relkind == RELKIND_VIEW)
		return;
	privileged = SFDW_SELECTED_COLUMNS(query, entry);
	while ((member = bms_next_member(privileged, member)) >= 0)
	{
		int			attnum = member + FirstLowInvalidHeapAttributeNumber;

		if (attnum <= 0)
			sfdw_gate_refuse(psprintf("a whole row or a system column of %s",
									  sfdw_gate_relation_name(entry->relid)),
							 WHY_DIFFERENCE);
		selected = bms_add_member(selected, attnum);
	}
	refuse_difference(entry, selected, seen);
	refuse_difference(entry, seen, selected);
}
