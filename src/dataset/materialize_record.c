/*-------------------------------------------------------------------------
 * materialize_record.c
 *		The step of a run that fills the target, and what it found
 *
 * Knows how materialize's result looks in the ledger; how rows are made,
 * materialize does.
 *-------------------------------------------------------------------------
 */
#include "dataset/materialize_record.h"

#include "dataset/findings.h"
#include "dataset/lineage_record.h"
#include "dataset/rowsum.h"
#include "dataset/snapshot.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

/* The row keys of a finding as a JSON array. */
static char *
keys_text(List *keys)
{
	StringInfoData text;
	ListCell   *cell;

	if (keys == NIL)
		return NULL;
	initStringInfo(&text);
	foreach(cell, keys)
	{
		Jsonb	   *key = lfirst(cell);

		appendStringInfoString(&text, text.len == 0 ? "[" : ", ");
		(void) JsonbToCString(&text, &key->root, VARSIZE(key));
	}
	appendStringInfoChar(&text, ']');
	return text.data;
}

/* Insert one finding. */
static void
insert_finding(const char *run, int ordinal, const SfdwFinding *finding)
{
	SfdwParam	params[] = {
		sfdw_param_text(run),
		sfdw_param_int8(ordinal),
		sfdw_param_text(finding->kind),
		sfdw_param_text(finding->name),
		sfdw_param_text(finding->column_name),
		sfdw_param_int8(finding->count),
		sfdw_param_text(finding->detail),
		sfdw_param_json(keys_text(finding->keys)),
		sfdw_param_text(sfdw_action_name(finding->action))
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_finding"
							 " VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9)",
							 lengthof(params), params, NULL);
}

/* Write findings. */
void
sfdw_findings_record(const char *run, List *findings)
{
	SfdwParam	params[] = {sfdw_param_text(run)};
	ListCell   *cell;

	(void) sfdw_ledger_write("DELETE FROM salesforce_fdw.ledger_finding"
							 " WHERE run = $1::uuid", 1, params, NULL);
	foreach(cell, findings)
		insert_finding(run, foreach_current_index(cell) + 1, lfirst(cell));
}

/* Write what one foreign table gave beside the version that it read. */
static void
record_input(const char *run, const SfdwInput *input)
{
	SfdwParam	params[] = {
		sfdw_param_text(run),
		sfdw_param_text(GetForeignServer(input->server)->servername),
		sfdw_param_text(input->key),
		sfdw_param_text(input->version_id),
		sfdw_param_int8(input->records),
		sfdw_param_texts(input->extra_fields),
		sfdw_param_texts(input->missing_fields)
	};
	uint64		affected;

	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_input"
							 " SET records = $5, extra_fields = $6,"
							 "  missing_fields = $7"
							 " WHERE run = $1::uuid AND server = $2"
							 " AND key = $3 AND version_id = $4 AND is_pinned",
							 lengthof(params), params, &affected);
	if (affected != 1)
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("run \"%s\" read a version of object \"%s\" that it has not pinned",
					   run, input->key));
}

/* Figures of the last published run. */
SfdwPrevious
sfdw_run_previous(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};
	SfdwPrevious previous = {false, 0};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT rows FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND is_published"
							" ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	if (rows.count == 1)
	{
		previous.known = true;
		previous.rows = strtoll(rows.values[0][0], NULL, 10);
	}
	return previous;
}

/* Gate and materialize. */
void
sfdw_run_materialize(SfdwRun *run, SfdwMaterialized *result)
{
	SfdwDataset *dataset = sfdw_dataset_load(run->dataset, false);
	SfdwPrevious previous = sfdw_run_previous(run->dataset);
	SfdwGate   *gate = sfdw_gate_examine(dataset);
	SfdwParam	params[5];
	ListCell   *cell;

	sfdw_gate_require(gate);
	sfdw_snapshot_enter(sfdw_snapshot_of_run(run->id));
	sfdw_materialize(gate, &previous, result);
	sfdw_snapshot_leave();
	params[0] = sfdw_param_int8(result->rows);
	params[1] = sfdw_param_text(sfdw_rowsum_text(result->checksum));
	params[2] = sfdw_param_int8(result->changes.added);
	params[3] = sfdw_param_int8(result->changes.changed);
	params[4] = sfdw_param_int8(result->changes.removed);
	sfdw_run_advance(run, SFDW_RUN_MATERIALIZED, "rows = $3, checksum = $4,"
					 " rows_added = $5, rows_changed = $6, rows_removed = $7",
					 lengthof(params), params);
	foreach(cell, result->inputs)
		record_input(run->id, lfirst(cell));
	sfdw_lineage_record(run->id, gate);
	sfdw_findings_record(run->id, result->findings);
}
