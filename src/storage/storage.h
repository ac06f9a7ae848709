/*-------------------------------------------------------------------------
 * storage.h
 *		Objects with versions below one location
 *
 * A storage is the place that a foreign server's option "location" names:
 * file:///folder/ or s3://bucket/prefix/ (and, in the test build,
 * memory://name/).  It knows objects, versions and bytes, and nothing of CSV,
 * Parquet, tables or runs.
 *
 * A key is a byte string, the object's name below the location ("Account.csv",
 * "_staging/run.parquet").  Empty keys, a leading "/", a NUL, and the path
 * segments "", "." and ".." are refused for file://; no key can reach anything
 * outside the location, symbolic links included.
 *
 * A version id is an opaque string; equal ids of one key mean equal bytes.
 * For file:// it is the file's identity: device, inode, size and modification
 * time in nanoseconds.  For s3:// every key but the empty one is a name like
 * others, and version ids are S3's.  A storage may have many versions of a key (S3), or one
 * current one (a folder).  Removing the current version of a key without
 * naming it does not exist here: everything is deleted by version.
 *
 * Names of objects that are not to be seen by readers of the location start
 * with "_" or "." in some path segment.  What is staged goes into a folder
 * named SFDW_STAGING_FOLDER beside its final name: where folders are real, one
 * that becomes empty by a promotion or a deletion is removed.
 *
 * A storage, which may hold a descriptor, lives as long as the memory context
 * that it was opened in, and must outlive its sources and sinks.
 *
 * Everything returned is palloc'd in the current memory context.  Everything
 * raises an error (ereport) that names the URL when it cannot do its work;
 * outcomes that a caller must tell apart are return values.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_STORAGE_H
#define SFDW_STORAGE_H

#include "core/options.h"
#include "core/stream.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* The folder of what waits to be promoted. */
#define SFDW_STAGING_FOLDER "_staging"

/* What a caller is going to do; rights are checked for it when opening. */
typedef enum SfdwStorageUse
{
	SFDW_STORAGE_READ,			/* role salesforce_fdw_read */
	SFDW_STORAGE_WRITE,			/* role salesforce_fdw_write */
	SFDW_STORAGE_PURGE			/* role salesforce_fdw_purge */
} SfdwStorageUse;

/*
 * One version of one object, or a delete marker.  A folder has one version of
 * a key; a second one, not the latest, is a file that a deletion which did not
 * end left aside: it can be deleted, not read.
 */
typedef struct SfdwVersion
{
	char	   *key;			/* below the location */
	char	   *version_id;
	int64		size;			/* bytes; 0 for a delete marker */
	TimestampTz last_modified;
	bool		is_latest;		/* what a reader without a version would get */
	bool		is_delete_marker;
} SfdwVersion;

typedef enum SfdwPromoteOutcome
{
	SFDW_PROMOTED,				/* the final name holds the staged bytes */
	SFDW_PROMOTE_CONDITION,		/* the final name held something else: nothing
								 * was changed */
	SFDW_PROMOTE_NO_SOURCE,		/* the staged version is gone: nothing was
								 * changed */
	SFDW_PROMOTE_UNKNOWN		/* it may or may not have happened: look */
} SfdwPromoteOutcome;

typedef enum SfdwDeleteOutcome
{
	SFDW_DELETED,				/* it is not there: also of one that S3 had no
								 * more, for it does not tell */
	SFDW_DELETE_GONE,			/* that version was not there any more */
	SFDW_DELETE_FAILED,			/* it was refused; message says why, here and
								 * in the next three */
	SFDW_DELETE_DENIED,			/* the credentials may not */
	SFDW_DELETE_HELD,			/* it is under legal hold */
	SFDW_DELETE_RETAINED,		/* its retention has not ended */
	SFDW_DELETE_UNKNOWN			/* may or may not be there: list again */
} SfdwDeleteOutcome;

/* What became of one version that was to be deleted. */
typedef struct SfdwDeleteResult
{
	SfdwDeleteOutcome outcome;
	char	   *message;		/* NULL unless it was refused */
} SfdwDeleteResult;

/* Whether a location's versions can be locked against deletion. */
typedef enum SfdwObjectLock
{
	SFDW_LOCK_NONE,
	SFDW_LOCK_ON,
	SFDW_LOCK_UNKNOWN
} SfdwObjectLock;

/*
 * Versions that are looked at one by one for their locks, at most: before a
 * run is published, and again of each batch that could not be deleted.
 */
#define SFDW_STORAGE_MAX_LOCK_LOOKS 100

