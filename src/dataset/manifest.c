/*-------------------------------------------------------------------------
 * manifest.c
 *		A small object beside the published one: which run it is, and whose
 *
 * Its text is made by one statement over the ledger.
 *-------------------------------------------------------------------------
 */
#include "dataset/manifest.h"

#include "commands/dbcommands.h"
#include "dataset/document.h"
#include "dataset/place_identity.h"
#include "dataset/stage.h"
#include "miscadmin.h"

#define MANIFEST_NAME "_manifest.json"

/* A change of the format that older versions would misread counts this up. */
#define MANIFEST_FORMAT 1

/* Ours have a few hundred bytes for each input. */
#define MAX_MANIFEST_LENGTH (16 * 1024 * 1024)

/* The manifest's text. */
char *
sfdw_manifest_text(SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->id),
		sfdw_param_int8(MANIFEST_FORMAT),
		sfdw_param_text(sfdw_identity_system()),
		sfdw_param_text(get_database_name(MyDatabaseId))
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT jsonb_pretty(coalesce(r.adopted, jsonb_build_object("
							" 'format', $2, 'dataset', r.dataset, 'run', r.run,"
							" 'number', r.number, 'published', r.published_at,"
							" 'extension_version', r.extension_version,"
							" 'policy_hash', r.definition ->> 'policy_hash',"
							" 'owner', jsonb_build_object("
							"  'system_identifier', $3, 'database', $4,"
							"  'role', r.definition ->> 'owner'),"
							" 'output', jsonb_build_object("
							"  'key', r.target_key, 'version_id', r.published_version,"
							"  'size', r.file_size, 'sha256', r.file_sha256,"
							"  'rows', r.rows, 'columns', r.file_columns),"
							" 'inputs', (SELECT jsonb_agg(jsonb_build_object("
							"   'location', i.location, 'key', i.key,"
							"   'version_id', i.version_id, 'size', i.size,"
							"   'last_modified', i.last_modified)"
							"   ORDER BY i.location, i.key)"
							"  FROM salesforce_fdw.ledger_input i"
							"  WHERE i.run = r.run AND i.is_pinned))))"
							" FROM salesforce_fdw.ledger_run r"
							" WHERE r.run = $1::uuid", lengthof(params), params);
	return rows.values[0][0];
}

/* Its key, in a folder. */
char *
sfdw_manifest_key(const char *folder)
{
	return psprintf("%s" MANIFEST_NAME, folder);
}

/* Write down that it was written. */
static void
record(SfdwRun *run, SfdwStorage *storage, const char *key,
	   const char *version_id)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->id),
		sfdw_param_int8(run->attempt),
		sfdw_param_text(run->destination),
		sfdw_param_text(storage->location),
		sfdw_param_text(key),
		sfdw_param_text(version_id)
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_output"
							 " (run, attempt, kind, server, location, key,"
							 "  version_id, written)"
							 " VALUES ($1::uuid, $2, 'manifest', $3, $4, $5, $6,"
							 "  clock_timestamp())"
							 " ON CONFLICT (run, attempt, kind)"
							 " DO UPDATE SET written = excluded.written,"
							 "  version_id = excluded.version_id",
							 lengthof(params), params, NULL);
}

/* Write the manifest; written again after a crash, it says the same. */
void
sfdw_manifest_write(SfdwRun *run)
{
	SfdwStorage *storage = sfdw_stage_open(run);
	char	   *text = sfdw_manifest_text(run);
	char	   *key = sfdw_manifest_key(sfdw_run_folder(run));
	SfdwSink   *sink = sfdw_storage_create(storage, key);

	sfdw_sink_write(sink, text, strlen(text));
	sfdw_sink_finish(sink);
	record(run, storage, key, sink->version_id);
}

/* The text of the manifest in a folder; NULL where there is none. */
char *
sfdw_manifest_stored(SfdwStorage *storage, const char *folder)
{
	return sfdw_document_read(storage, sfdw_manifest_key(folder),
							  MAX_MANIFEST_LENGTH);
}

/* A text of an object in the manifest, or NULL. */
static char *
text_of(json_t *object, const char *key)
{
	return sfdw_json_server_text(json_object_get(object, key), NULL);
}

/* The last part of a key; NULL for NULL. */
static char *
name_of(char *key)
{
	char	   *slash = key == NULL ? NULL : strrchr(key, '/');

	return slash == NULL ? key : slash + 1;
}

/* Read a manifest. */
SfdwManifest *
sfdw_manifest_read(SfdwStorage *storage, const SfdwVersion *version)
{
	SfdwManifest *manifest = palloc0(sizeof(SfdwManifest));
	json_t	   *output;

	manifest->json = sfdw_json_parse_quietly(sfdw_document_text(storage, version,
															  MAX_MANIFEST_LENGTH));
	output = json_object_get(manifest->json, "output");
	manifest->run = text_of(manifest->json, "run");
	manifest->dataset = text_of(manifest->json, "dataset");
	manifest->object = name_of(text_of(output, "key"));
	manifest->sha256 = text_of(output, "sha256");
	return manifest->run != NULL && sfdw_run_is_id(manifest->run) && manifest->dataset != NULL &&
		manifest->object != NULL && manifest->sha256 != NULL ? manifest : NULL;
}
