/*-------------------------------------------------------------------------
 * scan.h
 *		The executor's side of a foreign scan
 *
 * The state is private to this room; EXPLAIN prints from it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SCAN_H
#define SFDW_SCAN_H

#include "core/compat.h"
#include "fdw/row_reader.h"
#include "nodes/execnodes.h"
#include "storage/storage.h"

/* Places in ForeignScan.fdw_private. */
#define SFDW_PLAN_ATTNUMS	0	/* IntList: attribute numbers that are needed */
#define SFDW_PLAN_FIRST		1	/* Integer: how many of them, from the first, the
								 * conditions in fdw_exprs look at */

/* One scan of a foreign table. */
typedef struct SfdwScanState
{
	Oid			relid;
	Oid			server;
	char	   *key;
	SfdwStorage *storage;		/* NULL under EXPLAIN without ANALYZE */
	SfdwVersion *version;		/* what is read, rescans included */
	const char *snapshot;		/* what decided it; "" for the current version */
	SfdwFormat *format;
	SfdwRowRequest request;
	SfdwColumn *sources;		/* columns that say where a row came from */
	int			source_count;
	MemoryContext reader_context;	/* reset when the scan starts anew */
	ForeignScanState *node;
	ExprState  *conditions;		/* that a row must meet before the columns that
								 * they do not look at are made; NULL: none */
	SfdwRowReader *reader;		/* NULL before the first row and at the end */
	bool		is_at_end;
	int64		bytes;			/* read by all readers of this scan */
	int64		records;
} SfdwScanState;

/*
 * Asked when a scan begins, before it opens anything: of which foreign table,
 * and which columns (IntList: attribute numbers) it needs.  Raises to refuse.
 */
typedef void (*SfdwScanExaminer) (Oid relid, List *attnums);

/* Register the one that is asked; called once, from _PG_init. */
extern void sfdw_scan_set_examiner(SfdwScanExaminer examiner);

/* Callbacks of the FdwRoutine. */
extern void sfdwBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *sfdwIterateForeignScan(ForeignScanState *node);
extern void sfdwReScanForeignScan(ForeignScanState *node);
extern void sfdwEndForeignScan(ForeignScanState *node);

#endif							/* SFDW_SCAN_H */
