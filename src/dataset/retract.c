/*-------------------------------------------------------------------------
 * retract.c
 *		SQL: take back what runs have published, every version of it
 *
 * First readers are led away: to the newest run that is not taken back and
 * whose object is still there, else the table leaves the catalog.  Then every
 * version of the runs' objects is deleted, and the folder is listed again.
 * Each step is conditional and does nothing when it was done before: after a
 * crash the same call comes to the same end.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "catalog/pg_type.h"
#include "core/errors.h"
#include "core/roles.h"
#include "dataset/catalog.h"
#include "dataset/clear.h"
#include "dataset/definition.h"
#include "dataset/digest.h"
#include "dataset/manifest.h"
#include "dataset/place_owner.h"
#include "dataset/publish.h"
#include "dataset/register.h"
#include "dataset/run_lock.h"
#include "dataset/run_record.h"
#include "dataset/stage.h"
#include "dataset/table_description.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#define RETRACT_COLUMNS 3

PG_FUNCTION_INFO_V1(sfdw_sql_retract);

/* Raise because a run cannot be taken back. */
static void
refuse(const char *id, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg("cannot retract run \"%s\": %s", id, why));
}

/* A run to take back. */
static SfdwRun *
load_run(SfdwDataset *dataset, const char *id)
{
	SfdwRun    *run = sfdw_run_load(id);

	if (strcmp(run->dataset, dataset->name) != 0)
		refuse(id, "it is another data set's");
	if (sfdw_run_state_is_open(run->state))
		refuse(id, "it is open");
	if (run->state != SFDW_RUN_CLOSED && run->state != SFDW_RUN_PURGE_PENDING)
		refuse(id, "it has published nothing");
	if (strcmp(run->destination, dataset->destination) != 0)
		refuse(id, "it has published to another destination");
	return run;
}

/* The runs (SfdwRun) of an array of ids, each locked. */
static List *
load_runs(SfdwDataset *dataset, ArrayType *ids)
{
	List	   *runs = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(ids, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &values,
					  &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("parameter \"%s\" must not contain nulls", "runs"));
		runs = lappend(runs, load_run(dataset,
									  DatumGetCString(DirectFunctionCall1(uuid_out,
																		  values[i]))));
	}
	if (runs == NIL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("parameter \"%s\" must not be empty", "runs"));
	return runs;
}

/* Raise unless this database owns the places of the runs. */
static void
require_owner(List *runs)
{
	ListCell   *cell;

	foreach(cell, runs)
		sfdw_place_require(sfdw_place_of_run(lfirst(cell), SFDW_STORAGE_WRITE));
}

/* The ids of some runs, for a statement. */
static SfdwParam
ids_of(List *runs)
{
	List	   *ids = NIL;
	ListCell   *cell;

	foreach(cell, runs)
		ids = lappend(ids, ((SfdwRun *) lfirst(cell))->id);
	return sfdw_param_texts(ids);
}

/* Published runs that are not taken back, newest first. */
static SfdwRows
find_accepted(SfdwDataset *dataset, List *runs)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_text(dataset->destination),
		ids_of(runs)
	};

	return sfdw_ledger_read("SELECT r.run FROM salesforce_fdw.ledger_run r"
							" WHERE r.dataset = $1 AND r.destination = $2"
							" AND r.is_published AND NOT r.is_open"
							" AND r.run <> ALL ($3::uuid[])"
							" AND NOT EXISTS (SELECT"
							"  FROM salesforce_fdw.ledger_event e"
							"  WHERE e.run = r.run AND e.event = 'retracted')"
							" ORDER BY r.number DESC", lengthof(params), params);
}

/* The URL of the folder where the catalog's table lies; NULL: nowhere. */
static char *
table_location(SfdwCatalog *catalog, SfdwDataset *dataset)
{
	SfdwCatalogEntry *entry = catalog == NULL ? NULL :
		sfdw_catalog_get(catalog, dataset->name);

	return entry == NULL ? NULL : sfdw_table_location(entry->description);
}

/* Whether readers see one of the runs. */
static bool
is_seen(SfdwCatalog *catalog, SfdwDataset *dataset, List *runs)
{
	char	   *location = table_location(catalog, dataset);
	ListCell   *cell;

	foreach(cell, runs)
	{
		SfdwRun    *run = lfirst(cell);

		if (sfdw_run_is_versioned(run)
			? location != NULL && strcmp(location, sfdw_register_location(run)) == 0
			: sfdw_publish_is_done(run))
			return true;
	}
	return false;
}

/* Have readers see the newest accepted run; NULL when there is none to see. */
static SfdwRun *
lead_to_accepted(SfdwDataset *dataset, List *runs)
{
	SfdwRows	accepted = find_accepted(dataset, runs);

	for (int i = 0; i < accepted.count; i++)
	{
		SfdwRun    *run = sfdw_run_load(accepted.values[i][0]);

		if (!sfdw_publish_again(run))
			continue;
		sfdw_register_again(run);
		return run;
	}
	return NULL;
}

/* Whether a version of the final key has the bytes of one of the runs. */
static bool
is_theirs(SfdwStorage *storage, List *runs, SfdwVersion *version)
{
	SfdwParam	params[] = {
		sfdw_param_text(version->key),
		sfdw_param_text(version->version_id)
	};
	SfdwRows	writers;
	char	   *digest;
	ListCell   *cell;

	writers = sfdw_ledger_read("SELECT run FROM salesforce_fdw.ledger_output"
							   " WHERE kind = 'published' AND key = $1"
							   " AND version_id = $2", lengthof(params), params);
	digest = writers.count > 0 ? NULL :
		sfdw_digest_object(storage, version->key, version->version_id);
	foreach(cell, runs)
	{
		SfdwRun    *run = lfirst(cell);

		if (digest != NULL && strcmp(digest, run->file_sha256) == 0)
			return true;
		for (int i = 0; i < writers.count; i++)
			if (strcmp(writers.values[i][0], run->id) == 0)
				return true;
	}
	return false;
}

