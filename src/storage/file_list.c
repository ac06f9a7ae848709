/*-------------------------------------------------------------------------
 * file_list.c
 *		List the files below a location
 *
 * Every regular file is reported, hidden ones included, since a listing is
 * what proves that nothing is left.  A file that a deletion moved aside, and
 * did not get to delete, is reported as a version of its key that is not the
 * current one.  Links are not followed and not reported: they are no objects.
 * What cannot be looked at is an error: a listing is whole or none.
 *-------------------------------------------------------------------------
 */
#include "storage/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/location.h"
#include "utils/memutils.h"

/* One walk. */
typedef struct Walk
{
	SfdwFileStorage *storage;
	const char *prefix;
	MemoryContext result_context;
	List	   *versions;
	int			depth;
} Walk;

/* A folder that is being read; closed with its memory context. */
typedef struct OpenFolder
{
	DIR		   *stream;
	MemoryContextCallback cleanup;
} OpenFolder;

static void walk_folder(Walk *walk, int parent, const char *name,
						const char *path);

/* Reset callback. */
static void
close_folder(void *arg)
{
	OpenFolder *folder = (OpenFolder *) arg;

	if (folder->stream != NULL)
	{
		closedir(folder->stream);
		folder->stream = NULL;
		ReleaseExternalFD();
	}
}

/* Raise the error of errno for a folder. */
static void
raise_folder(Walk *walk, const char *path)
{
	ereport(ERROR,
			errcode_for_file_access(),
			errmsg("could not list folder \"%s%s\": %m",
				   walk->storage->base.location, path));
}

/* Note one file. */
static void
add_version(Walk *walk, const char *key, const struct stat *status,
			bool is_latest)
{
	MemoryContext old;
	SfdwVersion *version;
	char		version_id[SFDW_FILE_VERSION_SIZE];

	if (strncmp(key, walk->prefix, strlen(walk->prefix)) != 0)
		return;
	if (list_length(walk->versions) >= SFDW_MAX_LISTED_OBJECTS)
		ereport(ERROR,
				errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("could not list location \"%s\": it has more than %d objects",
					   walk->storage->base.location, SFDW_MAX_LISTED_OBJECTS));
	sfdw_file_version_id(status, version_id);
	old = MemoryContextSwitchTo(walk->result_context);
	version = palloc0(sizeof(SfdwVersion));
	version->key = pstrdup(key);
	version->version_id = pstrdup(version_id);
	version->size = (int64) status->st_size;
	version->last_modified = sfdw_file_time(status);
	version->is_latest = is_latest;
	walk->versions = lappend(walk->versions, version);
	MemoryContextSwitchTo(old);
}

/* Raise an error for a name that no SQL text can hold. */
static void
check_encoding(Walk *walk, const char *path, const char *name)
{
	if (pg_verify_mbstr(GetDatabaseEncoding(), name, (int) strlen(name), true))
		return;
	ereport(ERROR,
			errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			errmsg("could not list folder \"%s%s\": the name of a file in it is not valid in encoding \"%s\"",
				   walk->storage->base.location, path,
				   GetDatabaseEncodingName()));
}

/* Whether anything below the folder path ("x/y/") can start with the prefix. */
static bool
may_match(Walk *walk, const char *path)
{
	size_t		length = Min(strlen(path), strlen(walk->prefix));

	return strncmp(path, walk->prefix, length) == 0;
}

/* Look at one entry of the folder path. */
static void
visit_entry(Walk *walk, int folder, const char *path, const char *name,
			bool is_aside)
{
	struct stat status;
	char	   *key = psprintf("%s%s", path, name);
	int			error = sfdw_file_stat(folder, name, &status);

	check_encoding(walk, path, name);
	if (error == 0)
		add_version(walk, key, &status, !is_aside);
	else if (error == EISDIR && !is_aside)
	{
		bool		is_purge = strncmp(name, SFDW_PURGE_FOLDER_PREFIX,
									   strlen(SFDW_PURGE_FOLDER_PREFIX)) == 0;

		walk_folder(walk, folder, name,
					is_purge ? path : psprintf("%s/", key));
	}
	else if (error != ENOENT && error != ELOOP && error != ENOTSUP)
	{
		errno = error;
		raise_folder(walk, path);
	}
}

/* Open a folder to read its entries; NULL when it is gone. */
static OpenFolder *
open_folder(Walk *walk, int parent, const char *name, const char *path,
			SfdwFd *fd)
{
	OpenFolder *folder = palloc0(sizeof(OpenFolder));
	int			copy;

	folder->cleanup.func = close_folder;
	folder->cleanup.arg = folder;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &folder->cleanup);
	if (!sfdw_fd_open(fd, parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
	{
		/* Gone, or no folder any more: as if it had been so before. */
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return NULL;
		raise_folder(walk, path);
	}
	copy = openat(fd->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0 || (folder->stream = fdopendir(copy)) == NULL)
	{
		int			save_errno = errno;

		if (copy >= 0)
			close(copy);
		errno = save_errno;
		raise_folder(walk, path);
	}
	ReserveExternalFD();
	return folder;
}

/* Read all entries of a folder; its descriptors close with the context. */
static void
read_entries(Walk *walk, int parent, const char *name, const char *path)
{
	SfdwFd	   *fd = sfdw_fd_new();
	OpenFolder *folder = open_folder(walk, parent, name, path, fd);
	bool		is_aside = strncmp(name, SFDW_PURGE_FOLDER_PREFIX,
								   strlen(SFDW_PURGE_FOLDER_PREFIX)) == 0;
	struct dirent *entry;

	if (folder == NULL)
		return;
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		errno = 0;
		entry = readdir(folder->stream);
		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			visit_entry(walk, fd->fd, path, entry->d_name, is_aside);
	}
	if (errno != 0)
		raise_folder(walk, path);
}

/* Walk a folder whose keys start with path, in a context of its own. */
static void
walk_folder(Walk *walk, int parent, const char *name, const char *path)
{
	MemoryContext context;
	MemoryContext old;

	if (!may_match(walk, path))
		return;
	if (++walk->depth > SFDW_MAX_FOLDER_DEPTH)
		ereport(ERROR,
				errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("could not list location \"%s\": folders are more than %d deep",
					   walk->storage->base.location, SFDW_MAX_FOLDER_DEPTH));
	context = AllocSetContextCreate(CurrentMemoryContext, "salesforce_fdw folder",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	read_entries(walk, parent, name, path);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	walk->depth--;
}

/* By key as bytes; the current version first, then the newest. */
static int
compare_versions(const ListCell *left, const ListCell *right)
{
	const SfdwVersion *a = lfirst(left);
	const SfdwVersion *b = lfirst(right);
	int			order = strcmp(a->key, b->key);

	if (order != 0)
		return order;
	if (a->is_latest != b->is_latest)
		return a->is_latest ? -1 : 1;
	if (a->last_modified != b->last_modified)
		return a->last_modified > b->last_modified ? -1 : 1;
	return strcmp(a->version_id, b->version_id);
}

/* List everything that starts with prefix. */
List *
sfdw_file_list(SfdwFileStorage *storage, const char *prefix)
{
	Walk		walk = {0};

	walk.storage = storage;
	walk.prefix = prefix;
	walk.result_context = CurrentMemoryContext;
	walk_folder(&walk, storage->root->fd, ".", "");
	list_sort(walk.versions, compare_versions);
	return walk.versions;
}
