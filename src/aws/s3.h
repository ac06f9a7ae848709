/*-------------------------------------------------------------------------
 * s3.h
 *		The operations of S3 that the storage needs, one function each
 *
 * Keys are whole (the location's prefix included), C strings of bytes without
 * NUL.  Everything returned is palloc'd in the current memory context.  What
 * fails raises, but for the outcomes that a function names.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_S3_H
#define SFDW_S3_H

#include "aws/request.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* The version of objects in a bucket that keeps none. */
#define SFDW_S3_NULL_VERSION "null"

/* One version or delete marker of a listing. */
typedef struct SfdwS3Version
{
	char	   *key;
	char	   *version_id;		/* "null" where the bucket has no versions */
	char	   *etag;			/* with its quotes; "" for a marker */
	int64		size;
	TimestampTz last_modified;
	bool		is_latest;
	bool		is_delete_marker;
} SfdwS3Version;

typedef struct SfdwS3Upload
{
	char	   *key;
	char	   *upload_id;
	TimestampTz initiated;
} SfdwS3Upload;

/* Where a listing goes on; zeroed before the first page. */
typedef struct SfdwS3Page
{
	char	   *key_marker;		/* NULL at the start */
	char	   *id_marker;
	bool		done;
	char	   *seen_id;		/* an earlier id_marker of the same key */
	uint32		turns;			/* pages since the key began */
} SfdwS3Page;

typedef enum SfdwS3Versioning
{
	SFDW_S3_UNVERSIONED,
	SFDW_S3_ENABLED,
	SFDW_S3_SUSPENDED
} SfdwS3Versioning;

typedef enum SfdwS3Lock
{
	SFDW_S3_UNLOCKED,
	SFDW_S3_LOCKED,
	SFDW_S3_LOCK_UNKNOWN		/* one may not ask, or got no answer */
} SfdwS3Lock;

/* What became of a conditional write. */
typedef enum SfdwS3Write
{
	SFDW_S3_WRITTEN,
	SFDW_S3_CONDITION,			/* 412, 409: the condition did not hold */
	SFDW_S3_NO_SOURCE,			/* the copy's source, or the upload, is gone */
	SFDW_S3_UNKNOWN				/* it may have happened: look */
} SfdwS3Write;

/*
 * What HEAD says of an object.  A token is what its writer gave: a write whose
 * answer was lost is recognised by it.
 */
typedef struct SfdwS3Object
{
	char	   *token;			/* "" where the writer gave none */
	char	   *version_id;		/* "null" where the bucket has no versions */
	char	   *etag;
	int64		size;
	TimestampTz last_modified;
} SfdwS3Object;

/* A part of an upload, in the order of numbers from 1. */
typedef struct SfdwS3Part
{
	char	   *etag;
	char	   *checksum;		/* crc32c in base64, or NULL */
} SfdwS3Part;

/*
 * Lists of SfdwS3Version, SfdwS3Upload.  Where one may not ask for uploads,
 * *is_denied is set, or, when is_denied is NULL, an error raised.
 */
extern List *sfdw_s3_list_versions(const SfdwAwsServer *server,
								   const char *prefix, SfdwS3Page *page);
extern List *sfdw_s3_list_uploads(const SfdwAwsServer *server,
								  const char *prefix, SfdwS3Page *page,
								  bool *is_denied);

/* NULL where there is none (404, or a delete marker). */
extern SfdwS3Object *sfdw_s3_head(const SfdwAwsServer *server, const char *key,
								  const char *version_id);

/* *needs_mfa is set where versions are deleted with a device's code only. */
extern SfdwS3Versioning sfdw_s3_versioning(const SfdwAwsServer *server,
										   bool *needs_mfa);

/* Whether the bucket has Object Lock; *why is set where that is not known. */
extern SfdwS3Lock sfdw_s3_object_lock(const SfdwAwsServer *server, char **why);

/*
 * What keeps one version from being deleted, as far as one may know: the texts
 * are NULL without a retention.  False where HEAD was not answered.
 */
typedef struct SfdwS3VersionLock
{
	bool		is_held;		/* a legal hold */
	char	   *mode;			/* "GOVERNANCE", "COMPLIANCE" */
	char	   *until;			/* as the service writes times */
} SfdwS3VersionLock;

extern bool sfdw_s3_version_lock(const SfdwAwsServer *server, const char *key,
								 const char *version_id,
								 SfdwS3VersionLock *lock);

/*
 * Start to read bytes [offset, offset + length) of a version; the condition is
 * its ETag.  Finish with sfdw_s3_get_finish, which checks status, range, ETag
 * and length, and raises SFDW_ERRCODE_SUPERSEDED when the version is gone or
 * another.
 */
extern SfdwRequest *sfdw_s3_get_start(const SfdwAwsServer *server,
									  const char *key, const char *version_id,
									  const char *etag, uint64 offset,
									  size_t length);

