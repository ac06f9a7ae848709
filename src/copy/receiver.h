/*-------------------------------------------------------------------------
 * receiver.h
 *		A destination for query results that writes them as a Parquet object
 *
 * Knows the executor and the Parquet writer, and nothing of COPY statements,
 * privileges or data sets: whoever opened the storage has checked the rights.
 *
 * Call order:	create, (ExecutorRun | PortalRun)*, finish, rDestroy.
 *
 * The object is made when the executor hands over the first description of
 * rows, that is, after ExecutorStart has checked the privileges on what is
 * read; nobody sees it before finish has returned.  The receiver has a memory
 * context of its own below the one that was current at create: deleting
 * either drops what was written so far, so an error anywhere leaves neither
 * an object nor a temporary one.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COPY_RECEIVER_H
#define SFDW_COPY_RECEIVER_H

#include "storage/storage.h"
#include "executor/tuptable.h"
#include "nodes/plannodes.h"
#include "parquet/writer.h"
#include "tcop/dest.h"

/* Sees each row before it is written; must not keep the slot. */
typedef void (*SfdwCopyTap) (void *argument, TupleTableSlot *slot);

/* What is to be written, and how. */
typedef struct SfdwCopyTarget
{
	SfdwStorage *storage;		/* opened for SFDW_STORAGE_WRITE */
	const char *key;			/* below its location */
	SfdwParquetOptions options;
	SfdwCopyTap tap;			/* or NULL */
	void	   *tap_argument;
	bool		reports_progress;	/* in pg_stat_progress_copy, whose command
									 * the caller has started */
} SfdwCopyTarget;

/* What was written. */
typedef struct SfdwCopyResult
{
	SfdwParquetSummary summary;
	char	   *version_id;		/* of the object that was made, palloc'd in
								 * the context that was current at finish */
} SfdwCopyResult;

/* Make a receiver; target must outlive it.  Nothing is opened yet. */
extern DestReceiver *sfdw_copy_receiver_create(const SfdwCopyTarget *target);

/*
 * Complete the object and make it visible.  An error when no executor has
 * started on the receiver.  Call it when nothing else can fail any more: after
 * ExecutorFinish, which runs triggers.
 */
extern void sfdw_copy_receiver_finish(DestReceiver *receiver,
									  SfdwCopyResult *result);

/*
 * Run a plan, without parameters, into the target: receiver, executor, finish.
 * The snapshot is the active one with the current command id, as for COPY.
 * Privileges on what the plan reads are checked by the executor before the
 * object is made.  On an error nothing is left behind, whatever becomes of the
 * caller's memory context.
 */
extern void sfdw_copy_run_plan(PlannedStmt *plan, const char *source_text,
							   const SfdwCopyTarget *target,
							   SfdwCopyResult *result);

#endif							/* SFDW_COPY_RECEIVER_H */
