/*-------------------------------------------------------------------------
 * adopt.c
 *		A run that the ledger lost, and whose manifest lies in the place
 *
 * In place, the manifest lies in the place itself; in versions, in the folder
 * where the catalog's table is.
 *-------------------------------------------------------------------------
 */
#include "dataset/adopt.h"

#include "core/names.h"
#include "dataset/catalog.h"
#include "dataset/digest.h"
#include "dataset/manifest.h"
#include "dataset/place_claim.h"
#include "dataset/place_owner.h"

/* The folder of an URL, below the storage, when it lies in the place. */
static char *
folder_inside(SfdwPlace *place, const char *url)
{
	char	   *whole = sfdw_storage_url(place->storage, place->path);

	return url != NULL && strncmp(url, whole, strlen(whole)) == 0 &&
		url[strlen(url) - 1] == '/' ?
		pstrdup(url + strlen(place->storage->location)) : NULL;
}

/* The folder that readers of the place see; NULL: none, or another one. */
static char *
seen_folder(SfdwPlace *place, SfdwDataset *dataset)
{
	SfdwCatalog *catalog;
	SfdwCatalogEntry *entry;

	if (!place->is_versioned)
		return place->path;
	catalog = sfdw_catalog_open(sfdw_dataset_destination(dataset));
	entry = catalog == NULL ? NULL : sfdw_catalog_get(catalog, dataset->name);
	return entry == NULL ? NULL :
		folder_inside(place, sfdw_table_location(entry->description));
}

/* The manifest of a folder when it names a lost run; *version is that of it. */
static SfdwManifest *
find_lost(SfdwPlace *place, const char *folder, char **version)
{
	SfdwVersion *found = folder == NULL ? NULL :
		sfdw_storage_find(place->storage, sfdw_manifest_key(folder));
	SfdwManifest *manifest = found == NULL ? NULL :
		sfdw_manifest_read(place->storage, found);

	*version = found == NULL ? NULL : found->version_id;
	return manifest != NULL && strcmp(manifest->dataset, place->dataset) == 0 &&
		!sfdw_run_has_published(place->dataset, manifest->run) ?
		manifest : NULL;
}

/* The object that a manifest names, when it has the bytes; else a WARNING. */
static SfdwVersion *
find_output(SfdwPlace *place, const char *folder, SfdwManifest *manifest)
{
	char	   *key = psprintf("%s%s", folder, manifest->object);
	SfdwVersion *found = sfdw_storage_find(place->storage, key);

	if (found != NULL &&
		strcmp(sfdw_digest_object(place->storage, key, found->version_id),
			   manifest->sha256) == 0)
		return found;
	ereport(WARNING,
			errcode(ERRCODE_WARNING),
			errmsg("run \"%s\" of data set \"%s\" cannot be adopted",
				   manifest->run, place->dataset),
			errdetail("Its manifest is there, and object \"%s\" is %s.",
					  sfdw_storage_url(place->storage, key),
					  found == NULL ? "not" : "another one"),
			errhint("What lies there under its name is left alone: move it away, and run the data set again."));
	return NULL;
}

/*
 * Write the run, closed; one that the ledger has as not published becomes it.
 * Its definition is the data set's of now, but for the policy that it names.
 */
static void
write_run(SfdwDataset *dataset, SfdwManifest *manifest, SfdwVersion *output)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_json(sfdw_json_text(manifest->json, JSON_ENSURE_ASCII)),
		sfdw_param_text(output->key),
		sfdw_param_text(output->version_id),
		sfdw_param_int8(output->size),
		sfdw_param_time(output->last_modified)
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_run AS r (run, dataset,"
							 "  state, is_forced, definition, destination,"
							 "  target_key, rows, file_size, file_sha256,"
							 "  file_columns, is_expectation_known,"
							 "  published_version, published_at, registered_at,"
							 "  finished, is_swept, extension_version, adopted)"
							 " SELECT ($2 ->> 'run')::uuid, $1, 'closed', false,"
							 "  to_jsonb(d) || jsonb_build_object('policy_hash',"
							 "   $2 -> 'policy_hash'), d.destination, $3,"
							 "  ($2 #>> '{output,rows}')::bigint, $5,"
							 "  $2 #>> '{output,sha256}', $2 #>> '{output,columns}',"
							 "  true, $4, $6, $6, clock_timestamp(), true,"
							 "  $2 ->> 'extension_version', $2"
							 " FROM salesforce_fdw.dataset d WHERE d.name = $1"
							 " ON CONFLICT (run) DO UPDATE SET number = DEFAULT,"
							 "  state = excluded.state, destination = excluded.destination,"
							 "  target_key = excluded.target_key, rows = excluded.rows,"
							 "  file_size = excluded.file_size,"
							 "  file_sha256 = excluded.file_sha256,"
							 "  file_columns = excluded.file_columns,"
							 "  is_expectation_known = true,"
							 "  published_version = excluded.published_version,"
							 "  published_at = excluded.published_at,"
							 "  registered_at = excluded.registered_at,"
							 "  finished = excluded.finished,"
							 "  is_swept = r.attempt = 0, reason = NULL,"
							 "  adopted = excluded.adopted",
							 lengthof(params), params, NULL);
}

