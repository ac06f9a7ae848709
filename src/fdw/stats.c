/*-------------------------------------------------------------------------
 * stats.c
 *		What the planner is told of the columns of a foreign table
 *
 * See stats.h.
 *-------------------------------------------------------------------------
 */
#include "fdw/stats.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_statistic.h"
#include "utils/rel.h"
#include "utils/selfuncs.h"

#include "fdw/estimate.h"

static get_relation_stats_hook_type previous_hook = NULL;

/* A row of pg_statistic that has counts and no values. */
static HeapTuple
make_statistics(Oid relid, AttrNumber attnum, const SfdwFieldEstimate *field)
{
	Relation	catalog = table_open(StatisticRelationId, AccessShareLock);
	Datum		values[Natts_pg_statistic] = {0};
	bool		nulls[Natts_pg_statistic] = {0};
	HeapTuple	tuple;

	values[Anum_pg_statistic_starelid - 1] = ObjectIdGetDatum(relid);
	values[Anum_pg_statistic_staattnum - 1] = Int16GetDatum(attnum);
	values[Anum_pg_statistic_stainherit - 1] = BoolGetDatum(false);
	values[Anum_pg_statistic_stanullfrac - 1] =
		Float4GetDatum((float4) field->null_fraction);
	values[Anum_pg_statistic_stawidth - 1] =
		Int32GetDatum((int32) Max(1, field->width));
	values[Anum_pg_statistic_stadistinct - 1] =
		Float4GetDatum((float4) field->distinct);
	for (int i = 0; i < STATISTIC_NUM_SLOTS; i++)
	{
		nulls[Anum_pg_statistic_stanumbers1 - 1 + i] = true;
		nulls[Anum_pg_statistic_stavalues1 - 1 + i] = true;
	}
	tuple = heap_form_tuple(RelationGetDescr(catalog), values, nulls);
	table_close(catalog, AccessShareLock);
	return tuple;
}

/* What this transaction's sample says of a column, or NULL. */
static const SfdwFieldEstimate *
find_field(const RangeTblEntry *rte, AttrNumber attnum)
{
	const SfdwEstimate *estimate;

	if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_FOREIGN_TABLE ||
		attnum <= 0)
		return NULL;
	estimate = sfdw_estimate_cached(rte->relid);
	if (estimate == NULL)
		return NULL;
	if (sfdw_table_source(rte->relid, attnum) != SFDW_FROM_FIELD)
		return NULL;
	return sfdw_estimate_field(estimate, sfdw_table_field(rte->relid, attnum));
}

/*
 * Answer the planner for a column of ours.  Only tables that were estimated in
 * this transaction are in the cache, so a table of another wrapper never is.
 */
static bool
provide_stats(PlannerInfo *root, RangeTblEntry *rte, AttrNumber attnum,
			  VariableStatData *variable)
{
	const SfdwFieldEstimate *field = find_field(rte, attnum);

	if (field != NULL)
	{
		variable->statsTuple = make_statistics(rte->relid, attnum, field);
		variable->freefunc = heap_freetuple;
		return true;
	}
	return previous_hook != NULL && previous_hook(root, rte, attnum, variable);
}

/* Install the hook. */
void
sfdw_stats_init(void)
{
	previous_hook = get_relation_stats_hook;
	get_relation_stats_hook = provide_stats;
}
