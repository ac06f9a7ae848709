/*-------------------------------------------------------------------------
 * execute.h
 *		Run a plan, or a statement of ours, into a receiver
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_EXECUTE_H
#define SFDW_EXECUTE_H

#include "core/compat.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "tcop/dest.h"

/*
 * Run a plan to its end, as the current user.  It sees what this transaction
 * did before, and, under READ COMMITTED, what others have committed by now.
 */
extern void sfdw_execute_plan(PlannedStmt *plan, const char *text,
							  DestReceiver *receiver);

/* The plan of a query that was analyzed and rewritten; it is not changed. */
extern PlannedStmt *sfdw_execute_plan_of(Query *query, const char *text);

/* Plan such a query, and run it. */
extern void sfdw_execute_query(Query *query, const char *text,
							   DestReceiver *receiver);

/* The same for a statement of ours, with every name qualified. */
extern void sfdw_execute_text(const char *statement, DestReceiver *receiver);

#endif							/* SFDW_EXECUTE_H */
