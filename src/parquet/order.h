/*-------------------------------------------------------------------------
 * order.h
 *		Whether the rows that are written really come in order
 *
 * A reader trusts what a file says about its order, so the writer says it only
 * after it has seen it: ascending in Parquet's order, nulls last.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_ORDER_H
#define SFDW_PARQUET_ORDER_H

#include "parquet/types.h"

typedef struct SfdwRowOrder SfdwRowOrder;

/*
 * Start to watch the columns that names lists, or return NULL for an empty
 * list; raises an error for a name that is not among the columns, or twice.
 */
extern SfdwRowOrder *sfdw_row_order_create(List *names,
										   SfdwParquetColumn *columns,
										   int num_columns);

/* Compare the row that was just put into the columns with the one before. */
extern void sfdw_row_order_next(SfdwRowOrder *order, const bool *isnull);

/*
 * Say by how many of the columns, from the first on, the rows since the last
 * call were in order; *sorting gets an array for them.
 */
extern int	sfdw_row_order_finish(SfdwRowOrder *order,
								  SfdwSortingColumn **sorting);

#endif							/* SFDW_PARQUET_ORDER_H */
