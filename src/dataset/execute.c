/*-------------------------------------------------------------------------
 * execute.c
 *		Run a plan, or a statement of ours, into a receiver
 *-------------------------------------------------------------------------
 */
#include "dataset/execute.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "executor/spi.h"
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
void
sfdw_execute_query(Query *query, const char *text,
				   DestReceiver *receiver)
{
	sfdw_execute_plan(pg_plan_query(copyObject(query), text,
									CURSOR_OPT_PARALLEL_OK, NULL),
					  text, receiver);
}

void
sfdw_execute_text(const char *statement, int expected, DestReceiver *receiver)
{
	SPIExecuteOptions options = {0};
	int			result;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	options.dest = receiver;
	result = SPI_execute_extended(statement, &options);
	if (result != expected)
		elog(ERROR, "SPI_execute_extended failed: %s",
			 SPI_result_code_string(result));
	SPI_finish();
}