/*
 * Write which versions it read.  Servers are known by their location: of one
 * that this database lacks nothing can be said.
 */
static void
write_inputs(SfdwManifest *manifest)
{
	SfdwParam	params[] = {
		sfdw_param_json(sfdw_json_text(manifest->json, JSON_ENSURE_ASCII))
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_input (run, server,"
							 "  location, key, version_id, size, last_modified,"
							 "  is_latest, is_delete_marker, is_pinned, is_input)"
							 " SELECT ($1 ->> 'run')::uuid, s.name,"
							 "  i ->> 'location', i ->> 'key', i ->> 'version_id',"
							 "  (i ->> 'size')::bigint,"
							 "  (i ->> 'last_modified')::timestamptz,"
							 "  true, false, true, true"
							 " FROM jsonb_array_elements(CASE"
							 "  jsonb_typeof($1 -> 'inputs') WHEN 'array'"
							 "  THEN $1 -> 'inputs' ELSE '[]' END) i"
							 " CROSS JOIN LATERAL (SELECT f.srvname AS name"
							 "  FROM pg_foreign_server f,"
							 "  pg_options_to_table(f.srvoptions) o"
							 "  WHERE o.option_name = 'location'"
							 "  AND rtrim(o.option_value, '/')"
							 "   = rtrim(i ->> 'location', '/')"
							 "  ORDER BY 1 LIMIT 1) s"
							 " ON CONFLICT DO NOTHING",
							 lengthof(params), params, NULL);
}

/* Write where its object and its manifest are. */
static void
write_outputs(SfdwPlace *place, SfdwDataset *dataset, SfdwManifest *manifest,
			  SfdwVersion *output, const char *manifest_key,
			  const char *manifest_version)
{
	SfdwParam	params[] = {
		sfdw_param_text(manifest->run),
		sfdw_param_text(dataset->destination),
		sfdw_param_text(place->storage->location),
		sfdw_param_text(output->key),
		sfdw_param_text(output->version_id),
		sfdw_param_int8(output->size),
		sfdw_param_text(manifest->sha256),
		sfdw_param_text(manifest_key),
		sfdw_param_text(manifest_version)
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_output (run, attempt,"
							 "  kind, server, location, key, version_id, size,"
							 "  sha256, written)"
							 " SELECT $1::uuid, (SELECT coalesce(max(attempt) + 1, 0)"
							 "   FROM salesforce_fdw.ledger_output"
							 "   WHERE run = $1::uuid),"
							 "  o.kind, $2, $3, o.key, o.version, o.size, o.sha256,"
							 "  clock_timestamp()"
							 " FROM (VALUES ('published', $4, $5, $6, $7),"
							 "  ('manifest', $8, $9, NULL, NULL))"
							 "  AS o (kind, key, version, size, sha256)",
							 lengthof(params), params, NULL);
}

/* Adopt the run that readers see. */
char *
sfdw_adopt_run(SfdwPlace *place, SfdwDataset *dataset, char **manifest_version)
{
	char	   *folder = seen_folder(place, dataset);
	SfdwManifest *manifest = find_lost(place, folder, manifest_version);
	SfdwVersion *output = manifest == NULL ? NULL :
		find_output(place, folder, manifest);

	if (output == NULL)
		return NULL;
	write_run(dataset, manifest, output);
	write_inputs(manifest);
	write_outputs(place, dataset, manifest, output, sfdw_manifest_key(folder),
				  *manifest_version);
	sfdw_run_event(dataset->name, manifest->run, "adopts",
				   "published, by its manifest, and not in the ledger");
	sfdw_run_event(dataset->name, manifest->run,
				   sfdw_run_state_name(SFDW_RUN_CLOSED), NULL);
	return manifest->run;
}

/* A table that lies where a lost run has put it. */
void
sfdw_adopt_check_location(SfdwRun *run, const SfdwTableFacts *facts)
{
	char	   *url = sfdw_table_location(facts->present);
	SfdwPlace  *place;
	SfdwManifest *manifest;
	SfdwClaim  *claim;
	char	   *version;

	if (url == NULL || !sfdw_run_is_versioned(run) ||
		sfdw_names_have(facts->own_locations, url))
		return;
	place = sfdw_place_of_run(run, SFDW_STORAGE_WRITE);
	manifest = find_lost(place, folder_inside(place, url), &version);
	claim = sfdw_claim_load(place);
	if (manifest == NULL ||
		(claim != NULL && claim->manifest_version != NULL &&
		 strcmp(claim->manifest_version, version) == 0))
		return;
	sfdw_place_refuse(run->dataset,
					  psprintf("The catalog's table lies in \"%s\", where run %s has published, which the ledger of this database does not know as published: the ledger is behind.",
							   url, manifest->run));
}
