/*-------------------------------------------------------------------------
 * file.h
 *		Storage in a folder: what the file_*.c files share
 *
 * A version is a file's identity: device, inode, size and modification time.
 * Who writes into a file in place, leaves its size, and sets its time back (or
 * is faster than the filesystem's clock ticks) is not noticed; who replaces
 * files by renaming always is.
 * Paths are walked one segment at a time from the location's own descriptor,
 * and no symbolic link below it is ever followed, so that no key can reach
 * anything outside and nothing that a listing does not show can be read.
 *
 * Descriptors are held by SfdwFd, which closes them with the memory context
 * that it was made in.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FILE_H
#define SFDW_FILE_H

#include "storage/storage.h"

#include <sys/stat.h>

/* What is read and written at once; large enough for the disk's read-ahead. */
#define SFDW_FILE_BUFFER_SIZE (1024 * 1024)

/* Long enough for four 64-bit numbers, nanoseconds and separators. */
#define SFDW_FILE_VERSION_SIZE 100

/* As COPY TO makes files; PostgreSQL's own umask would hide them. */
#define SFDW_FILE_MODE 0644
#define SFDW_FOLDER_MODE 0755

/* Folders below folders; beyond it a listing gives up. */
#define SFDW_MAX_FOLDER_DEPTH 64

/* Objects that one listing may have. */
#define SFDW_MAX_LISTED_OBJECTS 1000000

/* A descriptor that is closed with its memory context; -1 when closed. */
typedef struct SfdwFd
{
	int			fd;
	MemoryContextCallback cleanup;
} SfdwFd;

/* A folder as a storage. */
typedef struct SfdwFileStorage
{
	SfdwStorage base;
	SfdwFd	   *root;
} SfdwFileStorage;

/* A folder that was opened, and the name of a key's object in it. */
typedef struct SfdwFilePlace
{
	SfdwFd	   *folder;
	const char *name;			/* within the key */
} SfdwFilePlace;

/* file_fd.c */

/* A closed descriptor that belongs to the current memory context. */
extern SfdwFd *sfdw_fd_new(void);

/* openat, counted by PostgreSQL and close-on-exec; false with errno set. */
extern bool sfdw_fd_open(SfdwFd *fd, int folder, const char *name, int flags);

/* Close; may be called twice. */
extern void sfdw_fd_close(SfdwFd *fd);

/* file_path.c */

/*
 * Open the folder that holds key, and find the object's name in it; with make,
 * folders that are missing are made.  False with errno set: ENOENT or ENOTDIR
 * when there is no such folder, ELOOP for a symbolic link on the way.  Raises
 * an error for a key that no folder can hold.
 */
extern bool sfdw_file_place(SfdwFileStorage *storage, const char *key,
							bool make, SfdwFilePlace *place);

/*
 * Remove the folder that holds key when it is one for staging and empty.  A
 * folder that somebody writes to is not empty, or made again by the writer.
 */
extern void sfdw_file_prune(SfdwFileStorage *storage, const char *key);

/* Raise the error of errno: "could not ACTION "URL": ...". */
extern void sfdw_file_raise(SfdwStorage *storage, const char *key,
							const char *action) __attribute__((noreturn));

/* Raise SFDW_ERRCODE_SUPERSEDED for an object. */
extern void sfdw_file_superseded(const char *url) __attribute__((noreturn));

/* Write a file's identity into a buffer of SFDW_FILE_VERSION_SIZE bytes. */
extern void sfdw_file_version_id(const struct stat *status, char *buffer);

/* Whether a file has this identity. */
extern bool sfdw_file_is_version(const struct stat *status,
								 const char *version_id);

/*
 * The identity of name in folder, links not followed: 0, or errno.  ENOENT
 * when it is not there, EISDIR, ELOOP for a link, ENOTSUP for other files.
 */
extern int	sfdw_file_stat(int folder, const char *name, struct stat *status);

/* When a file was modified, in PostgreSQL's epoch. */
extern TimestampTz sfdw_file_time(const struct stat *status);

/* rename without replacing; false with errno set, EEXIST when it is taken. */
extern bool sfdw_file_rename_new(int from_folder, const char *from,
								 int to_folder, const char *to);

/* The implementations, one a file. */
extern List *sfdw_file_list(SfdwFileStorage *storage, const char *prefix);
extern SfdwSource *sfdw_file_source(SfdwFileStorage *storage, const char *key,
									const char *version_id);
extern SfdwSink *sfdw_file_sink(SfdwFileStorage *storage, const char *key);
extern SfdwPromoteOutcome sfdw_file_promote(SfdwStorage *storage,
											const char *staged_key,
											const char *staged_version,
											const char *final_key,
											const char *expected_version,
											char **new_version);
extern void sfdw_file_delete(SfdwStorage *storage, SfdwVersion **versions,
							 int count, SfdwDeleteResult *results);

/* file.c */

/*
 * Open a folder as a storage; location is file:///folder/.  Links on the way
 * to the folder are followed, then it is refused when it is inside the data
 * directory, the WAL or a tablespace, or, unless may_contain, contains one.
 */
extern SfdwStorage *sfdw_file_open(const char *location, bool may_contain);

/*
 * Refuse a location by the same rule without opening it: its folder, or the
 * last parts of it, may not exist yet.
 */
extern void sfdw_file_check_location(const char *location);

#endif							/* SFDW_FILE_H */
