/*-------------------------------------------------------------------------
 * retire.c
 *		Delete published objects that the data set keeps no longer
 *-------------------------------------------------------------------------
 */
#include "dataset/retire.h"

#include "dataset/catalog.h"
#include "dataset/clear.h"
#include "dataset/register.h"
#include "dataset/run_record.h"
#include "dataset/stage.h"
#include "dataset/table_description.h"
#include "foreign/foreign.h"

/* Runs whose objects are more than the data set keeps, oldest first. */
static SfdwRows
find_retired(SfdwDataset *dataset)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_int8(dataset->keep_runs),
		sfdw_param_text(dataset->destination)
	};

	/* The conditions on the output are those of ledger_output_versioned_idx. */
	return sfdw_ledger_read("SELECT DISTINCT r.run, r.number"
							" FROM salesforce_fdw.ledger_output o"
							" JOIN salesforce_fdw.ledger_run r ON r.run = o.run"
							" WHERE o.kind = 'published' AND o.deleted IS NULL"
							" AND strpos(o.key, o.run::text) > 0"
							" AND r.dataset = $1 AND r.destination = $3"
							" AND r.is_published AND NOT r.is_open"
							" AND (SELECT count(*) FROM salesforce_fdw.ledger_run n"
							"  WHERE n.dataset = r.dataset AND n.is_published"
							"  AND n.number > r.number) >= $2"
							" ORDER BY r.number", lengthof(params), params);
}

/* Where the catalog's table is; NULL without one. */
static char *
present_location(SfdwDataset *dataset)
{
	SfdwCatalog *catalog = sfdw_catalog_open(sfdw_dataset_destination(dataset));
	SfdwCatalogEntry *entry = catalog == NULL ? NULL :
		sfdw_catalog_get(catalog, dataset->name);

	return entry == NULL ? NULL : sfdw_table_location(entry->description);
}

/* Delete what a run has published. */
static bool
retire(SfdwRun *run)
{
	SfdwParam	params[] = {sfdw_param_text(run->id)};

	if (sfdw_clear(sfdw_stage_open(run), sfdw_run_folder(run)) > 0)
		return false;
	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_output"
							 " SET deleted = clock_timestamp()"
							 " WHERE run = $1::uuid AND deleted IS NULL"
							 " AND kind <> 'evidence'",
							 lengthof(params), params, NULL);
	sfdw_run_event(run->dataset, run->id, "retired", NULL);
	return true;
}

/* Retire one run. */
bool
sfdw_retire_next(SfdwDataset *dataset)
{
	SfdwRows	rows = find_retired(dataset);
	char	   *location = rows.count == 0 ? NULL : present_location(dataset);

	for (int i = 0; i < rows.count; i++)
	{
		SfdwRun    *run = sfdw_run_load(rows.values[i][0]);

		if (location == NULL ||
			strcmp(location, sfdw_register_location(run)) != 0)
			return retire(run);
	}
	return false;
}
