/*-------------------------------------------------------------------------
 * explain.c
 *		What EXPLAIN says of a foreign scan
 *
 * Names and figures only.  Without ANALYZE nothing was opened: the size is the
 * one that planning saw, if it was in this transaction.
 *-------------------------------------------------------------------------
 */
#include "fdw/explain.h"

#include "fdw/estimate.h"
#include "fdw/scan.h"

/* Columns by their place in the table. */
static int
compare_columns(const void *a, const void *b)
{
	return ((const SfdwColumn *) a)->attnum - ((const SfdwColumn *) b)->attnum;
}

/* The names of the columns that are read, in the order of the table. */
static List *
column_names(const SfdwScanState *state)
{
	int			count = state->request.column_count;
	SfdwColumn *columns = palloc(sizeof(SfdwColumn) * Max(count, 1));
	List	   *names = NIL;

	memcpy(columns, state->request.columns, sizeof(SfdwColumn) * count);
	qsort(columns, count, sizeof(SfdwColumn), compare_columns);
	for (int i = 0; i < count; i++)
		names = lappend(names, columns[i].name);
	return names;
}

/* The names of the columns that conditions look at, before others are made. */
static List *
first_names(const SfdwScanState *state)
{
	List	   *names = NIL;

	for (int i = 0; i < state->request.first_count; i++)
		names = lappend(names, state->request.columns[i].name);
	return names;
}

/* Bytes read so far, by the reader at work too. */
static int64
bytes_read(const SfdwScanState *state)
{
	return state->bytes +
		(state->reader == NULL ? 0 : (int64) state->reader->source->stats.bytes);
}

/* Records read so far. */
static int64
records_read(const SfdwScanState *state)
{
	return state->records +
		(state->reader == NULL ? 0 : state->reader->records);
}

/* Say which file is read and how much of it. */
void
sfdwExplainForeignScan(ForeignScanState *node, struct ExplainState *es)
{
	SfdwScanState *state = node->fdw_state;
	const SfdwEstimate *estimate = sfdw_estimate_cached(state->relid);

	ExplainPropertyText("Object",
						psprintf("%s%s", sfdw_storage_location(state->server),
								 state->key), es);
	if (state->snapshot[0] != '\0')
		ExplainPropertyText("Snapshot", state->snapshot, es);
	if (es->verbose && state->version != NULL)
		ExplainPropertyText("Version", state->version->version_id, es);
	if (state->request.column_count == 0 && es->format == EXPLAIN_FORMAT_TEXT)
		ExplainPropertyText("Columns Read", "none", es);
	else
		ExplainPropertyList("Columns Read", column_names(state), es);
	if (es->verbose && state->request.accept != NULL)
		ExplainPropertyList("Columns Read First", first_names(state), es);
	if (!es->costs)
		return;
	if (state->version != NULL)
		ExplainPropertyInteger("Object Size", "bytes", state->version->size, es);
	else if (estimate != NULL && estimate->size >= 0)
		ExplainPropertyInteger("Object Size", "bytes", estimate->size, es);
	if (!es->analyze)
		return;
	ExplainPropertyInteger("Bytes Read", "bytes", bytes_read(state), es);
	ExplainPropertyInteger("Records Read", NULL, records_read(state), es);
}
