/*-------------------------------------------------------------------------
 * catalog_file.c
 *		A catalog in a folder: DATABASE/TABLE.json
 *
 * A file has the name of the database, a version number that counts up, and
 * the description.  It is written beside, and promoted on the condition that
 * the table still has the version expected: so readers see one whole entry or
 * the other, and of two writers one is told.  Knows storage; nothing of what
 * descriptions say.
 *-------------------------------------------------------------------------
 */
#include "dataset/catalog_file.h"

#include "dataset/json_owner.h"
#include "storage/storage.h"

#include <unistd.h>

/* A description of a table with 1,600 columns is far below this. */
#define MAX_ENTRY_SIZE (16 * 1024 * 1024)

typedef struct FileCatalog
{
	SfdwCatalog base;
	Oid			owner;			/* of the server */
} FileCatalog;

/* An entry as it lies in the folder. */
typedef struct FileEntry
{
	SfdwStorage *storage;
	char	   *key;
	SfdwVersion *found;			/* NULL: there is none */
	json_t	   *content;		/* NULL likewise */
} FileEntry;

/* Raise unless a name can be one segment of a path. */
static void
check_name(const char *kind, const char *name)
{
	if (name[0] == '\0' || name[0] == '.' || name[0] == '_' ||
		strchr(name, '/') != NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_NAME),
				errmsg("invalid name of a %s in a catalog: \"%s\"", kind, name));
}

/* The bytes of one version. */
static char *
read_text(SfdwStorage *storage, const char *key, const SfdwVersion *version)
{
	SfdwSource *source = sfdw_storage_open_version(storage, key,
												   version->version_id);
	char	   *text;

	if (source->size > MAX_ENTRY_SIZE)
		ereport(ERROR,
				errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("catalog entry \"%s\" is too large", source->name));
	text = palloc(source->size + 1);
	if (source->size > 0)
		sfdw_source_read_at(source, 0, text, source->size);
	text[source->size] = '\0';
	sfdw_source_close(source);
	return text;
}

/*
 * Open a table's entry.  The storage is that of the catalog's folder, which
 * must exist; the database's folder in it need not.
 */
static void
open_entry(FileCatalog *catalog, const char *table, SfdwStorageUse use,
		   FileEntry *entry)
{
	check_name("database", catalog->base.database);
	check_name("table", table);
	entry->storage = sfdw_storage_open_beside(catalog->base.location,
											  catalog->owner, use);
	entry->key = psprintf("%s/%s.json", catalog->base.database, table);
	entry->found = sfdw_storage_find(entry->storage, entry->key);
	entry->content = entry->found == NULL ? NULL :
		sfdw_json_parse(read_text(entry->storage, entry->key, entry->found),
						psprintf("catalog entry \"%s\"",
								 sfdw_storage_url(entry->storage,
												  entry->key)));
}

/* The version number of an entry; NULL for none. */
static const char *
version_of(const FileEntry *entry)
{
	const char *version = json_string_value(json_object_get(entry->content,
															"VersionId"));

	if (entry->content != NULL && version == NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_JSON_TEXT),
				errmsg("catalog entry \"%s\" has no VersionId",
					   sfdw_storage_url(entry->storage, entry->key)));
	return version;
}

/* The table's entry. */
static SfdwCatalogEntry *
get_entry(SfdwCatalog *base, const char *table)
{
	FileEntry	entry = {0};
	SfdwCatalogEntry *result;
	json_t	   *description;

	open_entry((FileCatalog *) base, table, SFDW_STORAGE_READ, &entry);
	if (entry.content == NULL)
		return NULL;
	description = json_object_get(entry.content, "TableInput");
	if (!json_is_object(description))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_JSON_TEXT),
				errmsg("catalog entry \"%s\" has no TableInput",
					   sfdw_storage_url(entry.storage, entry.key)));
	result = palloc(sizeof(SfdwCatalogEntry));
	result->version = pstrdup(version_of(&entry));
	result->description = sfdw_json_text(description, JSON_COMPACT);
	return result;
}

