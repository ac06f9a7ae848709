/*-------------------------------------------------------------------------
 * gate_clauses.c
 *		What a query's clauses do with its target entries
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_clauses.h"

#include "dataset/gate.h"

/* Whether a list of SortGroupClause names the target entry. */
static bool
is_named(List *clauses, TargetEntry *entry)
{
	ListCell   *cell;

	foreach(cell, clauses)
		if (entry->ressortgroupref != 0 &&
			((SortGroupClause *) lfirst(cell))->tleSortGroupRef == entry->ressortgroupref)
			return true;
	return false;
}

/* In what roles the query's clauses use a target entry. */
uint32
sfdw_gate_clause_roles(Query *query, TargetEntry *entry)
{
	uint32		roles = 0;
	ListCell   *cell;

	if (is_named(query->sortClause, entry))
		roles |= SFDW_ROLE_SORT;
	if (is_named(query->groupClause, entry) ||
		is_named(query->distinctClause, entry))
		roles |= SFDW_ROLE_GROUP;
	foreach(cell, query->windowClause)
	{
		WindowClause *window = lfirst(cell);

		if (is_named(window->orderClause, entry))
			roles |= SFDW_ROLE_SORT;
		if (is_named(window->partitionClause, entry))
			roles |= SFDW_ROLE_GROUP;
	}
	return roles;
}