/* The versions of the final key that are theirs. */
static List *
find_versions(SfdwStorage *storage, List *runs, const char *key)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, sfdw_storage_list(storage, key))
	{
		SfdwVersion *version = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (strcmp(version->key, key) == 0 && !version->is_delete_marker &&
			is_theirs(storage, runs, version))
			found = lappend(found, version);
	}
	return found;
}

/* Delete versions; what remains is seen when the key is listed again. */
static void
delete_versions(SfdwStorage *storage, List *versions)
{
	int			count = list_length(versions);
	SfdwVersion **array = palloc((count + 1) * sizeof(SfdwVersion *));
	SfdwDeleteResult *results = palloc0((count + 1) * sizeof(SfdwDeleteResult));
	ListCell   *cell;

	foreach(cell, versions)
		array[foreach_current_index(cell)] = lfirst(cell);
	if (count > 0)
		sfdw_storage_delete(storage, array, count, results);
}

/* Delete what one run has published; how many versions are left. */
static int
delete_run(SfdwRun *run)
{
	SfdwStorage *storage = sfdw_stage_open(run);

	if (sfdw_run_is_versioned(run))
		return sfdw_clear(storage, sfdw_run_folder(run));
	delete_versions(storage, find_versions(storage, list_make1(run),
										   run->target_key));
	return list_length(find_versions(storage, list_make1(run),
									 run->target_key));
}

/* Write down that nothing of a run is left. */
static void
record(SfdwRun *run, const char *reason)
{
	SfdwParam	params[] = {sfdw_param_text(run->id)};

	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_output"
							 " SET deleted = clock_timestamp()"
							 " WHERE run = $1::uuid AND deleted IS NULL"
							 " AND kind NOT IN ('manifest', 'evidence')",
							 lengthof(params), params, NULL);
	sfdw_run_event(run->dataset, run->id, "retracted", reason);
}

/*
 * The manifest in the data set's folder is the newest run's: it becomes that of
 * the run which readers see now, or goes with the last.
 */
static void
settle_manifest(SfdwDataset *dataset, SfdwRun *kept, SfdwRun *retracted)
{
	if (sfdw_run_is_versioned(retracted))
		return;
	if (kept == NULL)
		(void) sfdw_clear(sfdw_stage_open(retracted),
						  sfdw_manifest_key(sfdw_run_folder(retracted)));
	else if (!sfdw_run_is_versioned(kept))
		sfdw_manifest_write(kept);
}

/* Raise while another run is under way. */
static void
require_no_open_run(SfdwDataset *dataset)
{
	SfdwRun    *open = sfdw_run_load_open(dataset->name);

	if (open != NULL)
		refuse(open->id, "it is open");
}

/* Lead readers away from the runs; the run that they see then, or NULL. */
static SfdwRun *
lead_away(SfdwDataset *dataset, List *runs)
{
	SfdwCatalog *catalog = sfdw_catalog_open(sfdw_dataset_destination(dataset));
	SfdwRun    *kept = NULL;

	if (!is_seen(catalog, dataset, runs))
		return NULL;
	kept = lead_to_accepted(dataset, runs);
	if (kept == NULL && catalog != NULL)
		sfdw_catalog_remove(catalog, dataset->name);
	ereport(NOTICE,
			kept == NULL ?
			errmsg("no run of data set \"%s\" is left for its readers",
				   dataset->name) :
			errmsg("readers of data set \"%s\" see run \"%s\"",
				   dataset->name, kept->id));
	return kept;
}

/* Delete the runs one after the other, a row each. */
static void
delete_runs(SfdwDataset *dataset, List *runs, SfdwRun *kept, const char *reason,
			ReturnSetInfo *result)
{
	ListCell   *cell;

	foreach(cell, runs)
	{
		SfdwRun    *run = lfirst(cell);
		int			left = delete_run(run);
		Datum		values[RETRACT_COLUMNS] = {
			DirectFunctionCall1(uuid_in, CStringGetDatum(run->id)),
			CStringGetTextDatum(run->target_key), Int32GetDatum(left)
		};
		bool		nulls[RETRACT_COLUMNS] = {false};

		if (left == 0)
			record(run, reason);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		settle_manifest(dataset, kept, run);
	}
	/* Two runs may have published the same bytes under one version. */
	if (kept != NULL && !sfdw_run_is_versioned(kept))
		(void) sfdw_publish_again(kept);
}

/* retract(name, runs, reason): take back what the runs have published. */
Datum
sfdw_sql_retract(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *reason = text_to_cstring(PG_GETARG_TEXT_PP(2));
	SfdwDataset *dataset;
	List	   *runs;

	PreventCommandIfReadOnly("salesforce_fdw.retract()");
	sfdw_role_require(GetUserId(), SFDW_ROLE_WRITE,
					  psprintf("retract runs of data set \"%s\"", name));
	dataset = sfdw_dataset_load(name, false);
	sfdw_dataset_require_owner(dataset, GetUserId());
	if (strspn(reason, " \t\n") == strlen(reason))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("a retraction needs a reason"));
	sfdw_run_lock_exclude(name);
	require_no_open_run(dataset);
	runs = load_runs(dataset, PG_GETARG_ARRAYTYPE_P(1));
	require_owner(runs);
	InitMaterializedSRF(fcinfo, 0);
	delete_runs(dataset, runs, lead_away(dataset, runs), reason,
				(ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}
