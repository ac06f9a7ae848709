/*-------------------------------------------------------------------------
 * execute.c
 *		Run a plan, or a statement of ours, into a receiver
 *-------------------------------------------------------------------------
 */
#include "dataset/execute.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "tcop/tcopprot.h"
#include "utils/snapmgr.h"

/* A new snapshot, since the caller's may be older than a lock it waited for. */
void
sfdw_execute_plan(PlannedStmt *plan, const char *text, DestReceiver *receiver)
{
	QueryDesc  *desc;

	CommandCounterIncrement();
	PushCopiedSnapshot(GetTransactionSnapshot());
	UpdateActiveSnapshotCommandId();
	desc = CreateQueryDesc(plan, text, GetActiveSnapshot(), InvalidSnapshot,
						   receiver, NULL, NULL, 0);
	ExecutorStart(desc, 0);
	sfdw_executor_run(desc);
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	PopActiveSnapshot();
	CommandCounterIncrement();
}

/* The planner scribbles on its input, so it gets a copy. */
PlannedStmt *
sfdw_execute_plan_of(Query *query, const char *text)
{
	return pg_plan_query(copyObject(query), text, CURSOR_OPT_PARALLEL_OK, NULL);
}

/* For queries whose plan nobody needs to look at. */
void
sfdw_execute_query(Query *query, const char *text,
				   DestReceiver *receiver)
{
	sfdw_execute_plan(sfdw_execute_plan_of(query, text), text, receiver);
}

/*
 * Not through SPI, whose line in an error's context would look as if a
 * function had raised it.
 */
void
sfdw_execute_text(const char *statement, DestReceiver *receiver)
{
	RawStmt    *parsed = linitial_node(RawStmt, pg_parse_query(statement));
	List	   *queries = pg_analyze_and_rewrite_fixedparams(parsed, statement,
															 NULL, 0, NULL);
	ListCell   *cell;

	foreach(cell, queries)
		sfdw_execute_query(lfirst_node(Query, cell), statement, receiver);
}
