/*-------------------------------------------------------------------------
 * file_delete.c
 *		Delete versions of files, and nothing else
 *
 * Between looking at a name and unlinking it another file can take the name,
 * and POSIX has no unlink on a condition.  So the name is first moved into a
 * private folder beside it, where nobody else writes; there its identity is
 * compared; then it is unlinked, or a stranger is put back without replacing
 * what may have taken the name meanwhile.
 *
 * A crash in between leaves the file in the private folder.  A listing shows
 * it as a version that is not current; the next deletion of that key deletes
 * it when it is named, and puts it back when it is not.
 *-------------------------------------------------------------------------
 */
#include "storage/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/fault.h"
#include "miscadmin.h"
#include "storage/location.h"
#include "utils/memutils.h"

/*
 * Private folders beside one another.  More than one is needed only when
 * earlier deletions of the same name left a file each.
 */
#define MAX_PURGE_FOLDERS 100

/* Room for the prefix and a number. */
#define PURGE_FOLDER_SIZE 64

/* One call, with the place of the version that is being deleted. */
typedef struct Deletion
{
	SfdwStorage *storage;
	SfdwVersion **versions;
	int			count;
	SfdwFilePlace place;
	SfdwFd	   *aside;			/* the private folder in use */
	char		aside_name[PURGE_FOLDER_SIZE];
} Deletion;

/* Report that a version is still there, because of errno. */
static SfdwDeleteResult
failed(const char *action)
{
	SfdwDeleteResult result = {SFDW_DELETE_FAILED};

	result.message = psprintf("could not %s: %s", action, strerror(errno));
	return result;
}

/* A result without a message. */
static SfdwDeleteResult
outcome(SfdwDeleteOutcome value)
{
	SfdwDeleteResult result = {value};

	return result;
}

