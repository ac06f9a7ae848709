/*-------------------------------------------------------------------------
 * receiver.c
 *		A destination for query results that writes them as a Parquet object
 *
 * See receiver.h for the contract.
 *-------------------------------------------------------------------------
 */
#include "copy/receiver.h"

#include "commands/progress.h"
#include "executor/executor.h"
#include "pgstat.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

typedef struct Receiver
{
	DestReceiver base;			/* must be first */
	const SfdwCopyTarget *target;
	MemoryContext context;		/* the receiver and all that it holds */
	SfdwSink   *sink;			/* NULL until an executor has started */
	SfdwParquetWriter *writer;
	int64		rows;
} Receiver;

/*
 * Make the object and write the file's head.  A portal that is run in several
 * steps starts its receiver at each of them: only the first counts.
 */
static void
start(DestReceiver *self, int operation, TupleDesc desc)
{
	Receiver   *receiver = (Receiver *) self;
	const SfdwCopyTarget *target = receiver->target;
	MemoryContext caller;

	if (receiver->writer != NULL)
		return;
	sfdw_parquet_writer_check(desc, &target->options);

	/* Executor memory may be gone before finish: nothing of ours is there. */
	caller = MemoryContextSwitchTo(receiver->context);
	desc = CreateTupleDescCopy(desc);
	receiver->sink = sfdw_storage_create(target->storage, target->key);
	receiver->writer = sfdw_parquet_writer_open(receiver->sink, desc,
												&target->options);
	MemoryContextSwitchTo(caller);
}

/* Write one row. */
static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Receiver   *receiver = (Receiver *) self;
	const SfdwCopyTarget *target = receiver->target;

	slot_getallattrs(slot);
	if (target->tap != NULL)
		target->tap(target->tap_argument, slot);
	sfdw_parquet_writer_append(receiver->writer, slot->tts_values,
							   slot->tts_isnull);
	receiver->rows++;
	if (target->reports_progress)
	{
		pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED,
									 receiver->rows);
		pgstat_progress_update_param(PROGRESS_COPY_BYTES_PROCESSED,
									 (int64) receiver->sink->size);
	}
	return true;
}

/* An executor is done; the object is completed by finish, which see. */
static void
stop(DestReceiver *self)
{
}

/* Drop everything; a sink that was not finished leaves nothing behind. */
static void
destroy(DestReceiver *self)
{
	MemoryContextDelete(((Receiver *) self)->context);
}

/* Make a receiver. */
DestReceiver *
sfdw_copy_receiver_create(const SfdwCopyTarget *target)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw copy",
												  ALLOCSET_DEFAULT_SIZES);
	Receiver   *receiver = MemoryContextAllocZero(context, sizeof(Receiver));

	receiver->base.receiveSlot = receive;
	receiver->base.rStartup = start;
	receiver->base.rShutdown = stop;
	receiver->base.rDestroy = destroy;
	receiver->base.mydest = DestNone;
	receiver->target = target;
	receiver->context = context;
	return &receiver->base;
}

/* Complete the object and make it visible. */
void
sfdw_copy_receiver_finish(DestReceiver *self, SfdwCopyResult *result)
{
	Receiver   *receiver = (Receiver *) self;
	MemoryContext caller;

	if (receiver->writer == NULL)
		elog(ERROR, "a Parquet receiver was finished before it was started");
	caller = MemoryContextSwitchTo(receiver->context);
	sfdw_parquet_writer_finish(receiver->writer, &result->summary);
	sfdw_sink_finish(receiver->sink);
	MemoryContextSwitchTo(caller);
	result->version_id = receiver->sink->version_id == NULL ? NULL :
		pstrdup(receiver->sink->version_id);
}

/* Run a plan into a receiver, from the executor's start to its end. */
static void
execute(PlannedStmt *plan, const char *source_text, DestReceiver *receiver)
{
	QueryDesc  *query;

	/* See what earlier commands of this transaction did, as COPY does. */
	PushCopiedSnapshot(GetActiveSnapshot());
	UpdateActiveSnapshotCommandId();
	query = CreateQueryDesc(plan, source_text, GetActiveSnapshot(),
							InvalidSnapshot, receiver, NULL, NULL, 0);
	ExecutorStart(query, 0);
	sfdw_executor_run(query);
	ExecutorFinish(query);
	ExecutorEnd(query);
	FreeQueryDesc(query);
	PopActiveSnapshot();
}

/* Run a plan into the target. */
void
sfdw_copy_run_plan(PlannedStmt *plan, const char *source_text,
				   const SfdwCopyTarget *target, SfdwCopyResult *result)
{
	DestReceiver *receiver = sfdw_copy_receiver_create(target);

	/*
	 * The context that we were called in may live on after an error (in a
	 * procedure with an EXCEPTION block); what was written may not.
	 */
	PG_TRY();
	{
		execute(plan, source_text, receiver);
		sfdw_copy_receiver_finish(receiver, result);
	}
	PG_FINALLY();
	{
		receiver->rDestroy(receiver);
	}
	PG_END_TRY();
}
