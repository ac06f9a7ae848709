/*-------------------------------------------------------------------------
 * file_path.c
 *		From a key to a folder's descriptor and a name in it
 *
 * Each segment is opened in the folder before it with O_NOFOLLOW, and the
 * grammar of keys has no "..", so the walk cannot leave the location whatever
 * is renamed or linked meanwhile.  This is what openat2 with RESOLVE_BENEATH
 * and RESOLVE_NO_SYMLINKS does, on every kernel.
 *-------------------------------------------------------------------------
 */
#include "storage/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/errors.h"
#include "storage/location.h"
#include "utils/timestamp.h"

/* How a folder is opened: it may not be a link. */
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW)

/* Make a folder and its entry durable; one that exists is as good. */
static bool
make_folder(int parent, const char *name)
{
	if (mkdirat(parent, name, SFDW_FOLDER_MODE) != 0)
		return errno == EEXIST;

	/* The server's umask is narrower than what readers of a location need. */
	return fchmodat(parent, name, SFDW_FOLDER_MODE, 0) == 0 &&
		fsync(parent) == 0;
}

/* Open a folder in another; false with errno set, ELOOP for a link. */
static bool
enter_folder(SfdwFd *child, int parent, const char *name, bool make)
{
	struct stat status;

	if (sfdw_fd_open(child, parent, name, FOLDER_FLAGS))
		return true;
	if (errno == ENOENT && make)
		return make_folder(parent, name) &&
			sfdw_fd_open(child, parent, name, FOLDER_FLAGS);

	/* Systems differ in what they say of a link; look. */
	if ((errno == ENOTDIR || errno == ELOOP || errno == EMLINK) &&
		fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		errno = S_ISLNK(status.st_mode) ? ELOOP : ENOTDIR;
	return false;
}

/* How many folders a key names. */
static int
count_folders(const char *key)
{
	int			count = 0;

	for (; *key != '\0'; key++)
		count += *key == '/';
	return count;
}

/* Raise an error for a key that cannot be one. */
static void
check_key(SfdwFileStorage *storage, const char *key)
{
	SfdwStatus	status = {0};

	if (sfdw_location_check_key(key, &status))
	{
		/* A listing could not find it again. */
		if (count_folders(key) >= SFDW_MAX_FOLDER_DEPTH)
			ereport(ERROR,
					errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("cannot use object name \"%s\": folders are more than %d deep",
						   key, SFDW_MAX_FOLDER_DEPTH));
		return;
	}
	ereport(ERROR,
			errcode(ERRCODE_INVALID_NAME),
			errmsg("invalid object name \"%s\" in location \"%s\": %s", key,
				   storage->base.location, status.message));
}

/* Walk down from the location's own folder. */
bool
sfdw_file_place(SfdwFileStorage *storage, const char *key, bool make,
				SfdwFilePlace *place)
{
	SfdwFd	   *next = sfdw_fd_new();
	char	   *segment;
	char	   *slash;

	check_key(storage, key);
	place->folder = sfdw_fd_new();
	if (!enter_folder(place->folder, storage->root->fd, ".", false))
		return false;
	segment = pstrdup(key);
	while ((slash = strchr(segment, '/')) != NULL)
	{
		SfdwFd	   *previous = place->folder;

		*slash = '\0';
		if (!enter_folder(next, previous->fd, segment, make))
			return false;
		place->folder = next;
		next = previous;
		sfdw_fd_close(next);
		segment = slash + 1;
	}
	place->name = segment;
	return true;
}

/* What cannot be removed, since it is not empty or gone, is as good. */
void
sfdw_file_prune(SfdwFileStorage *storage, const char *key)
{
	const char *slash = strrchr(key, '/');
	SfdwFilePlace place;

	if (slash == NULL ||
		!sfdw_file_place(storage, pnstrdup(key, (Size) (slash - key)), false,
						 &place))
		return;
	if (strcmp(place.name, SFDW_STAGING_FOLDER) == 0)
		(void) unlinkat(place.folder->fd, place.name, AT_REMOVEDIR);
	sfdw_fd_close(place.folder);
}

/* The SQLSTATE of an errno, with those that PostgreSQL does not tell apart. */
static int
errcode_for(int error)
{
	switch (error)
	{
		case EDQUOT:
		case EFBIG:
			return errcode(ERRCODE_DISK_FULL);
		case ENAMETOOLONG:
			return errcode(ERRCODE_INVALID_NAME);
		case ESTALE:
			return errcode(ERRCODE_IO_ERROR);
		default:
			return errcode_for_file_access();
	}
}

/* Give the reason that PostgreSQL gives for errno, and ours for a link. */
void
sfdw_file_raise(SfdwStorage *storage, const char *key, const char *action)
{
	int			error = errno;
	char	   *url = sfdw_storage_url(storage, key);

	if (error == ELOOP)
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("could not %s \"%s\": it is a symbolic link, or behind one",
					   action, url),
				errdetail("Symbolic links below a location are never followed."));
	if (error == ENOTSUP)
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("could not %s \"%s\": it is not a regular file", action,
					   url));
	errno = error;
	ereport(ERROR,
			errcode_for(error),
			errmsg("could not %s \"%s\": %m", action, url));
}

