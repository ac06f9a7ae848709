/*-------------------------------------------------------------------------
 * dry_run.c
 *		What a run would find and do, without doing any of it
 *
 * Asks the same questions as the steps of a run, in their order: the gate's
 * verdicts, the inputs and whether they are new, what the rows would be refused
 * for, what the purge would delete.  Writes nothing, neither to the ledger nor
 * to a storage.
 *-------------------------------------------------------------------------
 */
#include "dataset/discover.h"

#include "dataset/findings.h"
#include "dataset/gate.h"
#include "dataset/inputs.h"
#include "dataset/lineage_record.h"
#include "dataset/materialize_record.h"
#include "dataset/place_owner.h"
#include "dataset/purge_plan.h"
#include "dataset/snapshot.h"
#include "dataset/unread.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sfdw_sql_dry_run);

/* Columns of dry_run(). */
#define DRY_RUN_COLUMNS 4

/* Add a row of section, item, verdict, detail (which may be NULL). */
static void
put_row(ReturnSetInfo *result, const char *section, const char *item,
		const char *verdict, const char *detail)
{
	Datum		values[DRY_RUN_COLUMNS] = {
		CStringGetTextDatum(section),
		CStringGetTextDatum(item),
		CStringGetTextDatum(verdict)
	};
	bool		nulls[DRY_RUN_COLUMNS] = {false, false, false, detail == NULL};

	if (detail != NULL)
		values[DRY_RUN_COLUMNS - 1] = CStringGetTextDatum(detail);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* The gate's verdict on each raw column. */
static void
put_lineage(ReturnSetInfo *result, SfdwGate *gate)
{
	ListCell   *cell;

	foreach(cell, gate->lineage)
	{
		SfdwLineage *lineage = lfirst(cell);

		put_row(result, "lineage",
				psprintf("%s.%s", lineage->relation, lineage->column_name),
				sfdw_gate_verdict_name(lineage->verdict),
				psprintf("class %s, used in %s: %s",
						 sfdw_class_name(lineage->class),
						 sfdw_roles_text(lineage->roles),
						 lineage->reason == NULL ? "allowed by the policy" :
						 lineage->reason));
	}
}

/* Each object that would be read. */
static void
put_inputs(ReturnSetInfo *result, const char *dataset, List *objects,
		   List *listings)
{
	ListCell   *cell;

	foreach(cell, objects)
	{
		SfdwInputObject *object = lfirst(cell);
		SfdwVersion *current = object->current;

		if (current == NULL)
			put_row(result, "input", object->key, "missing",
					psprintf("read by %s", object->relations));
		else
			put_row(result, "input", object->key,
					sfdw_discover_was_read(dataset, object, listings) ?
					"read before" : "new",
					psprintf(INT64_FORMAT " bytes, written %s, read by %s",
							 current->size,
							 timestamptz_to_str(current->last_modified),
							 object->relations));
	}
}

/* Why the rows cannot be judged, or NULL. */
static const char *
reason_not_to_judge(SfdwGate *gate, List *objects)
{
	ListCell   *cell;

	if (gate->refused > 0)
		return "columns are refused";
	foreach(cell, objects)
	{
		SfdwInputObject *object = lfirst(cell);

		if (object->current == NULL)
			return "an input is missing";
	}
	return NULL;
}

/* What is found in the rows, which are read and not stored. */
static void
put_findings(ReturnSetInfo *result, SfdwGate *gate, List *objects)
{
	const char *target = quote_qualified_identifier(gate->dataset->target_schema,
													gate->dataset->target_name);
	const char *reason = reason_not_to_judge(gate, objects);
	SfdwPrevious previous = sfdw_run_previous(gate->dataset->name);
	SfdwMaterialized found = {CurrentMemoryContext};
	ListCell   *cell;

	if (reason != NULL)
	{
		put_row(result, "rows", target, "not judged", reason);
		return;
	}
	sfdw_snapshot_enter(sfdw_snapshot_current());
	sfdw_materialize_dry(gate, &previous, &found);
	sfdw_snapshot_leave();
	put_row(result, "rows", target, "read",
			psprintf(INT64_FORMAT " rows would be stored: " INT64_FORMAT
					 " added, " INT64_FORMAT " changed, " INT64_FORMAT
					 " removed", found.rows, found.changes.added,
					 found.changes.changed, found.changes.removed));
	foreach(cell, found.findings)
	{
		SfdwFinding *finding = lfirst(cell);

		put_row(result, finding->kind,
				finding->column_name == NULL ? finding->name :
				psprintf("%s in %s", finding->name, finding->column_name),
				sfdw_action_name(finding->action),
				psprintf(INT64_FORMAT "%s%s", finding->count,
						 finding->detail == NULL ? "" : ": ",
						 finding->detail == NULL ? "" : finding->detail));
	}
}

/* Each version that is there, with what the purge would make of it. */
static void
put_purge(ReturnSetInfo *result, SfdwDataset *dataset, List *objects,
		  List *listings)
{
	ListCell   *cell;

	foreach(cell, sfdw_purge_plan(dataset, objects, listings))
	{
		SfdwPlannedVersion *planned = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		put_row(result, "purge",
				psprintf("%s, version %s", planned->version->key,
						 planned->version->version_id),
				sfdw_purge_verdict_name(planned->verdict), planned->reason);
	}
}

/* How many objects nobody reads, and whether they would go. */
static void
put_unread(ReturnSetInfo *result, SfdwDataset *dataset, List *objects,
		   List *listings)
{
	SfdwUnread	unread = sfdw_unread_count(dataset, objects, listings);

	if (unread.count > 0)
		put_row(result, "unread",
				psprintf(INT64_FORMAT " raw %s", unread.count,
						 unread.count == 1 ? "object" : "objects"),
				unread.accumulates ? "warn" : "count",
				psprintf("read by no data set, the first is \"%s\"",
						 unread.example));
}

/* Whether this database may publish. */
static void
put_owner(ReturnSetInfo *result, SfdwDataset *dataset)
{
	SfdwPlace  *place = sfdw_place_of_dataset(dataset, SFDW_STORAGE_READ);
	char	   *problem = sfdw_place_problem(place);

	put_row(result, "owner", sfdw_storage_url(place->storage, place->path),
			problem == NULL ? "ok" : "refused", problem == NULL ? NULL :
			psprintf("%s  SELECT salesforce_fdw.take_over(%s, 'why');", problem,
					 quote_literal_cstr(dataset->name)));
}

/* dry_run(name) */
Datum
sfdw_sql_dry_run(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	SfdwDataset *dataset = sfdw_dataset_load(name, false);
	SfdwGate   *gate;
	List	   *objects;
	List	   *listings;

	sfdw_dataset_require_owner(dataset, GetUserId());
	InitMaterializedSRF(fcinfo, 0);
	put_owner(result, dataset);
	gate = sfdw_gate_examine(dataset);
	put_lineage(result, gate);
	objects = sfdw_inputs_of(gate->objects.inputs);
	listings = sfdw_inputs_list(objects, GetUserId(), SFDW_STORAGE_READ);
	put_inputs(result, name, objects, listings);
	put_unread(result, dataset, objects, listings);
	put_findings(result, gate, objects);
	put_purge(result, dataset, objects, listings);
	return (Datum) 0;
}
