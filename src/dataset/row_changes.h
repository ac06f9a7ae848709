/*-------------------------------------------------------------------------
 * row_changes.h
 *		How many rows a materialization adds, changes and removes
 *
 * Rows are known by the columns that hold record ids, and compared by their
 * stored bytes.  Both are hashed to 64 bits, and only the hashes are kept: so
 * no value reaches a temporary file, and the counts are exact but for rows
 * whose hashes collide (one chance in 10^7 for a million rows).
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ROW_CHANGES_H
#define SFDW_ROW_CHANGES_H

#include "core/compat.h"

struct SfdwTargetColumns;		/* fill.h */

/*
 * Rows with a new key, with a known key and other values, and whose key is
 * gone.  Of several rows with one key those that are alike on both sides are
 * paired first, then any two.  Without a key no row is called changed.
 */
typedef struct SfdwRowChanges
{
	int64		added;
	int64		changed;
	int64		removed;
} SfdwRowChanges;

typedef struct SfdwRowComparison SfdwRowComparison;

/*
 * Read the rows that the target has now.  Memory is bounded by work_mem; what
 * is beyond it goes to temporary files.  columns must outlive the comparison.
 */
extern SfdwRowComparison *sfdw_row_changes_begin(const struct SfdwTargetColumns *columns);

/* Add one row of what replaces them: its hash, and that of its key. */
extern void sfdw_row_changes_add(SfdwRowComparison *comparison, uint64 key,
								 uint64 row);

/* Compare, and free the comparison. */
extern SfdwRowChanges sfdw_row_changes_end(SfdwRowComparison *comparison);

#endif							/* SFDW_ROW_CHANGES_H */
