/*-------------------------------------------------------------------------
 * gate_objects.h
 *		The gate's second net: the objects that a query depends on
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_OBJECTS_H
#define SFDW_GATE_OBJECTS_H

#include "core/compat.h"
#include "dataset/gate_listed.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"

/* The relations that a query reads, each (Oid) once. */
typedef struct SfdwGateObjects
{
	List	   *inputs;			/* foreign tables of ours, also as children */
	List	   *references;		/* tables that the data set lists */
	List	   *parents;		/* partitioned tables above either, which hold
								 * no rows */
	List	   *views;			/* looked through; see check_dependencies */
} SfdwGateObjects;

/*
 * Refuse the query unless every relation in it, and every child of one, is a
 * foreign table of ours, listed by the data set, a partitioned table, or the
 * listed->table.  The query has been rewritten.  A relation that has no
 * children is made to be read alone; all that are found stay locked.
 */
extern void sfdw_gate_check_relations(const SfdwListed *listed, Query *query,
									  SfdwGateObjects *objects);

/*
 * Refuse the view unless all that pg_depend says of it, and of the views that
 * it reads, is a column of one of the relations or a function that is listed:
 * built-in objects are not recorded there, so anything else is somebody's own.
 * Adds the views to objects.
 */
extern void sfdw_gate_check_dependencies(const SfdwListed *listed, Oid view,
										 SfdwGateObjects *objects);

/*
 * Refuse a plan that reads a relation which was not examined: one that became
 * a child in the meantime, or is read by the body of a function.
 */
extern void sfdw_gate_check_plan_relations(const SfdwGateObjects *objects,
										   Oid target, PlannedStmt *plan);

/* The foreign tables (Oid) that the view depends on, unlocked, by way of other
 * views and of partitioned tables too. */
extern List *sfdw_gate_foreign_tables(Oid view);

#endif							/* SFDW_GATE_OBJECTS_H */
