/*-------------------------------------------------------------------------
 * order.c
 *		Whether the rows that are written really come in order
 *-------------------------------------------------------------------------
 */
#include "parquet/order.h"

#include "nodes/pg_list.h"

/* A column that is watched, with its value in the row before. */
typedef struct Watched
{
	SfdwParquetColumn *column;
	int			leaf;
	bool		is_null;
	StringInfoData value;
} Watched;

struct SfdwRowOrder
{
	int			num_watched;
	int			num_ordered;	/* the first ones, which were in order so far */
	bool		has_previous;
	Watched		watched[FLEXIBLE_ARRAY_MEMBER];
};

/* The column of a name; an error when there is none. */
static int
find_column(const char *name, SfdwParquetColumn *columns, int num_columns)
{
	int			i;

	for (i = 0; i < num_columns; i++)
		if (strcmp(columns[i].name, name) == 0)
			return i;
	ereport(ERROR,
			errcode(ERRCODE_UNDEFINED_COLUMN),
			errmsg("column \"%s\" named in option \"%s\" does not exist", name,
				   "sorted_by"));
	return 0;					/* not reached */
}

/* Start to watch columns. */
SfdwRowOrder *
sfdw_row_order_create(List *names, SfdwParquetColumn *columns, int num_columns)
{
	SfdwRowOrder *order;
	ListCell   *cell;
	int			i;

	if (names == NIL)
		return NULL;
	order = palloc0(offsetof(SfdwRowOrder, watched) +
					list_length(names) * sizeof(Watched));
	foreach(cell, names)
	{
		int			leaf = find_column(lfirst(cell), columns, num_columns);
		Watched    *watched = &order->watched[order->num_watched];

		for (i = 0; i < order->num_watched; i++)
			if (order->watched[i].leaf == leaf)
				ereport(ERROR,
						errcode(ERRCODE_DUPLICATE_COLUMN),
						errmsg("column \"%s\" named in option \"%s\" more than once",
							   columns[leaf].name, "sorted_by"));
		watched->column = &columns[leaf];
		watched->leaf = leaf;
		initStringInfo(&watched->value);
		order->num_watched++;
	}
	order->num_ordered = order->num_watched;
	return order;
}

/* Compare a column's value in this row with the one before. */
static int
compare(const Watched *watched, bool is_null)
{
	SfdwBytes	before = {watched->value.data, (size_t) watched->value.len};

	if (is_null || watched->is_null)
		return (int) watched->is_null - (int) is_null;
	return sfdw_value_compare(watched->column->layout.order, before,
							  sfdw_chunk_last(&watched->column->chunk));
}

/* Find the first column that tells the rows apart, and whether it does right. */
static void
check(SfdwRowOrder *order, const bool *isnull)
{
	int			i;

	for (i = 0; i < order->num_ordered; i++)
	{
		const Watched *watched = &order->watched[i];
		int			result = compare(watched, isnull[watched->column->index]);

		if (result < 0)
			return;
		if (result > 0)
			order->num_ordered = i;
	}
}

/* Keep the row's values for the next one. */
static void
remember(SfdwRowOrder *order, const bool *isnull)
{
	int			i;

	for (i = 0; i < order->num_ordered; i++)
	{
		Watched    *watched = &order->watched[i];
		SfdwBytes	value;

		watched->is_null = isnull[watched->column->index];
		if (watched->is_null)
			continue;
		value = sfdw_chunk_last(&watched->column->chunk);
		resetStringInfo(&watched->value);
		appendBinaryStringInfo(&watched->value, value.data,
							   (int) value.length);
	}
}

/* Compare a row with the one before. */
void
sfdw_row_order_next(SfdwRowOrder *order, const bool *isnull)
{
	if (order->has_previous)
		check(order, isnull);
	remember(order, isnull);
	order->has_previous = true;
}

/* Say by how many of the columns the rows were in order. */
int
sfdw_row_order_finish(SfdwRowOrder *order, SfdwSortingColumn **sorting)
{
	int			count = order->num_ordered;
	int			i;

	*sorting = palloc0(Max(count, 1) * sizeof(SfdwSortingColumn));
	for (i = 0; i < count; i++)
		(*sorting)[i].column = order->watched[i].leaf;
	order->num_ordered = order->num_watched;
	order->has_previous = false;
	return count;
}
