/*-------------------------------------------------------------------------
 * gate_raw.h
 *		Raw columns that were met, and sets of them
 *
 * A set says of what raw columns a value is made: of one as it is, computed from
 * some, or from what a transform gave of one, which is no longer personal.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_RAW_H
#define SFDW_GATE_RAW_H

#include "core/compat.h"
#include "access/attnum.h"
#include "dataset/gate.h"
#include "nodes/bitmapset.h"
#include "nodes/parsenodes.h"

/* Places in the list of raw columns; see SfdwRawColumns. */
typedef struct SfdwRawSet
{
	Bitmapset  *intact;			/* the value is that column's own */
	Bitmapset  *computed;		/* the value says something of that column's */
	Bitmapset  *shielded;		/* the same, of what a transform gave of it */
} SfdwRawSet;

/* What becomes of a value between where it is and where it is used. */
typedef enum SfdwRawWay
{
	SFDW_RAW_KEPT,				/* it is passed on as it is */
	SFDW_RAW_COMPUTED,			/* something is computed from it */
	SFDW_RAW_SHIELDED			/* a transform is given it as it is */
} SfdwRawWay;

/* Every raw column that was met. */
typedef struct SfdwRawColumns
{
	List	   *found;			/* SfdwLineage */
} SfdwRawColumns;

/*
 * Add to set the raw columns that a column of a relation stands for: itself,
 * and that of each child, if the entry reads them too.
 */
extern void sfdw_raw_add(SfdwRawColumns *columns, RangeTblEntry *entry,
						 AttrNumber attnum, SfdwRawSet *set);

/*
 * Add all of other to set.  A transform shields only what is given to it
 * intact: the parts of a value, masked one by one, would give all of it.
 */
extern void sfdw_raw_union(SfdwRawSet *set, const SfdwRawSet *other,
						   SfdwRawWay way);

extern bool sfdw_raw_equal(const SfdwRawSet *a, const SfdwRawSet *b);

/* Note that a value made of these is used in a role, in this 1-based output
 * column of the query (0: in none). */
extern void sfdw_raw_use(SfdwRawColumns *columns, const SfdwRawSet *set,
						 uint32 roles, int output);

#endif							/* SFDW_GATE_RAW_H */