/* The content of the file of a version. */
static char *
make_content(const char *database, const char *description,
			 const char *version)
{
	json_t	   *table = sfdw_json_parse(description, "table description");
	json_t	   *content = sfdw_json_own(json_pack("{s:s, s:s, s:O}",
												  "DatabaseName", database,
												  "VersionId", version,
												  "TableInput", table));

	return psprintf("%s\n", sfdw_json_text(content, JSON_INDENT(2)));
}

/* Write the content beside the entry; the version that it has there. */
static const char *
stage_content(const FileEntry *entry, const char *key, const char *content)
{
	SfdwSink   *sink = sfdw_storage_create(entry->storage, key);

	sfdw_sink_write(sink, content, strlen(content));
	sfdw_sink_finish(sink);
	return sink->version_id;
}

/* Delete what was staged, or what an exchange left in its place. */
static void
clean_up(const FileEntry *entry, const char *prefix)
{
	ListCell   *cell;

	foreach(cell, sfdw_storage_list(entry->storage, prefix))
	{
		SfdwVersion *version = lfirst(cell);
		SfdwDeleteResult result;

		sfdw_storage_delete(entry->storage, &version, 1, &result);
	}
}

/*
 * The key beside the entry at which its next version is staged.  One for all
 * writers: two at once may spoil each other's staged file, which the promotion
 * by version notices, and whatever a crash leaves there the next one removes.
 */
static char *
staging_key(const FileEntry *entry)
{
	const char *slash = strrchr(entry->key, '/');
	int			folder = slash == NULL ? 0 : (int) (slash - entry->key) + 1;

	return psprintf("%.*s" SFDW_STAGING_FOLDER "/%s", folder, entry->key, entry->key + folder);
}

/* Store a description. */
static SfdwCatalogOutcome
put_entry(SfdwCatalog *base, const char *table, const char *description,
		  const char *expected_version, char **new_version)
{
	FileEntry	entry = {0};
	const char *version;
	char	   *next;
	char	   *staged_key;
	const char *staged;
	char	   *promoted;
	SfdwPromoteOutcome outcome;

	open_entry((FileCatalog *) base, table, SFDW_STORAGE_WRITE, &entry);
	version = version_of(&entry);
	if (version == NULL || expected_version == NULL ?
		version != expected_version : strcmp(version, expected_version) != 0)
		return SFDW_CATALOG_CHANGED;
	next = psprintf(INT64_FORMAT,
					version == NULL ? 1 : (int64) strtoll(version, NULL, 10) + 1);
	staged_key = staging_key(&entry);
	staged = stage_content(&entry, staged_key,
						   make_content(base->database, description, next));
	outcome = sfdw_storage_promote(entry.storage, staged_key, staged,
								   entry.key, entry.found == NULL ? NULL :
								   entry.found->version_id, &promoted);
	clean_up(&entry, staged_key);
	if (outcome != SFDW_PROMOTED)
		return SFDW_CATALOG_CHANGED;
	*new_version = next;
	return SFDW_CATALOG_STORED;
}

/* Remove the entry, if it is still the one that was found. */
static void
remove_entry(SfdwCatalog *base, const char *table)
{
	FileEntry	entry = {0};
	SfdwDeleteResult result;

	open_entry((FileCatalog *) base, table, SFDW_STORAGE_WRITE, &entry);
	if (entry.found != NULL)
		sfdw_storage_delete(entry.storage, &entry.found, 1, &result);
}

/* Remove what an interrupted put left in staging. */
static void
tidy_entry(SfdwCatalog *base, const char *table)
{
	FileEntry	entry = {0};

	open_entry((FileCatalog *) base, table, SFDW_STORAGE_WRITE, &entry);
	clean_up(&entry, staging_key(&entry));
}

static const SfdwCatalogOps file_ops = {
	.get = get_entry,
	.put = put_entry,
	.remove = remove_entry,
	.tidy = tidy_entry,
};

/* The catalog below an URL. */
SfdwCatalog *
sfdw_catalog_file_open(const char *location, const char *database, Oid owner)
{
	FileCatalog *catalog = palloc0(sizeof(FileCatalog));

	catalog->base.ops = &file_ops;
	catalog->base.location = location;
	catalog->base.database = database;
	catalog->owner = owner;
	return &catalog->base;
}
