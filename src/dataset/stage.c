/*-------------------------------------------------------------------------
 * stage.c
 *		Write the target's rows to a staging key, and read them back
 *
 * Knows the target table, the Parquet file and the staging folder; nothing of
 * the final key or the catalog.
 *-------------------------------------------------------------------------
 */
#include "dataset/stage.h"

#include "access/table.h"
#include "copy/receiver.h"
#include "core/errors.h"
#include "core/roles.h"
#include "dataset/clear.h"
#include "dataset/definition.h"
#include "dataset/lineage_record.h"
#include "dataset/rowsum.h"
#include "dataset/table_description.h"
#include "dataset/table_statistics.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "parquet/reader.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Hidden from whoever reads the folder: its name starts with "_". */
#define STAGING_FOLDER SFDW_STAGING_FOLDER "/"

/* What the tap on the export adds up. */
typedef struct Tap
{
	MemoryContext context;		/* outlives the executor's */
	List	   *unbounded;		/* char *: see sensitive_columns() */
	SfdwRowSum *sum;			/* NULL before the first row */
	SfdwTableStatistics *statistics;
} Tap;

/* The storage of a run's destination. */
SfdwStorage *
sfdw_stage_open(SfdwRun *run)
{
	return sfdw_storage_open(get_foreign_server_oid(run->destination, false),
							 GetUserId(), SFDW_STORAGE_WRITE);
}

/* What the keys of a run's attempts start with. */
static char *
staging_prefix(SfdwRun *run)
{
	return psprintf("%s" STAGING_FOLDER "%s.", sfdw_run_folder(run), run->id);
}

/* The key of one of them. */
static char *
staging_key(SfdwRun *run, int attempt)
{
	return psprintf("%s%d.parquet", staging_prefix(run), attempt);
}

/* Note in the ledger that a run's staged objects are deleted. */
static void
record_swept(SfdwRun *run)
{
	SfdwParam	params[] = {sfdw_param_text(run->id)};

	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_output"
							 " SET deleted = clock_timestamp()"
							 " WHERE run = $1::uuid AND kind = 'staged'"
							 " AND deleted IS NULL", 1, params, NULL);
}

/*
 * Abort the uploads of a key that killed attempts have left.  Some services
 * (MinIO) tell only of a whole key's, and nothing of a folder's.
 */
static void
abort_uploads(SfdwStorage *storage, const char *key)
{
	ListCell   *cell;

	foreach(cell, sfdw_storage_uploads(storage, key, NULL))
	{
		SfdwUpload *upload = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (strcmp(upload->key, key) == 0)
			sfdw_storage_abort_upload(storage, upload);
	}
}

/*
 * Whether the last attempt cannot have left an upload: its object was written,
 * and is a small one.
 */
static bool
has_no_upload(SfdwStorage *storage, SfdwRun *run, int attempt)
{
	return attempt == run->attempt && run->staged_version != NULL &&
		sfdw_storage_is_written_at_once(storage, run->file_size);
}

/* Delete every object of the run's attempts. */
int
sfdw_stage_sweep(SfdwRun *run)
{
	SfdwStorage *storage = sfdw_stage_open(run);
	int			left = sfdw_clear(storage, staging_prefix(run));

	for (int attempt = 1; attempt <= run->attempt; attempt++)
		if (!has_no_upload(storage, run, attempt))
			abort_uploads(storage, staging_key(run, attempt));
	abort_uploads(storage, run->target_key);
	if (left == 0)
		record_swept(run);
	return left;
}

/* Begin an attempt: from here on its staging key is known to the ledger. */
char *
sfdw_stage_prepare(SfdwRun *run)
{
	char	   *key;
	SfdwParam	params[2];
	SfdwParam	output[5];

	if (run->attempt > 0)
		(void) sfdw_stage_sweep(run);
	run->attempt++;
	key = staging_key(run, run->attempt);
	params[0] = sfdw_param_int8(run->attempt);
	params[1] = sfdw_param_text(key);
	sfdw_run_intend(run, "staging", "attempt = $3, staged_key = $4,"
					" staged_version = NULL, is_expectation_known = false",
					2, params);
	output[0] = sfdw_param_text(run->id);
	output[1] = sfdw_param_int8(run->attempt);
	output[2] = sfdw_param_text(run->destination);
	output[3] = sfdw_param_text(sfdw_storage_location(get_foreign_server_oid(run->destination,
																			 false)));
	output[4] = sfdw_param_text(key);
	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_output"
							 " (run, attempt, kind, server, location, key)"
							 " VALUES ($1::uuid, $2, 'staged', $3, $4, $5)",
							 lengthof(output), output, NULL);
	return key;
}

