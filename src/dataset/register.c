/*-------------------------------------------------------------------------
 * register.c
 *		Tell the catalog about the published table
 *
 * Knows the ledger's last description and the catalog's present one; what a
 * description says, table_description.c does.
 *-------------------------------------------------------------------------
 */
#include "dataset/register.h"

#include "core/errors.h"
#include "dataset/catalog.h"
#include "dataset/definition.h"
#include "dataset/stage.h"
#include "dataset/table_description.h"
#include "foreign/foreign.h"
#include "storage/lockdefs.h"

/* How often an entry that somebody else changes meanwhile is read again. */
#define MAX_TRIES 5

/* What the registration did. */
typedef struct Registration
{
	char	   *before;			/* version found; NULL: no entry */
	char	   *after;			/* version now */
	char	   *description;	/* what was stored; NULL: nothing was */
} Registration;

/* What we wrote last for this data set in this catalog; NULL: never. */
static char *
last_written(SfdwRun *run, SfdwCatalog *catalog)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->dataset),
		sfdw_param_text(catalog->location),
		sfdw_param_text(catalog->database)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT catalog_description"
							" FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND catalog = $2"
							" AND catalog_database = $3"
							" AND catalog_description IS NOT NULL"
							" ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	return rows.count == 0 ? NULL : rows.values[0][0];
}

/* The folder of the published file. */
static char *
folder_url(SfdwRun *run, Oid server)
{
	const char *slash = strrchr(run->target_key, '/');

	return psprintf("%s%.*s", sfdw_storage_location(server),
					slash == NULL ? 0 : (int) (slash - run->target_key) + 1,
					run->target_key);
}

/* Read, compare and store, until nobody comes between. */
static void
store(SfdwCatalog *catalog, SfdwTableFacts *facts, Registration *done)
{
	for (int i = 0; i < MAX_TRIES; i++)
	{
		SfdwCatalogEntry *entry = sfdw_catalog_get(catalog, facts->name);

		done->before = entry == NULL ? NULL : entry->version;
		facts->present = entry == NULL ? NULL : entry->description;
		done->description = sfdw_table_description(facts);
		done->after = done->before;
		if (done->description == NULL)
		{
			sfdw_catalog_tidy(catalog, facts->name);
			return;
		}
		if (sfdw_catalog_put(catalog, facts->name, done->description,
							 done->before,
							 &done->after) == SFDW_CATALOG_STORED)
			return;
	}
	ereport(ERROR,
			errcode(SFDW_ERRCODE_CONFLICT),
			errmsg("table \"%s\" of catalog \"%s\" is being changed by somebody else",
				   facts->name, catalog->location),
			errhint("Run the data set again: it goes on from here."));
}

/* Write down what was registered. */
static void
record(SfdwRun *run, SfdwCatalog *catalog, const Registration *done,
	   bool is_swept)
{
	SfdwParam	params[] = {
		sfdw_param_text(catalog == NULL ? NULL : catalog->location),
		sfdw_param_text(catalog == NULL ? NULL : catalog->database),
		sfdw_param_text(done->before),
		sfdw_param_text(done->after),
		sfdw_param_json(done->description),
		sfdw_param_bool(is_swept)
	};

	sfdw_run_advance(run, SFDW_RUN_REGISTERED, "catalog = $3,"
					 " catalog_database = $4, catalog_version_before = $5,"
					 " catalog_version = $6, catalog_description = $7,"
					 " is_swept = $8, registered_at = clock_timestamp()",
					 lengthof(params), params);
}

/* Register the table. */
void
sfdw_register(SfdwRun *run)
{
	SfdwDataset *dataset = sfdw_dataset_load(run->dataset, false);
	Oid			server = get_foreign_server_oid(run->destination, false);
	SfdwCatalog *catalog = sfdw_catalog_open(server);
	Registration done = {0};
	SfdwTableFacts facts = {0};
	bool		is_swept;

	if (catalog != NULL)
	{
		facts.relid = sfdw_dataset_target(dataset, AccessShareLock);
		facts.name = run->dataset;
		facts.location = folder_url(run, server);
		facts.dataset = run->dataset;
		facts.run = run->id;
		facts.written = last_written(run, catalog);
		store(catalog, &facts, &done);
	}
	is_swept = sfdw_stage_sweep(run) == 0;
	record(run, catalog, &done, is_swept);
}
