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
#include "dataset/adopt.h"
#include "dataset/catalog.h"
#include "dataset/definition.h"
#include "dataset/quality.h"
#include "dataset/stage.h"
#include "dataset/table_description.h"
#include "foreign/foreign.h"
#include "storage/lockdefs.h"

/* The gate that judges columns whose type changes. */
#define TYPE_GATE "type_change"

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

/* The folder of a run's object. */
char *
sfdw_register_location(SfdwRun *run)
{
	Oid			server = get_foreign_server_oid(run->destination, false);

	return psprintf("%s%s", sfdw_storage_location(server), sfdw_run_folder(run));
}

/* The folders of everything that the data set has published there. */
static List *
own_locations(SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->dataset),
		sfdw_param_text(run->destination)
	};
	SfdwRows	rows;
	List	   *locations = NIL;

	rows = sfdw_ledger_read("SELECT DISTINCT o.location || regexp_replace(o.key, '[^/]*$', '')"
							" FROM salesforce_fdw.ledger_output o"
							" JOIN salesforce_fdw.ledger_run r ON r.run = o.run"
							" WHERE r.dataset = $1 AND r.destination = $2"
							" AND o.kind = 'published' AND o.version_id <> ''",
							lengthof(params), params);
	for (int i = 0; i < rows.count; i++)
		locations = lappend(locations, rows.values[i][0]);
	return locations;
}

/* What the run wrote, or what was there when it registered; NULL: nothing. */
static char *
written_by(SfdwRun *run, SfdwCatalog *catalog)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->dataset),
		sfdw_param_text(catalog->location),
		sfdw_param_text(catalog->database),
		sfdw_param_text(run->id)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT catalog_description"
							" FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND catalog = $2"
							" AND catalog_database = $3"
							" AND catalog_description IS NOT NULL"
							" AND number <= (SELECT number"
							"  FROM salesforce_fdw.ledger_run WHERE run = $4::uuid)"
							" ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	return rows.count == 0 ? NULL : rows.values[0][0];
}

/*
 * Read, compare and store, until nobody comes between: the description of now,
 * or, with again, the one of an earlier run.
 */
static void
store(SfdwCatalog *catalog, SfdwTableFacts *facts, const char *again,
	  Registration *done)
{
	for (int i = 0; i < MAX_TRIES; i++)
	{
		SfdwCatalogEntry *entry = sfdw_catalog_get(catalog, facts->name);

		done->before = entry == NULL ? NULL : entry->version;
		facts->present = entry == NULL ? NULL : entry->description;
		done->description = again == NULL ? sfdw_table_description(facts) :
			sfdw_table_description_again(again, facts);
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

/*
 * The statistics of a run as text; NULL when there are none, or when the
 * catalog has been told the same.
 */
static char *
untold_statistics(SfdwRun *run, bool is_new)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->id),
		sfdw_param_text(run->dataset),
		sfdw_param_bool(is_new)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT r.statistics"
							" FROM salesforce_fdw.ledger_run r"
							" WHERE r.run = $1::uuid"
							" AND r.statistics IS NOT NULL AND ($3 OR NOT EXISTS"
							"  (SELECT FROM salesforce_fdw.ledger_run t"
							"   WHERE t.dataset = $2 AND t.has_told_statistics"
							"   AND t.statistics = r.statistics))",
							lengthof(params), params);
	return rows.count == 0 ? NULL : rows.values[0][0];
}

/*
 * Tell the catalog about the columns' values, and note whose statistics it has
 * now.  A crash in between tells them again.
 */
static void
tell_statistics(SfdwRun *run, SfdwCatalog *catalog, const char *table,
				bool is_new)
{
	char	   *statistics = untold_statistics(run, is_new);
	SfdwParam	params[3];

	if (statistics == NULL)
		return;
	params[0] = sfdw_param_text(run->id);
	params[1] = sfdw_param_text(run->dataset);
	params[2] = sfdw_param_bool(sfdw_catalog_put_statistics(catalog, table,
															statistics));
	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_run"
							 " SET has_told_statistics = $3 AND run = $1::uuid"
							 " WHERE dataset = $2"
							 " AND (has_told_statistics OR run = $1::uuid)",
							 lengthof(params), params, NULL);
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