/* The export: the target's columns, in the order of the file. */
static char *
export_statement(SfdwDataset *dataset, Relation target)
{
	TupleDesc	desc = RelationGetDescr(target);
	StringInfoData sql;
	ListCell   *cell;
	const char *separator = "";

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (attribute->attisdropped)
			continue;
		appendStringInfo(&sql, "%s%s", separator,
						 quote_identifier(NameStr(attribute->attname)));
		separator = ", ";
	}
	appendStringInfo(&sql, " FROM ONLY %s",
					 quote_qualified_identifier(dataset->target_schema,
												dataset->target_name));
	separator = " ORDER BY ";
	foreach(cell, dataset->sorted_by)
	{
		char	   *name = lfirst(cell);
		AttrNumber	number = get_attnum(RelationGetRelid(target), name);
		Oid			collation = number == InvalidAttrNumber ? InvalidOid :
			TupleDescAttr(desc, number - 1)->attcollation;

		/* Bytes are what the file's statistics are ordered by, too. */
		appendStringInfo(&sql, "%s%s%s", separator, quote_identifier(name),
						 OidIsValid(collation) ?
						 " COLLATE pg_catalog.\"C\"" : "");
		separator = ", ";
	}
	return sql.data;
}

/* Plan a statement of our own. */
static PlannedStmt *
plan_statement(const char *sql)
{
	RawStmt    *raw = linitial_node(RawStmt, pg_parse_query(sql));
	Query	   *query = linitial_node(Query,
									  pg_analyze_and_rewrite_fixedparams(raw,
																		 sql,
																		 NULL, 0,
																		 NULL));

	return pg_plan_query(query, sql, CURSOR_OPT_PARALLEL_OK, NULL);
}

/* Add a row that is about to be written. */
static void
tap_row(void *argument, TupleTableSlot *slot)
{
	Tap		   *tap = argument;

	if (tap->sum == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(tap->context);

		tap->sum = sfdw_rowsum_begin(slot->tts_tupleDescriptor);
		tap->statistics = sfdw_statistics_begin(slot->tts_tupleDescriptor,
												tap->unbounded);
		MemoryContextSwitchTo(old);
	}
	sfdw_rowsum_add(tap->sum, slot);
	sfdw_statistics_add(tap->statistics, slot);
}

/* The columns of the target whose values must not stand in the footer. */
static List *
sensitive_columns(SfdwRun *run, Relation target)
{
	TupleDesc	desc = RelationGetDescr(target);
	List	   *names = NIL;

	for (int i = 0; i < desc->natts; i++)
	{
		char	   *name = NameStr(TupleDescAttr(desc, i)->attname);

		if (!TupleDescAttr(desc, i)->attisdropped &&
			sfdw_lineage_is_sensitive(run->id, name))
			names = lappend(names, name);
	}
	return names;
}

/* How the file of a run is written. */
static void
set_options(SfdwRun *run, SfdwDataset *dataset, Relation target,
			SfdwParquetOptions *options)
{
	SfdwParquetProperty *name = palloc(sizeof(SfdwParquetProperty));
	SfdwParquetProperty *id = palloc(sizeof(SfdwParquetProperty));

	sfdw_parquet_options_default(options);
	options->timestamps = SFDW_UNIT_MILLIS;
	options->sorted_by = dataset->sorted_by;
	options->checksum = true;
	options->unbounded = sensitive_columns(run, target);
	name->key = "salesforce_fdw.dataset";
	name->value = run->dataset;
	id->key = "salesforce_fdw.run";
	id->value = run->id;
	options->properties = list_make2(name, id);
}

/* Raise unless the exported rows are the materialized ones. */
static void
compare_rows(SfdwRun *run, SfdwDataset *dataset, const Tap *tap)
{
	int64		rows = tap->sum == NULL ? 0 : sfdw_rowsum_rows(tap->sum);
	uint64		checksum = tap->sum == NULL ? 0 : sfdw_rowsum_value(tap->sum);

	if (rows == run->rows && (rows == 0 || checksum == run->checksum))
		return;
	ereport(ERROR,
			errcode(SFDW_ERRCODE_CONFLICT),
			errmsg("rows of table \"%s.%s\" are no longer those that were materialized",
				   dataset->target_schema, dataset->target_name),
			errdetail("The run materialized " INT64_FORMAT " rows, and there are "
					  INT64_FORMAT " now.", run->rows, rows),
			errhint("Nothing but the run may write to the target of a data set."));
}

