/*-------------------------------------------------------------------------
 * scan.c
 *		The executor's side of a foreign scan
 *
 * Which version is read is settled when the executor starts, the same for all
 * scans of an object in a statement, and kept for every rescan.  Nothing
 * is opened before the first row is asked for.  A rescan reads the object
 * again: the planner puts a Materialize node above a scan that is worth it.
 *-------------------------------------------------------------------------
 */
#include "fdw/scan.h"

#include "executor/executor.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "fdw/scans.h"
#include "storage/pins.h"

static SfdwScanExaminer scan_examiner = NULL;

/* Register the examiner. */
void
sfdw_scan_set_examiner(SfdwScanExaminer examiner)
{
	scan_examiner = examiner;
}

/* Take the columns with a source out of the needed ones. */
static void
split_columns(SfdwScanState *state, SfdwColumn *columns, int count)
{
	SfdwColumn *fields = palloc(sizeof(SfdwColumn) * Max(count, 1));

	state->sources = palloc(sizeof(SfdwColumn) * Max(count, 1));
	state->request.columns = fields;
	for (int i = 0; i < count; i++)
	{
		if (columns[i].source == SFDW_FROM_FIELD)
			fields[state->request.column_count++] = columns[i];
		else
			state->sources[state->source_count++] = columns[i];
	}
}

/* The fields of the columns that the scan does not need. */
static List *
other_fields(Relation relation, List *attnums)
{
	TupleDesc	descriptor = RelationGetDescr(relation);
	List	   *fields = NIL;

	for (AttrNumber attnum = 1; attnum <= descriptor->natts; attnum++)
	{
		Oid			relid = RelationGetRelid(relation);

		if (TupleDescAttr(descriptor, attnum - 1)->attisdropped ||
			list_member_int(attnums, attnum) ||
			sfdw_table_source(relid, attnum) != SFDW_FROM_FIELD)
			continue;
		fields = lappend(fields, makeString(sfdw_table_field(relid, attnum)));
	}
	return fields;
}

/* Whether the row, of which the first columns are made, is wanted. */
static bool
meets_conditions(void *argument)
{
	SfdwScanState *state = argument;
	ForeignScanState *node = state->node;
	ExprContext *context = node->ss.ps.ps_ExprContext;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	ExecStoreVirtualTuple(slot);
	context->ecxt_scantuple = slot;
	if (ExecQual(state->conditions, context))
	{
		ExecClearTuple(slot);
		return true;
	}
	InstrCountFiltered1(node, 1);
	ExecClearTuple(slot);
	ResetExprContext(context);
	memset(slot->tts_isnull, true,
		   sizeof(bool) * slot->tts_tupleDescriptor->natts);
	return false;
}

/* Have the conditions checked as soon as their columns are there. */
static void
prepare_conditions(SfdwScanState *state, ForeignScan *plan)
{
	if (plan->fdw_exprs == NIL)
		return;
	state->conditions = ExecInitQual(plan->fdw_exprs, &state->node->ss.ps);
	state->request.first_count = intVal(list_nth(plan->fdw_private,
												 SFDW_PLAN_FIRST));
	state->request.accept = meets_conditions;
	state->request.argument = state;
}

/* Describe what the readers of a scan are to give. */
static void
prepare_request(SfdwScanState *state, Relation relation, List *attnums)
{
	state->format = sfdw_table_format(state->relid);
	state->request.relid = state->relid;
	state->request.format = state->format;
	state->request.fields = other_fields(relation, attnums);
	split_columns(state,
				  sfdw_column_plan(state->relid, attnums, state->format),
				  list_length(attnums));
}

