/*-------------------------------------------------------------------------
 * table_statistics.h
 *		What a catalog is told about the values of published columns
 *
 * For each column how many values are null and how many differ, how long texts
 * are, and, where that tells nothing personal, the smallest and the largest
 * number or time.  JSON, an array in the shape of Glue's ColumnStatisticsList
 * but for the time of analysis; query planners read it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_TABLE_STATISTICS_H
#define SFDW_TABLE_STATISTICS_H

#include "core/compat.h"
#include "executor/tuptable.h"
#include "nodes/pg_list.h"

typedef struct SfdwTableStatistics SfdwTableStatistics;

/*
 * Start to look at rows of this shape, in the current memory context.
 * Columns whose names (char *) are in unbounded get no smallest and largest
 * value.  Takes 4 kB a column.
 */
extern SfdwTableStatistics *sfdw_statistics_begin(TupleDesc desc,
												  List *unbounded);

/* Look at one row; allocates nothing that outlives the call. */
extern void sfdw_statistics_add(SfdwTableStatistics *statistics,
								TupleTableSlot *slot);

/*
 * What was seen, palloc'd.  Distinct values are an estimate, right to about
 * 2 %, and nearly exact up to some hundred.  Columns of types that Glue has no
 * statistics for are left out.
 */
extern char *sfdw_statistics_text(const SfdwTableStatistics *statistics);

#endif							/* SFDW_TABLE_STATISTICS_H */
