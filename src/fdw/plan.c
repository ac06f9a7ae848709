/*-------------------------------------------------------------------------
 * plan.c
 *		The planner's side of a foreign scan
 *
 * Decides which columns are needed and what reading them costs.  The plan
 * names no file and no version: those are settled when it is executed.
 *-------------------------------------------------------------------------
 */
#include "fdw/plan.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "fdw/column.h"
#include "fdw/estimate.h"
#include "fdw/scan.h"
#include "mb/pg_wchar.h"

/* CPU cost of tokenizing a record and of decoding a field of it. */
#define RECORD_COST_FACTOR 10
#define FIELD_COST_FACTOR 1

/* What is remembered of a base relation while it is planned. */
typedef struct SfdwPlanning
{
	List	   *attnums;		/* needed columns, in order */
	int64		size;			/* bytes of the object; 0 if there is none */
} SfdwPlanning;

/* The attribute numbers that the query needs of a relation, in order. */
static List *
needed_columns(RelOptInfo *baserel, Oid relid)
{
	Bitmapset  *used = NULL;
	List	   *attnums = NIL;
	ListCell   *cell;
	Relation	relation;
	TupleDesc	descriptor;
	bool		is_whole_row;

	pull_varattnos((Node *) baserel->reltarget->exprs, baserel->relid, &used);
	foreach(cell, baserel->baserestrictinfo)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, cell)->clause,
					   baserel->relid, &used);
	is_whole_row = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	relation = table_open(relid, NoLock);
	descriptor = RelationGetDescr(relation);
	for (AttrNumber attnum = 1; attnum <= descriptor->natts; attnum++)
	{
		if (!TupleDescAttr(descriptor, attnum - 1)->attisdropped &&
			(is_whole_row ||
			 bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, used)))
			attnums = lappend_int(attnums, attnum);
	}
	table_close(relation, NoLock);
	return attnums;
}

/*
 * Tell the planner how wide the text columns are; of the others it knows.  A
 * width of 0 would mean that nothing is known.
 */
static void
set_widths(RelOptInfo *baserel, Oid relid, List *attnums,
		   const SfdwEstimate *estimate)
{
	ListCell   *cell;

	foreach(cell, attnums)
	{
		AttrNumber	attnum = (AttrNumber) lfirst_int(cell);
		const SfdwFieldEstimate *field;

		if (get_typlen(get_atttype(relid, attnum)) > 0)
			continue;
		field = sfdw_estimate_field(estimate, sfdw_table_field(relid, attnum));
		if (field != NULL)
			baserel->attr_widths[attnum - baserel->min_attr] =
				(int32) Max(1, field->width * (1 - field->null_fraction));
	}
}

/* Refuse what cannot be read at all, before anything is touched. */
static void
check_readable(Oid relid, List *attnums)
{
	if (GetDatabaseEncoding() != PG_UTF8)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("cannot read foreign table \"%s\": the database encoding is not UTF8",
					   get_rel_name(relid)));
	(void) sfdw_column_plan(relid, attnums, sfdw_table_format(relid));
}

/* Estimate how large a foreign table is. */
void
sfdwGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel, Oid relid)
{
	SfdwPlanning *planning = palloc0(sizeof(SfdwPlanning));
	Oid			user = OidIsValid(baserel->userid) ? baserel->userid : GetUserId();
	const SfdwEstimate *estimate;

	baserel->fdw_private = planning;
	planning->attnums = needed_columns(baserel, relid);
	check_readable(relid, planning->attnums);
	estimate = sfdw_estimate_table(relid, user);
	planning->size = Max(estimate->size, 0);
	baserel->tuples = estimate->rows;
	set_widths(baserel, relid, planning->attnums, estimate);
	set_baserel_size_estimates(root, baserel);
}

/* Offer the one way to read a foreign table: from its first byte to its last. */
void
sfdwGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel, Oid relid)
{
	SfdwPlanning *planning = baserel->fdw_private;
	double		pages = (double) planning->size / BLCKSZ;
	Cost		startup = baserel->baserestrictcost.startup;
	Cost		per_record = cpu_tuple_cost * RECORD_COST_FACTOR +
		cpu_operator_cost * FIELD_COST_FACTOR *
		list_length(planning->attnums) +
		baserel->baserestrictcost.per_tuple;
	Cost		total = startup + seq_page_cost * pages +
		per_record * baserel->tuples;

	add_path(baserel, (Path *)
			 sfdw_foreignscan_path(root, baserel, startup, total));
}

/* Make the plan: all conditions are checked by the executor. */
ForeignScan *
sfdwGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel, Oid relid,
				   ForeignPath *best_path, List *tlist, List *scan_clauses,
				   Plan *outer_plan)
{
	SfdwPlanning *planning = baserel->fdw_private;

	return make_foreignscan(tlist, extract_actual_clauses(scan_clauses, false),
							baserel->relid, NIL,
							list_make1(planning->attnums), NIL, NIL,
							outer_plan);
}