/* Open private folder number; false with errno set. */
static bool
open_aside(Deletion *deletion, int number, bool make)
{
	int			folder = deletion->place.folder->fd;

	snprintf(deletion->aside_name, sizeof(deletion->aside_name), "%s%d",
			 SFDW_PURGE_FOLDER_PREFIX, number);
	if (make && mkdirat(folder, deletion->aside_name, S_IRWXU) != 0 &&
		errno != EEXIST)
		return false;
	return sfdw_fd_open(deletion->aside, folder, deletion->aside_name,
						O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/* Leave the private folder; it goes when it is empty. */
static void
close_aside(Deletion *deletion)
{
	sfdw_fd_close(deletion->aside);
	(void) unlinkat(deletion->place.folder->fd, deletion->aside_name,
					AT_REMOVEDIR);
}

/* Whether a file is one of the versions of key that are to be deleted. */
static bool
is_named(const Deletion *deletion, const char *key, const struct stat *status)
{
	for (int i = 0; i < deletion->count; i++)
	{
		if (strcmp(deletion->versions[i]->key, key) == 0 &&
			sfdw_file_is_version(status, deletion->versions[i]->version_id))
			return true;
	}
	return false;
}

/* Unlink what stands in the private folder, durably. */
static SfdwDeleteResult
unlink_aside(Deletion *deletion)
{
	if (unlinkat(deletion->aside->fd, deletion->place.name, 0) != 0)
		return failed("delete the file");
	if (fsync(deletion->aside->fd) != 0)
		return outcome(SFDW_DELETE_UNKNOWN);
	return outcome(SFDW_DELETED);
}

/*
 * Put a file back that was never to be deleted.  When its name was taken
 * meanwhile, by a writer who would have replaced it, it stays aside and a
 * listing shows it.
 */
static bool
put_back(Deletion *deletion)
{
	return sfdw_file_rename_new(deletion->aside->fd, deletion->place.name,
								deletion->place.folder->fd,
								deletion->place.name) ||
		errno == EEXIST;
}

/*
 * Look for the version among files that earlier deletions left aside.  Those
 * that are not named by this call are put back on the way.  True when result
 * is the answer.
 */
static bool
delete_left_over(Deletion *deletion, const SfdwVersion *version,
				 SfdwDeleteResult *result)
{
	bool		is_found = false;

	for (int i = 1; i <= MAX_PURGE_FOLDERS && !is_found; i++)
	{
		struct stat status;

		if (!open_aside(deletion, i, false))
			continue;
		if (sfdw_file_stat(deletion->aside->fd, deletion->place.name,
						   &status) == 0)
		{
			is_found = sfdw_file_is_version(&status, version->version_id);
			if (is_found)
				*result = unlink_aside(deletion);
			else if (!is_named(deletion, version->key, &status))
				(void) put_back(deletion);
		}
		close_aside(deletion);
	}
	return is_found;
}

/* Move the name into a private folder that has it free; false with errno. */
static bool
move_aside(Deletion *deletion)
{
	for (int i = 1; i <= MAX_PURGE_FOLDERS; i++)
	{
		if (!open_aside(deletion, i, true))
			return false;
		if (sfdw_file_rename_new(deletion->place.folder->fd,
								 deletion->place.name, deletion->aside->fd,
								 deletion->place.name))
			return true;
		if (errno != EEXIST)
		{
			int			save_errno = errno;

			close_aside(deletion);
			errno = save_errno;
			return false;
		}
		sfdw_fd_close(deletion->aside);
	}
	errno = EEXIST;
	return false;
}

/* Delete the file that has the name, if it is the version. */
static SfdwDeleteResult
delete_current(Deletion *deletion, const SfdwVersion *version)
{
	struct stat status;
	SfdwDeleteResult result;
	int			error = sfdw_file_stat(deletion->place.folder->fd,
									   deletion->place.name, &status);

	if (error != 0 || !sfdw_file_is_version(&status, version->version_id))
		return outcome(SFDW_DELETE_GONE);
	SFDW_FAULT("storage.delete", "seen");
	if (!move_aside(deletion))
		return errno == ENOENT ?
			outcome(SFDW_DELETE_GONE) : failed("move the file aside");
	SFDW_FAULT("storage.delete", "moved");
	error = sfdw_file_stat(deletion->aside->fd, deletion->place.name, &status);
	if (error == 0 && sfdw_file_is_version(&status, version->version_id))
		result = unlink_aside(deletion);
	else
		result = put_back(deletion) ?
			outcome(SFDW_DELETE_GONE) : outcome(SFDW_DELETE_UNKNOWN);
	close_aside(deletion);
	return result;
}

/*
 * Delete the version wherever it is.  It has both names after a crash of a
 * deletion on a filesystem where moving aside is linking and unlinking.
 */
static SfdwDeleteResult
delete_both(Deletion *deletion, const SfdwVersion *version)
{
	SfdwDeleteResult aside;
	SfdwDeleteResult current;

	if (!delete_left_over(deletion, version, &aside))
		return delete_current(deletion, version);
	if (aside.outcome != SFDW_DELETED)
		return aside;
	current = delete_current(deletion, version);
	return current.outcome == SFDW_DELETE_GONE ? aside : current;
}

/* Delete one version, durably. */
static SfdwDeleteResult
delete_version(Deletion *deletion, const SfdwVersion *version)
{
	SfdwDeleteResult result;

	if (!sfdw_file_place((SfdwFileStorage *) deletion->storage, version->key,
						 false, &deletion->place))
		return errno == ENOENT || errno == ENOTDIR ?
			outcome(SFDW_DELETE_GONE) : failed("open the folder");
	deletion->aside = sfdw_fd_new();
	result = delete_both(deletion, version);
	if (result.outcome == SFDW_DELETED &&
		fsync(deletion->place.folder->fd) != 0)
		result = outcome(SFDW_DELETE_UNKNOWN);
	sfdw_fd_close(deletion->place.folder);
	sfdw_file_prune((SfdwFileStorage *) deletion->storage, version->key);
	return result;
}

/* Delete one after the other, descriptors and memory freed each time. */
void
sfdw_file_delete(SfdwStorage *storage, SfdwVersion **versions, int count,
				 SfdwDeleteResult *results)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw delete",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = CurrentMemoryContext;

	for (int i = 0; i < count; i++)
	{
		Deletion	deletion = {storage, versions, count};

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(context);
		SFDW_FAULT("storage.delete", "before");
		results[i] = delete_version(&deletion, versions[i]);
		SFDW_FAULT("storage.delete", "after");
		MemoryContextSwitchTo(old);
		if (results[i].message != NULL)
			results[i].message = pstrdup(results[i].message);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
}
