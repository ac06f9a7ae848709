/*-------------------------------------------------------------------------
 * diff.c
 *		How the rows of a foreign table differ between two snapshots
 *
 * Two sorts of keys with the hashes of their rows, walked side by side.
 *-------------------------------------------------------------------------
 */
#include "dataset/diff.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplesort.h"

/* Columns of what is sorted: the key, then the hashes of its row. */
#define SORTED_COLUMNS 2

/* Rows that are taken out of a scan at a time. */
#define BATCH_ROWS 1000

/* One side of the comparison. */
typedef struct Side
{
	const SfdwDiff *diff;
	SfdwSnapshot snapshot;
	uint64		seed;			/* of the hashes, the same on both sides */
	Tuplesortstate *sort;
	TupleTableSlot *in;			/* what goes into the sort */
	TupleTableSlot *out;		/* what comes out of it */
	bool		is_at_end;
	char	   *key;			/* of the row that is next */
	uint64	   *hashes;			/* of its columns; 0 is a NULL */
} Side;

/* The names of a list, quoted, each with what stands behind it. */
static char *
join_columns(List *names, const char *behind, const char *between)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, names)
		appendStringInfo(&text, "%s%s%s",
						 foreach_current_index(cell) > 0 ? between : "",
						 quote_identifier(lfirst(cell)), behind);
	return text.data;
}

/* What reads one side: the key, which is NULL when a part is, then the rest. */
static char *
make_query(const SfdwDiff *diff)
{
	char	   *key = list_length(diff->keys) == 1 ?
		join_columns(diff->keys, "::pg_catalog.text", "") :
		psprintf("CASE WHEN %s THEN ROW(%s)::pg_catalog.text END",
				 join_columns(diff->keys, " IS NOT NULL", " AND "),
				 join_columns(diff->keys, "", ", "));

	return psprintf("SELECT %s%s%s FROM %s", key,
					diff->columns == NIL ? "" : ", ",
					join_columns(diff->columns, "::pg_catalog.text", ", "),
					quote_qualified_identifier(get_namespace_name(get_rel_namespace(diff->relid)),
											   get_rel_name(diff->relid)));
}

/* Begin to sort. */
static void
begin_side(Side *side)
{
	AttrNumber	number = 1;
	Oid			less = TextLessOperator;
	Oid			collation = C_COLLATION_OID;
	bool		nulls_first = false;
	TupleDesc	desc = CreateTemplateTupleDesc(SORTED_COLUMNS);

	TupleDescInitEntry(desc, 1, "key", TEXTOID, -1, 0);
	TupleDescInitEntry(desc, 2, "hashes", BYTEAOID, -1, 0);
	side->sort = tuplesort_begin_heap(desc, 1, &number, &less, &collation,
									  &nulls_first, work_mem, NULL,
									  TUPLESORT_NONE);
	side->in = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	side->out = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	side->hashes = palloc0(sizeof(uint64) *
						   Max(list_length(side->diff->columns), 1));
}

/* What a snapshot is called in a message. */
static const char *
snapshot_text(const Side *side)
{
	return side->snapshot.kind == SFDW_SNAPSHOT_TIME ?
		psprintf("as of %s", timestamptz_to_str(side->snapshot.time)) :
		"as of now";
}

/* The hash of a value, which is never 0. */
static uint64
hash_value(Datum value, uint64 seed)
{
	text	   *detoasted = DatumGetTextPP(value);
	uint64		hash = hash_bytes_extended((const unsigned char *) VARDATA_ANY(detoasted),
										   (int) VARSIZE_ANY_EXHDR(detoasted),
										   seed);

	return hash == 0 ? 1 : hash;
}

/* Add one row that was read. */
static void
add_row(Side *side, HeapTuple tuple, TupleDesc desc)
{
	TupleTableSlot *slot = ExecClearTuple(side->in);
	int			count = list_length(side->diff->columns);
	Size		size = sizeof(uint64) * count;
	bytea	   *hashes = palloc0(VARHDRSZ + size);
	bool		is_null;

	SET_VARSIZE(hashes, VARHDRSZ + size);
	for (int i = 0; i < count; i++)
	{
		Datum		value = SPI_getbinval(tuple, desc, i + 2, &is_null);
		uint64		hash = is_null ? 0 : hash_value(value, side->seed);

		memcpy(VARDATA(hashes) + i * sizeof(uint64), &hash, sizeof(uint64));
	}
	slot->tts_values[0] = SPI_getbinval(tuple, desc, 1, &is_null);
	if (is_null)
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("foreign table \"%s\" has a row without an id %s",
					   get_rel_name(side->diff->relid), snapshot_text(side)));
	slot->tts_values[1] = PointerGetDatum(hashes);
	slot->tts_isnull[0] = slot->tts_isnull[1] = false;
	tuplesort_puttupleslot(side->sort, ExecStoreVirtualTuple(slot));
}

