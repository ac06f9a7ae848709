/*-------------------------------------------------------------------------
 * diff.h
 *		How the rows of a foreign table differ between two snapshots
 *
 * Rows are known by the columns of class "id" and compared column by column, as
 * text.  Of the values only 64-bit hashes are kept, with a seed that nobody
 * knows beforehand, and of the key its text: so no other value reaches a
 * temporary file, and a change is missed with one chance in 10^19.  Both sides
 * are sorted, within work_mem each.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DIFF_H
#define SFDW_DIFF_H

#include "core/compat.h"
#include "dataset/snapshot.h"
#include "nodes/pg_list.h"

typedef enum SfdwDiffChange
{
	SFDW_DIFF_ADDED,
	SFDW_DIFF_REMOVED,
	SFDW_DIFF_CHANGED,
	SFDW_DIFF_UNCHANGED
} SfdwDiffChange;

/* What is compared. */
typedef struct SfdwDiff
{
	Oid			relid;
	SfdwSnapshot since;
	SfdwSnapshot until;
	List	   *keys;			/* char *: columns of class "id" */
	List	   *columns;		/* char *: the others */
} SfdwDiff;

/*
 * Called for each row, in the order of their keys as bytes.  key lives until
 * the function returns; changed are the columns (char *) whose values differ,
 * of rows that are on both sides.
 */
typedef void (*SfdwDiffVisitor) (SfdwDiffChange change, const char *key,
								 List *changed, void *arg);

/*
 * Find the columns of a foreign table of ours: those in only (a list of char
 * *), or all when it is NIL; columns that say where a row came from are never
 * compared.  Raises for another relation, a column that there is not, and a
 * table without a column of class "id".
 */
extern void sfdw_diff_find_columns(SfdwDiff *diff, List *only);

/*
 * Read both sides on behalf of the current user, who needs SELECT on all these
 * columns, and visit every row.  An error when a row has no id, or two of a
 * side have the same.
 */
extern void sfdw_diff_run(const SfdwDiff *diff, SfdwDiffVisitor visit,
						  void *arg);

#endif							/* SFDW_DIFF_H */
