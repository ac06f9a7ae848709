/*-------------------------------------------------------------------------
 * row_changes.c
 *		How many rows a materialization adds, changes and removes
 *
 * Two sorts of (key, row) hashes, walked side by side.
 *-------------------------------------------------------------------------
 */
#include "dataset/row_changes.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "dataset/fill.h"
#include "dataset/rowsum.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/tuplesort.h"

/* Columns of what is sorted: the key's hash, then the row's. */
#define HASHES 2

/* Rows of one side, sorted by their hashes. */
typedef struct Side
{
	Tuplesortstate *sort;
	TupleTableSlot *in;			/* what goes into the sort */
	TupleTableSlot *out;		/* what comes out of it */
	int64		count;
	uint64		sum;			/* of the rows' hashes */
	bool		is_at_end;
	int64		key;			/* of the row that is next */
	int64		row;
} Side;

struct SfdwRowComparison
{
	Side		before;
	Side		after;
};

/* Takes the rows that the target has. */
typedef struct Reader
{
	DestReceiver receiver;
	const SfdwTargetColumns *columns;
	SfdwRowSum *sum;
	Side	   *side;
} Reader;

/* Begin to sort. */
static void
begin_side(Side *side)
{
	AttrNumber	numbers[HASHES] = {1, 2};
	Oid			operators[HASHES] = {Int8LessOperator, Int8LessOperator};
	Oid			collations[HASHES] = {InvalidOid, InvalidOid};
	bool		nulls_first[HASHES] = {false, false};
	TupleDesc	desc = CreateTemplateTupleDesc(HASHES);

	TupleDescInitEntry(desc, 1, "key", INT8OID, -1, 0);
	TupleDescInitEntry(desc, 2, "row", INT8OID, -1, 0);
	side->sort = tuplesort_begin_heap(desc, HASHES, numbers, operators,
									  collations, nulls_first, work_mem, NULL,
									  TUPLESORT_NONE);
	side->in = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	side->out = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
}

/* Add one row's hashes. */
static void
add(Side *side, uint64 key, uint64 row)
{
	TupleTableSlot *slot = ExecClearTuple(side->in);

	slot->tts_values[0] = Int64GetDatum((int64) key);
	slot->tts_values[1] = Int64GetDatum((int64) row);
	slot->tts_isnull[0] = slot->tts_isnull[1] = false;
	tuplesort_puttupleslot(side->sort, ExecStoreVirtualTuple(slot));
	side->sum += row;
	side->count++;
}

/* rStartup: the rows' shape is known now. */
static void
start(DestReceiver *self, int operation, TupleDesc desc)
{
	((Reader *) self)->sum = sfdw_rowsum_begin(desc);
}

/* receiveSlot: one row of the target. */
static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Reader	   *reader = (Reader *) self;
	uint64		row = sfdw_rowsum_add(reader->sum, slot);

	CHECK_FOR_INTERRUPTS();
	add(reader->side,
		sfdw_rowsum_key(reader->sum, slot, reader->columns->keys, row), row);
	return true;
}

/* rShutdown and rDestroy: the reader is its caller's. */
static void
finish(DestReceiver *self)
{
}

/* Read the target. */
SfdwRowComparison *
sfdw_row_changes_begin(const SfdwTargetColumns *columns)
{
	SfdwRowComparison *comparison = palloc0(sizeof(SfdwRowComparison));
	Reader		reader = {{receive, start, finish, finish, DestNone}, columns};

	begin_side(&comparison->before);
	begin_side(&comparison->after);
	reader.side = &comparison->before;
	sfdw_fill_read(columns, &reader.receiver);
	return comparison;
}

/* One row that replaces them. */
void
sfdw_row_changes_add(SfdwRowComparison *comparison, uint64 key, uint64 row)
{
	add(&comparison->after, key, row);
}

/* Go on to a side's next row. */
static void
advance(Side *side)
{
	bool		is_null;

	side->is_at_end = !tuplesort_gettupleslot(side->sort, true, false,
											  side->out, NULL);
	if (side->is_at_end)
		return;
	side->key = DatumGetInt64(slot_getattr(side->out, 1, &is_null));
	side->row = DatumGetInt64(slot_getattr(side->out, HASHES, &is_null));
}

/* Which side's row comes first: less than, equal to or greater than zero. */
static int
compare(const Side *before, const Side *after)
{
	if (before->is_at_end || after->is_at_end)
		return (int) before->is_at_end - (int) after->is_at_end;
	if (before->key != after->key)
		return before->key < after->key ? -1 : 1;
	if (before->row != after->row)
		return before->row < after->row ? -1 : 1;
	return 0;
}

/* The rows of one key: what is on one side alone is changed, added, removed. */
static void
compare_key(Side *before, Side *after, SfdwRowChanges *changes)
{
	int64		key = compare(before, after) <= 0 ? before->key : after->key;
	int64		only_before = 0;
	int64		only_after = 0;
	int64		both;

	for (;;)
	{
		bool		is_before = !before->is_at_end && before->key == key;
		bool		is_after = !after->is_at_end && after->key == key;
		int			order = is_before && is_after ? compare(before, after) :
			is_before ? -1 : 1;

		if (!is_before && !is_after)
			break;
		CHECK_FOR_INTERRUPTS();
		only_before += order < 0;
		only_after += order > 0;
		if (order <= 0)
			advance(before);
		if (order >= 0)
			advance(after);
	}
	both = Min(only_before, only_after);
	changes->changed += both;
	changes->removed += only_before - both;
	changes->added += only_after - both;
}

/* Free what a side holds. */
static void
end_side(Side *side)
{
	ExecDropSingleTupleTableSlot(side->in);
	ExecDropSingleTupleTableSlot(side->out);
	tuplesort_end(side->sort);
}

/* Nothing is sorted when all rows stayed as they were. */
SfdwRowChanges
sfdw_row_changes_end(SfdwRowComparison *comparison)
{
	Side	   *before = &comparison->before;
	Side	   *after = &comparison->after;
	SfdwRowChanges changes = {0};

	if (before->count != after->count || before->sum != after->sum)
	{
		tuplesort_performsort(before->sort);
		tuplesort_performsort(after->sort);
		advance(before);
		advance(after);
		while (!before->is_at_end || !after->is_at_end)
			compare_key(before, after, &changes);
	}
	end_side(before);
	end_side(after);
	pfree(comparison);
	return changes;
}