/* Open a cursor; its versions are settled while the snapshot is entered. */
static Portal
open_cursor(const Side *side)
{
	SPIPlanPtr	plan;
	Portal		portal;

	sfdw_snapshot_enter(side->snapshot);
	plan = SPI_prepare(make_query(side->diff), 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	sfdw_snapshot_leave();
	return portal;
}

/* Read one side into its sort. */
static void
read_side(Side *side)
{
	Portal		portal;
	MemoryContext batch = AllocSetContextCreate(CurrentMemoryContext,
												"salesforce_fdw comparison",
												ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	portal = open_cursor(side);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, BATCH_ROWS);
		if (SPI_processed == 0)
			break;
		caller = MemoryContextSwitchTo(batch);
		for (uint64 i = 0; i < SPI_processed; i++)
			add_row(side, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		ExecClearTuple(side->in);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(batch);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	MemoryContextDelete(batch);
	tuplesort_performsort(side->sort);
}

/* Go on to a side's next row. */
static void
advance(Side *side)
{
	char	   *before = side->key;
	bool		is_null;
	bytea	   *hashes;

	side->is_at_end = !tuplesort_gettupleslot(side->sort, true, false,
											  side->out, NULL);
	if (side->is_at_end)
		return;
	side->key = TextDatumGetCString(slot_getattr(side->out, 1, &is_null));
	hashes = DatumGetByteaPP(slot_getattr(side->out, 2, &is_null));
	memcpy(side->hashes, VARDATA_ANY(hashes), VARSIZE_ANY_EXHDR(hashes));
	if (before == NULL)
		return;
	if (strcmp(before, side->key) == 0)
		ereport(ERROR,
				errcode(ERRCODE_CARDINALITY_VIOLATION),
				errmsg("foreign table \"%s\" has rows with the same id %s",
					   get_rel_name(side->diff->relid), snapshot_text(side)),
				errhint("Group by %s to find them.",
						join_columns(side->diff->keys, "", ", ")));
	pfree(before);
}

/* Which side's key comes first: less than, equal to or greater than zero. */
static int
compare(const Side *since, const Side *until)
{
	if (since->is_at_end || until->is_at_end)
		return (int) since->is_at_end - (int) until->is_at_end;
	return strcmp(since->key, until->key);
}

/* The columns of the present row that differ. */
static List *
find_changed(const Side *since, const Side *until)
{
	List	   *changed = NIL;
	ListCell   *cell;

	foreach(cell, since->diff->columns)
	{
		int			i = foreach_current_index(cell);

		if (since->hashes[i] != until->hashes[i])
			changed = lappend(changed, lfirst(cell));
	}
	return changed;
}

/* Visit the next key, and go on behind it. */
static void
visit_next(Side *since, Side *until, SfdwDiffVisitor visit, void *arg)
{
	int			order = compare(since, until);
	List	   *changed;

	if (order == 0)
	{
		changed = find_changed(since, until);
		visit(changed == NIL ? SFDW_DIFF_UNCHANGED : SFDW_DIFF_CHANGED,
			  since->key, changed, arg);
		list_free(changed);
	}
	else
		visit(order < 0 ? SFDW_DIFF_REMOVED : SFDW_DIFF_ADDED,
			  order < 0 ? since->key : until->key, NIL, arg);
	if (order <= 0)
		advance(since);
	if (order >= 0)
		advance(until);
}

/* Free what a side holds. */
static void
end_side(Side *side)
{
	ExecDropSingleTupleTableSlot(side->in);
	ExecDropSingleTupleTableSlot(side->out);
	tuplesort_end(side->sort);
}

/* Read both sides, and walk them. */
void
sfdw_diff_run(const SfdwDiff *diff, SfdwDiffVisitor visit, void *arg)
{
	Side		since = {diff, diff->since};
	Side		until = {diff, diff->until};

	if (!pg_strong_random(&since.seed, sizeof(since.seed)))
		elog(ERROR, "could not generate a random seed");
	until.seed = since.seed;
	begin_side(&since);
	begin_side(&until);
	read_side(&since);
	read_side(&until);
	advance(&since);
	advance(&until);
	while (!since.is_at_end || !until.is_at_end)
	{
		CHECK_FOR_INTERRUPTS();
		visit_next(&since, &until, visit, arg);
	}
	end_side(&since);
	end_side(&until);
}