/* Whether versions of objects outlive their replacement. */
typedef enum SfdwVersioning
{
	SFDW_VERSIONING_FOLDER,		/* one version a key, and that is known */
	SFDW_VERSIONING_OFF,		/* a bucket that keeps none */
	SFDW_VERSIONING_ENABLED,
	SFDW_VERSIONING_SUSPENDED
} SfdwVersioning;

/* An upload that was neither completed nor aborted; it holds data, too. */
typedef struct SfdwUpload
{
	char	   *key;			/* below the location */
	char	   *upload_id;
	TimestampTz started;
} SfdwUpload;

/* Where a paged listing goes on; zeroed before the first page. */
typedef struct SfdwListCursor
{
	bool		started;
	bool		done;
	char	   *key_marker;
	char	   *version_marker;
	char	   *seen_version;	/* by which a circle is noticed */
	uint32		turns;
} SfdwListCursor;

typedef struct SfdwStorage SfdwStorage;

typedef struct SfdwStorageOps
{
	const char *scheme;			/* "file", "s3", "memory" */

	/*
	 * One page of all versions and delete markers of the keys that start with
	 * prefix, ordered by key, newest first within a key.
	 */
	List	   *(*list_page) (SfdwStorage *storage, const char *prefix,
							  SfdwListCursor *cursor);

	/* The current version of a key, or NULL when there is none. */
	SfdwVersion *(*find) (SfdwStorage *storage, const char *key);

	SfdwSource *(*open) (SfdwStorage *storage, const char *key,
						 const char *version_id);
	SfdwSink   *(*create) (SfdwStorage *storage, const char *key);
	SfdwPromoteOutcome (*promote) (SfdwStorage *storage,
								   const char *staged_key,
								   const char *staged_version,
								   const char *final_key,
								   const char *expected_version,
								   char **new_version);
	void		(*delete_versions) (SfdwStorage *storage, SfdwVersion **versions,
									int count, SfdwDeleteResult *results);

	/* Of buckets; folders have NULL. */
	SfdwVersioning (*versioning) (SfdwStorage *storage, bool *needs_mfa);
	SfdwObjectLock (*object_lock) (SfdwStorage *storage, char **why);
	bool		(*version_lock) (SfdwStorage *storage,
								 const SfdwVersion *version,
								 SfdwDeleteResult *result);
	char	   *(*delete_refusal) (SfdwStorage *storage,
								   const SfdwVersion *version);
	int64		part_size;		/* objects below it are written in one request */
	List	   *(*uploads) (SfdwStorage *storage, const char *prefix,
							bool *is_denied);
	void		(*abort_upload) (SfdwStorage *storage, SfdwUpload *upload);
} SfdwStorageOps;

/* Implementations put this first in their own struct. */
struct SfdwStorage
{
	const SfdwStorageOps *ops;
	const char *location;		/* the server's option, ends in "/" */
	Oid			server;			/* foreign server, or InvalidOid */
};

/*
 * Open the location of a foreign server on behalf of user (the acting role,
 * checkAsUser for a view).  Checks USAGE on the server and membership in the
 * role that belongs to use; for file:// also that the server's owner may read
 * (write, for WRITE and PURGE) server files, and that the location is not
 * inside the data directory or a tablespace.
 */
extern SfdwStorage *sfdw_storage_open(Oid server, Oid user, SfdwStorageUse use);

/*
 * Open the storage that an URL of a user's COPY belongs to, and set *key to
 * the rest of it.  That is the server whose location is the URL's longest
 * prefix and on which user has USAGE.  An s3:// URL outside every such server
 * is refused; a file:// URL or an absolute path outside every server is
 * allowed to members of pg_write_server_files (pg_read_server_files for
 * READ), with server = InvalidOid and the file's folder as the location; a
 * relative path and anything inside the data directory are refused.
 */
extern SfdwStorage *sfdw_storage_for_url(const char *url, Oid user,
										 SfdwStorageUse use, char **key);

/*
 * Open a folder that an option of a server names beside its location, by the
 * same rules: the server's owner must be allowed to do this to server files.
 * Other servers' locations play no part, wherever they lie.
 */
extern SfdwStorage *sfdw_storage_open_beside(const char *location, Oid owner,
											 SfdwStorageUse use);

/* The location option of a server, without checks; for messages and matching. */
extern const char *sfdw_storage_location(Oid server);

/* location + key, for messages. */
extern char *sfdw_storage_url(SfdwStorage *storage, const char *key);

/*
 * Whether a version can be there that is not the current one: everywhere but in
 * a folder, also in a bucket whose versioning is off.  Asks nobody.
 */
extern bool sfdw_storage_keeps_versions(const SfdwStorage *storage);

