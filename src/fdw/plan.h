/*-------------------------------------------------------------------------
 * plan.h
 *		The planner's side of a foreign scan
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PLAN_H
#define SFDW_PLAN_H

#include "core/compat.h"
#include "foreign/fdwapi.h"

/* Callbacks of the FdwRoutine. */
extern void sfdwGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel,
								  Oid relid);
extern void sfdwGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel,
								Oid relid);
extern ForeignScan *sfdwGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel,
									   Oid relid, ForeignPath *best_path,
									   List *tlist, List *scan_clauses,
									   Plan *outer_plan);

#endif							/* SFDW_PLAN_H */
