/*-------------------------------------------------------------------------
 * bounds.h
 *		The smallest and the largest value of a column chunk
 *
 * Pure.  Values are compared in the order that Parquet defines for their type.
 * Of byte arrays only the first bytes are kept: a lower bound may be shortened,
 * an upper bound is raised where it is shortened.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_BOUNDS_H
#define SFDW_BOUNDS_H

#include "parquet/values.h"

typedef enum SfdwValueOrder
{
	SFDW_ORDER_BOOLEAN,			/* a byte of 0 or 1 */
	SFDW_ORDER_INT32,
	SFDW_ORDER_INT64,
	SFDW_ORDER_FLOAT,
	SFDW_ORDER_DOUBLE,
	SFDW_ORDER_BYTES,			/* unsigned bytes, of any length */
	SFDW_ORDER_TEXT,			/* the same, and valid UTF-8 */
	SFDW_ORDER_DECIMAL			/* two's complement, highest byte first, all
								 * of one length */
} SfdwValueOrder;

/* Bytes that a bound of a byte array may have. */
#define SFDW_BOUND_MAX_BYTES 64

/* One byte more is kept: it shows that there was more. */
typedef struct SfdwBound
{
	char		bytes[SFDW_BOUND_MAX_BYTES + 1];
	size_t		length;
} SfdwBound;

typedef struct SfdwBounds
{
	bool		any;			/* false: no value that has a place in order */
	SfdwBound	min;
	SfdwBound	max;
} SfdwBounds;

/* Negative, zero or positive as a is before, equal to or after b. */
extern int	sfdw_value_compare(SfdwValueOrder order, SfdwBytes a, SfdwBytes b);

/*
 * Take values into account, of each of which the first prefix bytes do not
 * count.  NaN has no place in order and is passed over.
 */
extern void sfdw_bounds_add(SfdwBounds *bounds, SfdwValueOrder order,
							size_t prefix, const SfdwValues *values);

/*
 * Put the bounds into a chunk's statistics, shortened as needed; an upper bound
 * that cannot be raised is left out.  The bytes belong to bounds.
 */
extern void sfdw_bounds_finish(SfdwBounds *bounds, SfdwValueOrder order,
							   SfdwParquetStatistics *statistics);

#endif							/* SFDW_BOUNDS_H */