/* Start a scan: check rights, settle the version; open nothing. */
void
sfdwBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Relation	relation = node->ss.ss_currentRelation;
	SfdwScanState *state = palloc0(sizeof(SfdwScanState));
	Oid			user = sfdw_scan_user(node);
	List	   *attnums = list_nth(plan->fdw_private, SFDW_PLAN_ATTNUMS);

	node->fdw_state = state;
	state->node = node;
	state->relid = RelationGetRelid(relation);
	state->server = GetForeignTable(state->relid)->serverid;
	state->key = sfdw_table_key(state->relid);
	state->snapshot = sfdw_pins_name();
	prepare_request(state, relation, attnums);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	if (scan_examiner != NULL)
		scan_examiner(state->relid, attnums);
	prepare_conditions(state, plan);
	state->storage = sfdw_storage_open(state->server,
									   OidIsValid(user) ? user : GetUserId(),
									   SFDW_STORAGE_READ);
	state->version = sfdw_pins_resolve_for(node->ss.ps.state->es_query_cxt,
										   state->storage, state->key);
	state->reader_context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw reader",
												  ALLOCSET_DEFAULT_SIZES);
}

/* Open the version and read its header. */
static void
open_reader(SfdwScanState *state)
{
	MemoryContext caller = MemoryContextSwitchTo(state->reader_context);
	SfdwSource *source = sfdw_storage_open_version(state->storage, state->key,
												   state->version->version_id);

	state->reader = sfdw_csv_reader_open(source, &state->request);
	MemoryContextSwitchTo(caller);
}

/* Leave a report of what the reader saw, for who asks after the statement. */
static void
report_scan(SfdwScanState *state)
{
	SfdwScanReport report = {0};

	report.relid = state->relid;
	report.server = state->server;
	report.object = sfdw_table_object(state->relid);
	report.key = state->key;
	report.version_id = state->version->version_id;
	report.last_modified = state->version->last_modified;
	report.size = state->version->size;
	report.is_complete = state->is_at_end;
	report.bytes = (int64) state->reader->source->stats.bytes;
	report.records = state->reader->records;
	report.header = state->reader->header;
	report.extra = state->reader->extra;
	report.missing = state->reader->missing;
	sfdw_scans_add(&report);
}

/* Close the reader, if there is one, and keep its figures. */
static void
finish_reader(SfdwScanState *state)
{
	if (state->reader == NULL)
		return;
	report_scan(state);
	state->bytes += (int64) state->reader->source->stats.bytes;
	state->records += state->reader->records;
	sfdw_row_reader_close(state->reader);
	state->reader = NULL;
	MemoryContextReset(state->reader_context);
}

/* The value of a column that says where the row came from. */
static Datum
source_value(const SfdwScanState *state, SfdwColumnSource source)
{
	switch (source)
	{
		case SFDW_FROM_FILE:
			return CStringGetTextDatum(state->reader->source->name);
		case SFDW_FROM_VERSION:
			return CStringGetTextDatum(state->version->version_id);
		case SFDW_FROM_LAST_MODIFIED:
			return TimestampTzGetDatum(state->version->last_modified);
		case SFDW_FROM_RECORD:
			return Int64GetDatum(state->reader->records);
		case SFDW_FROM_FIELD:
			break;
	}
	elog(ERROR, "column source %d has no value", (int) source);
}

/* Give the next row, in a virtual slot. */
TupleTableSlot *
sfdwIterateForeignScan(ForeignScanState *node)
{
	SfdwScanState *state = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	ExecClearTuple(slot);
	if (state->is_at_end)
		return slot;
	if (state->reader == NULL)
		open_reader(state);
	memset(slot->tts_isnull, true,
		   sizeof(bool) * slot->tts_tupleDescriptor->natts);
	if (!sfdw_row_reader_next(state->reader, slot->tts_values,
							  slot->tts_isnull))
	{
		state->is_at_end = true;
		finish_reader(state);
		return slot;
	}
	for (int i = 0; i < state->source_count; i++)
	{
		int			place = state->sources[i].attnum - 1;

		slot->tts_values[place] = source_value(state, state->sources[i].source);
		slot->tts_isnull[place] = false;
	}
	return ExecStoreVirtualTuple(slot);
}

/* Start again from the first row, of the same version. */
void
sfdwReScanForeignScan(ForeignScanState *node)
{
	SfdwScanState *state = node->fdw_state;

	finish_reader(state);
	state->is_at_end = false;
}

/* End the scan. */
void
sfdwEndForeignScan(ForeignScanState *node)
{
	SfdwScanState *state = node->fdw_state;

	if (state != NULL)
		finish_reader(state);
}
