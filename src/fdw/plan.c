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
#include "nodes/value.h"
#include "optimizer/clauses.h"
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

/* Up to this share of the rows, conditions are checked early. */
#define MAX_EARLY_SHARE 0.7

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

/*
 * Whether the scan itself may check a condition as soon as its columns are
 * made; adds these to *columns.  The executor checks it again, so it must say
 * the same twice.
 */
static bool
is_early(Node *clause, RelOptInfo *baserel, Oid relid, Bitmapset **columns)
{
	Bitmapset  *used = NULL;
	int			member = -1;

	if (contain_volatile_functions(clause) || contain_subplans(clause))
		return false;
	pull_varattnos(clause, baserel->relid, &used);
	while ((member = bms_next_member(used, member)) >= 0)
	{
		AttrNumber	attnum = member + FirstLowInvalidHeapAttributeNumber;

		if (attnum <= 0 || sfdw_table_source(relid, attnum) != SFDW_FROM_FIELD)
			return false;
	}
	*columns = bms_add_members(*columns, used);
	return true;
}

/*
 * The conditions that the scan checks early: the first ones, for those of a
 * security barrier stand before all others and must be met before these are
 * looked at.  None where most rows are wanted anyway.
 */
static List *
early_conditions(List *clauses, RelOptInfo *baserel, Oid relid,
				 Bitmapset **columns)
{
	List	   *early = NIL;
	ListCell   *cell;

	if (baserel->rows > baserel->tuples * MAX_EARLY_SHARE)
		return NIL;
	foreach(cell, clauses)
	{
		if (!is_early(lfirst(cell), baserel, relid, columns))
			break;
		early = lappend(early, lfirst(cell));
	}
	return early;
}

/* The same attribute numbers, those of columns first; *first counts these. */
static List *
order_columns(List *attnums, Bitmapset *columns, int *first)
{
	List	   *head = NIL;
	List	   *tail = NIL;
	ListCell   *cell;

	foreach(cell, attnums)
	{
		if (bms_is_member(lfirst_int(cell) - FirstLowInvalidHeapAttributeNumber,
						  columns))
			head = lappend_int(head, lfirst_int(cell));
		else
			tail = lappend_int(tail, lfirst_int(cell));
	}
	*first = list_length(head);
	return list_concat(head, tail);
}

/* Make the plan: all conditions are checked by the executor. */
ForeignScan *
sfdwGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel, Oid relid,
				   ForeignPath *best_path, List *tlist, List *scan_clauses,
				   Plan *outer_plan)
{
	SfdwPlanning *planning = baserel->fdw_private;
	List	   *clauses = extract_actual_clauses(scan_clauses, false);
	Bitmapset  *columns = NULL;
	List	   *early = early_conditions(clauses, baserel, relid, &columns);
	int			first;
	List	   *attnums = order_columns(planning->attnums, columns, &first);

	return make_foreignscan(tlist, clauses, baserel->relid, early,
							list_make2(attnums, makeInteger(first)), NIL, NIL,
							outer_plan);
}
