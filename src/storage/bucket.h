/*-------------------------------------------------------------------------
 * bucket.h
 *		Objects below a prefix of an S3 bucket: storage of type s3://
 *
 * A version id is S3's.  In a bucket that keeps no versions every object has
 * the version "null", so its ETag is added: "null" and the ETag behind a ":".
 * There a deletion can meet an object that was replaced a moment ago, which a
 * bucket with versions excludes.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_BUCKET_H
#define SFDW_BUCKET_H

#include "aws/s3.h"
#include "storage/storage.h"

/*
 * What is read and written at a time.  S3 wants parts of 5 MiB at least, and
 * at most SFDW_BUCKET_MAX_PARTS of them in an object.
 */
#define SFDW_BUCKET_PART_SIZE (8 * 1024 * 1024)
#define SFDW_BUCKET_MAX_PARTS 10000

/* Ranges that are fetched, or parts that are sent, at the same time. */
#define SFDW_BUCKET_IN_FLIGHT 3

typedef struct SfdwBucketStorage
{
	SfdwStorage base;
	MemoryContext context;		/* in which it was opened */
	SfdwAwsServer *server;
} SfdwBucketStorage;

/* Open the location of a server for user, whose credentials sign. */
extern SfdwStorage *sfdw_bucket_open(const char *location, Oid server,
									 Oid user);

/* The whole key in the bucket. */
extern char *sfdw_bucket_key(SfdwBucketStorage *storage, const char *key);

/* The version id of S3's that an id of ours has; *etag is NULL without one. */
extern char *sfdw_bucket_version(const char *version_id, char **etag);

/* An id of ours. */
extern char *sfdw_bucket_version_id(const char *s3_version, const char *etag);

/* The functions of SfdwStorageOps that have files of their own. */
extern SfdwSource *sfdw_bucket_read(SfdwStorage *storage, const char *key,
									const char *version_id);
extern SfdwSink *sfdw_bucket_write(SfdwStorage *storage, const char *key);
extern SfdwPromoteOutcome sfdw_bucket_promote(SfdwStorage *storage,
											  const char *staged_key,
											  const char *staged_version,
											  const char *final_key,
											  const char *expected_version,
											  char **new_version);
extern void sfdw_bucket_delete(SfdwStorage *storage, SfdwVersion **versions,
							   int count, SfdwDeleteResult *results);
extern SfdwObjectLock sfdw_bucket_object_lock(SfdwStorage *storage,
											  char **why);
extern bool sfdw_bucket_version_lock(SfdwStorage *storage,
									 const SfdwVersion *version,
									 SfdwDeleteResult *result);
extern char *sfdw_bucket_delete_refusal(SfdwStorage *storage,
										const SfdwVersion *version);

/*
 * Look at versions whose deletion was denied, or failed: a hold or a retention
 * may be behind it, which the service's code does not say.
 */
extern void sfdw_bucket_explain(SfdwStorage *storage, SfdwVersion **versions,
								int count, SfdwDeleteResult *results);

/*
 * See to it that an upload which is neither completed nor forgotten when
 * context is reset gets aborted.
 */
typedef struct SfdwUploadGuard
{
	SfdwS3Writing *writing;		/* NULL when there is nothing to abort */
} SfdwUploadGuard;

extern SfdwUploadGuard *sfdw_bucket_guard(MemoryContext context);

/* Abort now, if there is something to abort. */
extern void sfdw_bucket_guard_abort(SfdwUploadGuard *guard);

#endif							/* SFDW_BUCKET_H */
