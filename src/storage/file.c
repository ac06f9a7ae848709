/*-------------------------------------------------------------------------
 * file.c
 *		Storage in a folder: opening it, and its verbs
 *-------------------------------------------------------------------------
 */
#include "storage/file.h"

#include <fcntl.h>
#include <stdlib.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/location.h"

/* What stands before the path in a location. */
#define FILE_SCHEME "file://"

/* A path without links, palloc'd and ending in "/"; NULL with errno set. */
static char *
resolve(const char *path)
{
	char	   *resolved = realpath(path, NULL);
	char	   *result;

	if (resolved == NULL)
		return NULL;
	result = psprintf("%s%s", resolved, strcmp(resolved, "/") == 0 ? "" : "/");
	free(resolved);
	return result;
}

/* Raise an error when a folder and one of the server's meet. */
static void
check_apart(const char *location, const char *folder, const char *protected,
			bool may_contain)
{
	char	   *resolved = resolve(protected);

	if (resolved == NULL)
		return;
	if (sfdw_location_contains(resolved, folder) ||
		(!may_contain && sfdw_location_contains(folder, resolved)))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("cannot use location \"%s\"", location),
				errdetail("The folder is, holds or lies in the data directory, the write-ahead log or a tablespace of this server."));
	pfree(resolved);
}

/* Keep away from everything that belongs to the server itself. */
static void
check_folder(const char *location, const char *folder, bool may_contain)
{
	char	   *tablespaces = psprintf("%s/pg_tblspc", DataDir);
	DIR		   *stream;
	struct dirent *entry;

	check_apart(location, folder, DataDir, may_contain);
	check_apart(location, folder, psprintf("%s/pg_wal", DataDir), may_contain);
	stream = AllocateDir(tablespaces);
	while ((entry = ReadDir(stream, tablespaces)) != NULL)
	{
		if (entry->d_name[0] != '.')
			check_apart(location, folder,
						psprintf("%s/%s", tablespaces, entry->d_name),
						may_contain);
	}
	FreeDir(stream);
}

/* The folder as it would be if it were made now. */
void
sfdw_file_check_location(const char *location)
{
	char	   *path = sfdw_storage_real_path(location + strlen(FILE_SCHEME));
	size_t		length = strlen(path);

	check_folder(location, length > 0 && path[length - 1] == '/' ? path :
				 psprintf("%s/", path), false);
}

/* Everything is one page: a folder is read as a whole anyway. */
static List *
list_page(SfdwStorage *storage, const char *prefix, SfdwListCursor *cursor)
{
	cursor->done = true;
	return sfdw_file_list((SfdwFileStorage *) storage, prefix);
}

/* Look at one name. */
static SfdwVersion *
find(SfdwStorage *storage, const char *key)
{
	SfdwVersion *version;
	SfdwFilePlace place;
	struct stat status;
	char		version_id[SFDW_FILE_VERSION_SIZE];

	if (sfdw_file_place((SfdwFileStorage *) storage, key, false, &place))
	{
		errno = sfdw_file_stat(place.folder->fd, place.name, &status);
		sfdw_fd_close(place.folder);
	}
	if (errno == ENOENT || errno == ENOTDIR || errno == EISDIR)
		return NULL;
	if (errno != 0)
		sfdw_file_raise(storage, key, "find");
	sfdw_file_version_id(&status, version_id);
	version = palloc0(sizeof(SfdwVersion));
	version->key = pstrdup(key);
	version->version_id = pstrdup(version_id);
	version->size = (int64) status.st_size;
	version->last_modified = sfdw_file_time(&status);
	version->is_latest = true;
	return version;
}

/* Open a version. */
static SfdwSource *
open_version(SfdwStorage *storage, const char *key, const char *version_id)
{
	return sfdw_file_source((SfdwFileStorage *) storage, key, version_id);
}

/* Write an object. */
static SfdwSink *
create(SfdwStorage *storage, const char *key)
{
	return sfdw_file_sink((SfdwFileStorage *) storage, key);
}

static const SfdwStorageOps file_ops = {
	.scheme = "file",
	.list_page = list_page,
	.find = find,
	.open = open_version,
	.create = create,
	.promote = sfdw_file_promote,
	.delete_versions = sfdw_file_delete,
};

/* Open a folder; its descriptor lives as long as the current context. */
SfdwStorage *
sfdw_file_open(const char *location, bool may_contain)
{
	SfdwFileStorage *storage = palloc0(sizeof(SfdwFileStorage));
	char	   *folder = resolve(location + strlen(FILE_SCHEME));

	storage->base.ops = &file_ops;
	storage->base.location = location;
	storage->root = sfdw_fd_new();
	if (folder != NULL)
		check_folder(location, folder, may_contain);
	if (folder == NULL ||
		!sfdw_fd_open(storage->root, AT_FDCWD, folder,
					  O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
		ereport(ERROR,
				errcode_for_file_access(),
				errmsg("could not open location \"%s\": %m", location));
	return &storage->base;
}