/*
 * All versions and delete markers of the keys that start with prefix ("" for
 * all), ordered by key, newest first within a key: a list of SfdwVersion.
 */
extern List *sfdw_storage_list(SfdwStorage *storage, const char *prefix);

/* The current version of a key; NULL when there is none, or a delete marker. */
extern SfdwVersion *sfdw_storage_find(SfdwStorage *storage, const char *key);

/*
 * Open one version for reading; SFDW_ERRCODE_SUPERSEDED when the key no longer
 * has it (or it changes while it is read).
 */
extern SfdwSource *sfdw_storage_open_version(SfdwStorage *storage,
											 const char *key,
											 const char *version_id);

/*
 * Start to write an object.  It appears at finish, whole; an object of that
 * key that existed before stays readable until then and is replaced by it.
 * Folders are made as needed.
 */
extern SfdwSink *sfdw_storage_create(SfdwStorage *storage, const char *key);

/*
 * Give a staged object its final name, durably and in one step, on condition
 * that the final name still holds expected_version (NULL: nothing).  On
 * SFDW_PROMOTED, *new_version is the version id that the final key now has.
 * The staged object may be gone afterwards (a folder renames) or not (S3
 * copies), and after a crash the staged key may hold the version that was
 * replaced (a folder exchanges the two): so list the staged key, and delete by
 * version what is there.
 */
extern SfdwPromoteOutcome sfdw_storage_promote(SfdwStorage *storage,
											   const char *staged_key,
											   const char *staged_version,
											   const char *final_key,
											   const char *expected_version,
											   char **new_version);

/*
 * Delete exactly these versions, in batches; results[i] tells what became of
 * versions[i].  Never touches a version that is not named, whatever has
 * happened to the key since it was listed.
 */
extern void sfdw_storage_delete(SfdwStorage *storage, SfdwVersion **versions,
								int count, SfdwDeleteResult *results);

/*
 * What a purge has to know of a location; the service is asked each time.
 * *needs_mfa is set where nothing is deleted without a device's code; *why
 * says why it is not known whether there is a lock.
 */
extern SfdwVersioning sfdw_storage_versioning(SfdwStorage *storage,
											  bool *needs_mfa);
extern SfdwObjectLock sfdw_storage_object_lock(SfdwStorage *storage,
											   char **why);

/*
 * Whether a lock keeps a version from being deleted; *result is
 * SFDW_DELETE_HELD or SFDW_DELETE_RETAINED then, as a deletion's would be.
 */
extern bool sfdw_storage_version_lock(SfdwStorage *storage,
									  const SfdwVersion *version,
									  SfdwDeleteResult *result);

/*
 * Why the service does not let one delete versions of the location, or NULL as
 * far as it can tell; version is one that there is.  Deletes nothing.
 */
extern char *sfdw_storage_delete_refusal(SfdwStorage *storage,
										 const SfdwVersion *version);

/*
 * A list of SfdwUpload: the unfinished uploads of keys that start with prefix.
 * Where one may not ask, *is_denied is set, or, when is_denied is NULL, an
 * error raised.
 */
extern List *sfdw_storage_uploads(SfdwStorage *storage, const char *prefix,
								  bool *is_denied);

/*
 * Whether an object of this size is written without an upload that could be
 * left unfinished.
 */
extern bool sfdw_storage_is_written_at_once(SfdwStorage *storage, int64 size);

/* Abort one of them: what a writer that was killed has left. */
extern void sfdw_storage_abort_upload(SfdwStorage *storage,
									  SfdwUpload *upload);

/*
 * This room's options of foreign servers, for the validator; ends with a NULL
 * name.  The check of "location" also raises, where it is file://, unless the
 * current user may read server files, and when it meets the server's own files.
 */
extern const SfdwOption sfdw_storage_options[];

/*
 * Options of foreign servers and user mappings that say how the services
 * behind storages and catalogs are reached; ends with a NULL name.
 */
extern const SfdwOption *const sfdw_storage_service_options;

/*
 * An absolute path without links, as far as it exists; what does not exist yet
 * is kept as it is written.
 */
extern char *sfdw_storage_real_path(const char *path);

/*
 * An URL, or an absolute path, in the form in which two that mean the same are
 * equal: a local one has no links in it.
 */
extern char *sfdw_storage_comparable(const char *url);

/*
 * Whether url (or an absolute path) is folder, or something below it, by real
 * paths where it is local; what does not exist yet counts as it is written.
 */
extern bool sfdw_storage_contains(const char *folder, const char *url);

/* Whether two folders are equal or one contains the other, compared alike. */
extern bool sfdw_storage_overlaps(const char *location, const char *other);

#endif							/* SFDW_STORAGE_H */