/*
 * Its end.  What is not known yet of size and ETag (0, NULL) is filled in, what
 * is known is compared.
 */
typedef struct SfdwS3Range
{
	uint64		offset;
	size_t		length;			/* of this range, as asked; then as given */
	uint64		size;			/* of the whole object */
	char	   *etag;
	const char *data;			/* lives as long as the request */
} SfdwS3Range;

extern void sfdw_s3_get_finish(SfdwRequest *request, SfdwS3Range *range);

/* On which condition an object is written. */
typedef struct SfdwS3Condition
{
	const char *if_match;		/* the key has this ETag; NULL */
	bool		is_new;			/* the key has no object */
} SfdwS3Condition;

/* A token that no other write has. */
extern char *sfdw_s3_token(void);

/*
 * Write a whole object; condition may be NULL.  *version_id is what it became.
 * A lost answer is resolved by the token here.
 */
extern SfdwS3Write sfdw_s3_put(const SfdwAwsServer *server, const char *key,
							   const char *data, size_t length,
							   const SfdwS3Condition *condition,
							   char **version_id);

/*
 * A multipart upload.  It is the caller's to complete or abort it, also after
 * an error.
 */
typedef struct SfdwS3Writing
{
	const SfdwAwsServer *server;
	const char *key;
	char	   *upload_id;
	char	   *token;
} SfdwS3Writing;

/*
 * With checksums, each part has a CRC32C of ours; copied parts have none.
 * *made is set as soon as there is an upload to abort, whatever is raised then.
 */
extern void sfdw_s3_upload_create(const SfdwAwsServer *server, const char *key,
								  bool has_checksums, SfdwS3Writing **made);
extern SfdwRequest *sfdw_s3_upload_part_start(const SfdwS3Writing *writing,
											  int number, const char *data,
											  size_t length);
extern SfdwS3Part *sfdw_s3_upload_part_finish(SfdwRequest *request);

/* The version that is copied, and which of its bytes. */
typedef struct SfdwS3Copy
{
	const char *key;
	const char *version_id;		/* "null" where the bucket has no versions */
	const char *etag;
	uint64		offset;
	uint64		length;			/* 0: the whole object, up to 5 GiB */
} SfdwS3Copy;

/* Copy it into a part; NULL when the source is gone or another. */
extern SfdwS3Part *sfdw_s3_upload_part_copy(const SfdwS3Writing *writing,
											int number, const SfdwS3Copy *copy);

/* Complete it from the parts, a list of SfdwS3Part; condition may be NULL. */
extern SfdwS3Write sfdw_s3_upload_complete(const SfdwS3Writing *writing,
										   List *parts,
										   const SfdwS3Condition *condition,
										   char **version_id);

/*
 * Abort it with the keys at hand, and again while parts that were on their way
 * arrive, within SFDW_S3_ABORT_MS, or, when a cancel or a termination is
 * waiting for it, SFDW_S3_HASTY_ABORT_MS.  It may be called while a transaction
 * aborts: it looks nothing up and does not raise; what could not be aborted is
 * a LOG line, and stands in unfinished_uploads().
 */
#define SFDW_S3_ABORT_MS 2000
#define SFDW_S3_HASTY_ABORT_MS 150
extern void sfdw_s3_upload_abort(const SfdwS3Writing *writing);

/* Abort an upload that a listing names; one that is gone is none. */
extern void sfdw_s3_abort_listed(const SfdwAwsServer *server,
								 const SfdwS3Upload *upload);

/* What became of one version that was to be deleted. */
typedef struct SfdwS3Deletion
{
	const char *key;			/* in: the version; a "null" one is deleted only
								 * while it has this ETag */
	const char *version_id;
	const char *etag;
	bool		is_answered;	/* out: the answer named it */
	bool		is_deleted;
	char	   *code;			/* AWS's, where not */
} SfdwS3Deletion;

/* At once, as S3 limits it. */
#define SFDW_S3_MAX_DELETIONS SFDW_ANSWER_MAX_ITEMS

/*
 * Delete up to SFDW_S3_MAX_DELETIONS versions.  What an answer did not name,
 * or when the answer was lost, may or may not be there.
 */
extern void sfdw_s3_delete(const SfdwAwsServer *server,
						   SfdwS3Deletion *deletions, int count);

/*
 * Whether one may delete versions of keys that start with prefix: NULL, or AWS's
 * code of a refusal.  Asked by deleting version_id, one that there is of another
 * key, from a key that nobody can have written: services answer that it is
 * gone, which it was before.  Any answer but a refusal tells nothing.
 */
extern char *sfdw_s3_delete_refusal(const SfdwAwsServer *server,
									const char *prefix, const char *version_id);

#endif							/* SFDW_S3_H */