/* Write down what was staged. */
static void
record_staged(SfdwRun *run, const SfdwCopyResult *result, const Tap *tap)
{
	SfdwParam	params[] = {
		sfdw_param_text(result->version_id),
		sfdw_param_int8(result->summary.bytes),
		sfdw_param_text(result->summary.sha256),
		sfdw_param_json(tap->statistics == NULL ? NULL :
						sfdw_statistics_text(tap->statistics))
	};
	SfdwParam	output[] = {
		sfdw_param_text(run->id),
		sfdw_param_int8(run->attempt),
		params[0], params[1], params[2]
	};

	sfdw_run_advance(run, SFDW_RUN_STAGED, "staged_version = $3,"
					 " file_size = $4, file_sha256 = $5, statistics = $6",
					 lengthof(params), params);
	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_output"
							 " SET version_id = $3, size = $4, sha256 = $5,"
							 "  written = clock_timestamp()"
							 " WHERE run = $1::uuid AND attempt = $2"
							 " AND kind = 'staged'",
							 lengthof(output), output, NULL);
}

/*
 * Run the export as the data set's owner, whoever calls: planning alone calls
 * functions in the target's statistics and indexes, which are the owner's.
 */
static void
run_export(SfdwDataset *dataset, const char *sql, SfdwCopyTarget *copy,
		   SfdwCopyResult *result)
{
	SfdwActing	before = {false};

	if (GetUserId() != dataset->owner)
		sfdw_act_as(dataset->owner, &before);
	PushActiveSnapshot(GetTransactionSnapshot());
	sfdw_copy_run_plan(plan_statement(sql), sql, copy, result);
	PopActiveSnapshot();
	sfdw_act_end(&before);
}

/* Write the target to the staging key. */
void
sfdw_stage_write(SfdwRun *run)
{
	SfdwDataset *dataset = sfdw_dataset_load(run->dataset, false);
	Relation	target = table_open(sfdw_dataset_target(dataset,
														AccessShareLock),
									NoLock);
	char	   *sql = export_statement(dataset, target);
	SfdwCopyTarget copy = {0};
	SfdwCopyResult result;
	Tap			tap = {.context = CurrentMemoryContext};

	copy.storage = sfdw_stage_open(run);
	copy.key = run->staged_key;
	copy.tap = tap_row;
	copy.tap_argument = &tap;
	set_options(run, dataset, target, &copy.options);
	tap.unbounded = copy.options.unbounded;
	run_export(dataset, sql, &copy, &result);
	table_close(target, NoLock);
	compare_rows(run, dataset, &tap);
	record_staged(run, &result, &tap);
}

/* Raise because the staged object is not what was written. */
static void
reject_staged(SfdwStorage *storage, SfdwRun *run, const char *what)
{
	ereport(ERROR,
			errcode(ERRCODE_DATA_CORRUPTED),
			errmsg("object \"%s\" does not read back as it was written",
				   sfdw_storage_url(storage, run->staged_key)),
			errdetail("Its %s differs.", what));
}

/* Compare the staged object with the ledger, in every respect. */
static char *
read_back(SfdwStorage *storage, SfdwRun *run)
{
	SfdwSource *source = sfdw_storage_open_version(storage, run->staged_key,
												   run->staged_version);
	SfdwParquetFile *file = sfdw_parquet_read_footer(source);
	SfdwParquetReport report;
	char	   *columns = sfdw_parquet_describe(&file->metadata);

	sfdw_parquet_verify(file, &report);
	sfdw_source_close(source);
	if (report.rows != run->rows)
		reject_staged(storage, run, "number of rows");
	if (report.bytes != run->file_size)
		reject_staged(storage, run, "size");
	if (report.pages_without_crc != 0)
		reject_staged(storage, run, "set of page checksums");
	if (strcmp(report.sha256, run->file_sha256) != 0)
		reject_staged(storage, run, "checksum");
	return columns;
}

/* Read the staged object back. */
void
sfdw_stage_verify(SfdwRun *run)
{
	SfdwStorage *storage = sfdw_stage_open(run);
	SfdwVersion *version = sfdw_storage_find(storage, run->staged_key);
	SfdwDataset *dataset = sfdw_dataset_load(run->dataset, false);
	char	   *columns;
	SfdwParam	params[1];

	if (version == NULL ||
		strcmp(version->version_id, run->staged_version) != 0)
	{
		sfdw_run_advance(run, SFDW_RUN_MATERIALIZED, NULL, 0, NULL);
		return;
	}
	columns = read_back(storage, run);
	if (strcmp(columns, sfdw_table_columns(sfdw_dataset_target(dataset,
															   AccessShareLock))) != 0)
		reject_staged(storage, run, "set of columns");
	params[0] = sfdw_param_text(columns);
	sfdw_run_advance(run, SFDW_RUN_VERIFIED, "file_columns = $3",
					 lengthof(params), params);
}
