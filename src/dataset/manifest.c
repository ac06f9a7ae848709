/*-------------------------------------------------------------------------
 * manifest.c
 *		A small object beside the published one: which run it is, and whose
 *
 * Its text is made by one statement over the ledger.
 *-------------------------------------------------------------------------
 */
#include "dataset/manifest.h"

#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "dataset/document.h"
#include "dataset/json_owner.h"
#include "dataset/stage.h"
#include "miscadmin.h"

#define MANIFEST_NAME "_manifest.json"

/* A change of the format that older versions would misread counts this up. */
#define MANIFEST_FORMAT 1

/* What identifies this cluster: a standby, and a copy of it, has the same. */
static char *
system_identifier(void)
{
	return psprintf(UINT64_FORMAT, GetSystemIdentifier());
}

/* The manifest's text. */
char *
sfdw_manifest_text(SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->id),
		sfdw_param_int8(MANIFEST_FORMAT),
		sfdw_param_text(system_identifier()),
		sfdw_param_text(get_database_name(MyDatabaseId))
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT jsonb_pretty(jsonb_build_object("
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
							"  WHERE i.run = r.run AND i.is_pinned)))"
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
record(SfdwRun *run, SfdwStorage *storage, const char *key)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->id),
		sfdw_param_int8(run->attempt),
		sfdw_param_text(run->destination),
		sfdw_param_text(storage->location),
		sfdw_param_text(key)
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_output"
							 " (run, attempt, kind, server, location, key, written)"
							 " VALUES ($1::uuid, $2, 'manifest', $3, $4, $5,"
							 "  clock_timestamp())"
							 " ON CONFLICT (run, attempt, kind)"
							 " DO UPDATE SET written = excluded.written",
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
	record(run, storage, key);
}

/* The text of the manifest in a folder; NULL where there is none. */
char *
sfdw_manifest_stored(SfdwStorage *storage, const char *folder)
{
	return sfdw_document_read(storage, sfdw_manifest_key(folder));
}

/* A text of an object in the manifest, or NULL. */
static const char *
text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Whether two texts are there and the same. */
static bool
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Whose the bytes are. */
static SfdwManifestOwner
owner_of(json_t *manifest, const char *dataset, const char *sha256)
{
	json_t	   *owner = json_object_get(manifest, "owner");
	json_t	   *output = json_object_get(manifest, "output");

	if (sha256 != NULL && !is_same(text_of(output, "sha256"), sha256))
		return SFDW_MANIFEST_NONE;
	if (is_same(text_of(owner, "system_identifier"), system_identifier()) &&
		is_same(text_of(owner, "database"), get_database_name(MyDatabaseId)) &&
		is_same(text_of(manifest, "dataset"), dataset))
		return SFDW_MANIFEST_OURS;
	return SFDW_MANIFEST_THEIRS;
}

/* A copy of a text that may be NULL. */
static char *
copy_of(const char *text)
{
	return text == NULL ? NULL : pstrdup(text);
}

/* What the manifest says. */
SfdwManifest
sfdw_manifest_read(SfdwStorage *storage, const char *folder,
				   const char *dataset, const char *sha256)
{
	SfdwManifest result = {SFDW_MANIFEST_NONE};
	char	   *text = sfdw_manifest_stored(storage, folder);
	json_error_t problem;
	json_t	   *manifest = text == NULL ? NULL :
		json_loads(text, JSON_REJECT_DUPLICATES, &problem);
	json_t	   *owner;

	if (manifest == NULL)
		return result;
	manifest = sfdw_json_own(manifest);
	owner = json_object_get(manifest, "owner");
	result.owner = owner_of(manifest, dataset, sha256);
	result.run = copy_of(text_of(manifest, "run"));
	result.database = copy_of(text_of(owner, "database"));
	result.system_identifier = copy_of(text_of(owner, "system_identifier"));
	return result;
}