/* The object is not what it was when it was listed. */
void
sfdw_file_superseded(const char *url)
{
	ereport(ERROR,
			errcode(SFDW_ERRCODE_SUPERSEDED),
			errmsg("could not read \"%s\": the file was replaced, changed or removed",
				   url),
			errhint("Run the statement again to read the file as it is now."));
}

/* Format an identity. */
void
sfdw_file_version_id(const struct stat *status, char *buffer)
{
	snprintf(buffer, SFDW_FILE_VERSION_SIZE, "%llu:%llu:%lld:%lld.%09ld",
			 (unsigned long long) status->st_dev,
			 (unsigned long long) status->st_ino,
			 (long long) status->st_size,
			 (long long) status->st_mtim.tv_sec,
			 (long) status->st_mtim.tv_nsec);
}

/* Compare in the written form, so that there is one notion of equality. */
bool
sfdw_file_is_version(const struct stat *status, const char *version_id)
{
	char		buffer[SFDW_FILE_VERSION_SIZE];

	sfdw_file_version_id(status, buffer);
	return strcmp(buffer, version_id) == 0;
}

/* Look at a name without following it. */
int
sfdw_file_stat(int folder, const char *name, struct stat *status)
{
	if (fstatat(folder, name, status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	if (S_ISREG(status->st_mode))
		return 0;
	if (S_ISDIR(status->st_mode))
		return EISDIR;
	return S_ISLNK(status->st_mode) ? ELOOP : ENOTSUP;
}

/*
 * Rename without flags, for filesystems that have none (NFS, CIFS, many FUSE
 * ones).  A second hard link is as exclusive; where the system refuses one (a
 * file of another user, or no hard links at all) what remains is to look
 * first, and a writer who comes between look and rename is replaced.
 */
static bool
rename_without_flags(int from_folder, const char *from, int to_folder,
					 const char *to)
{
	struct stat status;

	if (linkat(from_folder, from, to_folder, to, 0) == 0)
		return unlinkat(from_folder, from, 0) == 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS &&
		errno != EMLINK)
		return false;
	if (fstatat(to_folder, to, &status, AT_SYMLINK_NOFOLLOW) == 0)
	{
		errno = EEXIST;
		return false;
	}
	return errno == ENOENT &&
		renameat(from_folder, from, to_folder, to) == 0;
}

/* Prefer the system's own conditional rename. */
bool
sfdw_file_rename_new(int from_folder, const char *from, int to_folder,
					 const char *to)
{
#ifdef RENAME_NOREPLACE
	if (renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
#endif
	return rename_without_flags(from_folder, from, to_folder, to);
}

/* The time of a file in PostgreSQL's epoch. */
TimestampTz
sfdw_file_time(const struct stat *status)
{
	return time_t_to_timestamptz((pg_time_t) status->st_mtim.tv_sec) +
		status->st_mtim.tv_nsec / 1000;
}