/* What the description says of a run. */
static void
collect_facts(SfdwRun *run, SfdwCatalog *catalog, SfdwTableFacts *facts)
{
	facts->name = run->dataset;
	facts->location = sfdw_register_location(run);
	facts->dataset = run->dataset;
	facts->run = run->id;
	facts->rows = run->rows;
	facts->written = last_written(run, catalog);
	facts->own_locations = own_locations(run);
}

/* Judge columns that would get another type. */
static void
check_types(SfdwRun *run, SfdwTableFacts *facts, Jsonb *gates)
{
	SfdwAction	action = sfdw_quality_gate_action(gates, TYPE_GATE);
	char	   *changed = sfdw_table_changed_types(facts);

	if (changed == NULL || action == SFDW_ACTION_COUNT)
		return;
	ereport(action == SFDW_ACTION_WARN ? WARNING : ERROR,
			errcode(SFDW_ERRCODE_QUALITY),
			action == SFDW_ACTION_WARN ?
			errmsg("gate \"" TYPE_GATE "\" of data set \"%s\" is not met",
				   run->dataset) :
			errmsg("data set \"%s\" is refused: gate \"" TYPE_GATE "\" is not met",
				   run->dataset),
			errdetail("Columns of the catalog's table would change: %s.",
					  changed),
			action == SFDW_ACTION_WARN ? 0 :
			errhint("If its readers are ready for that, set the gate to \"warn\"."));
}

/* Find out whether the run could be registered. */
void
sfdw_register_check(SfdwRun *run, Jsonb *gates, Oid target)
{
	SfdwCatalog *catalog =
		sfdw_catalog_open(get_foreign_server_oid(run->destination, false));
	SfdwCatalogEntry *entry = catalog == NULL ? NULL :
		sfdw_catalog_get(catalog, run->dataset);
	SfdwTableFacts facts = {0};

	if (entry == NULL)
		return;
	facts.relid = target;
	facts.present = entry->description;
	collect_facts(run, catalog, &facts);
	sfdw_adopt_check_location(run, &facts);
	sfdw_table_check_location(&facts);
	check_types(run, &facts, gates);
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
		collect_facts(run, catalog, &facts);
		store(catalog, &facts, NULL, &done);
		tell_statistics(run, catalog, facts.name, done.before == NULL);
	}
	is_swept = sfdw_stage_sweep(run) == 0;
	record(run, catalog, &done, is_swept);
}

/* Register it as it was. */
void
sfdw_register_again(SfdwRun *run)
{
	Oid			server = get_foreign_server_oid(run->destination, false);
	SfdwCatalog *catalog = sfdw_catalog_open(server);
	char	   *written = catalog == NULL ? NULL : written_by(run, catalog);
	Registration done = {0};
	SfdwTableFacts facts = {0};

	if (catalog == NULL)
		return;
	if (written == NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("run \"%s\" has not been registered in catalog \"%s\"",
					   run->id, catalog->location));
	collect_facts(run, catalog, &facts);
	store(catalog, &facts, written, &done);
	tell_statistics(run, catalog, facts.name, done.before == NULL);
}

/* What would be stored again if the run were rolled back to. */
char *
sfdw_register_difference(SfdwRun *run)
{
	SfdwCatalog *catalog =
		sfdw_catalog_open(get_foreign_server_oid(run->destination, false));
	char	   *written = catalog == NULL ? NULL : written_by(run, catalog);
	SfdwCatalogEntry *entry;
	SfdwTableFacts facts = {0};
	char	   *location;

	if (written == NULL)
		return NULL;
	entry = sfdw_catalog_get(catalog, run->dataset);
	if (entry == NULL)
		return pstrdup("the catalog does not have the table");
	facts.present = entry->description;
	collect_facts(run, catalog, &facts);
	location = sfdw_table_location(entry->description);
	if (location == NULL || strcmp(location, facts.location) != 0)
		return psprintf("the table lies at \"%s\"",
						location == NULL ? "" : location);
	if (sfdw_table_description_again(written, &facts) != NULL)
		return pstrdup("the table has other columns, formats or parameters");
	return NULL;
}
