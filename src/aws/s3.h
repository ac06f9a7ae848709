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
} SfdwS3Page;

typedef enum SfdwS3Versioning
{
	SFDW_S3_UNVERSIONED,
	SFDW_S3_ENABLED,
	SFDW_S3_SUSPENDED
} SfdwS3Versioning;

/* What became of a conditional write. */
typedef enum SfdwS3Write
{
	SFDW_S3_WRITTEN,
	SFDW_S3_CONDITION,			/* 412, 409: the condition did not hold */
	SFDW_S3_NO_SOURCE,			/* the copy's source, or the upload, is gone */
	SFDW_S3_UNKNOWN				/* it may have happened: look */
} SfdwS3Write;

/* What HEAD says of an object. */
typedef struct SfdwS3Object
{
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

/* Lists of SfdwS3Version, SfdwS3Upload. */
extern List *sfdw_s3_list_versions(const SfdwAwsServer *server,
								   const char *prefix, SfdwS3Page *page);
extern List *sfdw_s3_list_uploads(const SfdwAwsServer *server,
								  const char *prefix, SfdwS3Page *page);

/* NULL where there is none (404, or a delete marker). */
extern SfdwS3Object *sfdw_s3_head(const SfdwAwsServer *server, const char *key,
								  const char *version_id);

extern SfdwS3Versioning sfdw_s3_versioning(const SfdwAwsServer *server);

/* Whether the bucket has Object Lock; false too where one may not ask. */
extern bool sfdw_s3_has_object_lock(const SfdwAwsServer *server);

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
extern const SfdwRequestResult *sfdw_s3_get_finish(SfdwRequest *request,
												   uint64 offset, size_t length,
												   uint64 size,
												   const char *etag);

/*
 * Write a whole object.  With only_new, on condition that there is none.
 * *version_id is what it became.
 */
extern SfdwS3Write sfdw_s3_put(const SfdwAwsServer *server, const char *key,
							   const char *data, size_t length, bool only_new,
							   char **version_id);

/* A multipart upload. */
extern char *sfdw_s3_upload_create(const SfdwAwsServer *server, const char *key);
extern SfdwRequest *sfdw_s3_upload_part_start(const SfdwAwsServer *server,
											  const char *key,
											  const char *upload_id, int number,
											  const char *data, size_t length);
extern SfdwS3Part *sfdw_s3_upload_part_finish(SfdwRequest *request);

/* Copy bytes of a version into a part; NULL when the source is gone. */
extern SfdwS3Part *sfdw_s3_upload_part_copy(const SfdwAwsServer *server,
											const char *key,
											const char *upload_id, int number,
											const char *source_key,
											const char *source_version,
											const char *source_etag,
											uint64 offset, uint64 length);

/*
 * Complete it: with if_match, on condition of the ETag that the key has; with
 * only_new, that it has none.
 */
extern SfdwS3Write sfdw_s3_upload_complete(const SfdwAwsServer *server,
										   const char *key,
										   const char *upload_id,
										   SfdwS3Part **parts, int count,
										   const char *if_match, bool only_new,
										   char **version_id);

/* Abort it; never raises, what could not be aborted is a LOG line. */
extern void sfdw_s3_upload_abort(const SfdwAwsServer *server, const char *key,
								 const char *upload_id);

/* What became of each of up to SFDW_ANSWER_MAX_ITEMS versions. */
typedef struct SfdwS3Deletion
{
	bool		is_answered;	/* the answer named it */
	bool		is_deleted;
	char	   *code;			/* AWS's, where not */
	char	   *message;
} SfdwS3Deletion;

/*
 * Delete these versions; false when the answer was lost: list again.
 */
extern bool sfdw_s3_delete(const SfdwAwsServer *server,
						   SfdwS3Version **versions, int count,
						   SfdwS3Deletion *results);

#endif							/* SFDW_S3_H */
