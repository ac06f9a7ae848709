/*-------------------------------------------------------------------------
 * bucket_cache.h
 *		Small objects that this transaction has read
 *
 * One statement after another of a transaction reads the same pinned version:
 * the planner's sample, the query, its checks.  What came with one request is
 * kept for the next, up to the size of one range in all, until the transaction
 * ends.  A version of S3's never changes, so nothing can be stale; of buckets
 * without versions nothing is kept.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_BUCKET_CACHE_H
#define SFDW_BUCKET_CACHE_H

#include "storage/bucket.h"

/* One whole object; lives until the transaction ends. */
typedef struct SfdwCachedObject
{
	const char *data;
	size_t		length;
	char	   *etag;			/* NULL for an empty object */
} SfdwCachedObject;

/*
 * The version of a key in the bucket, if it is kept for this server and user;
 * else NULL.
 */
extern const SfdwCachedObject *sfdw_bucket_cache_find(const SfdwAwsServer *server,
													  const char *key,
													  const char *s3_version);

/* Keep a copy, if there is room. */
extern void sfdw_bucket_cache_add(const SfdwAwsServer *server, const char *key,
								  const char *s3_version,
								  const SfdwS3Range *whole);

#endif							/* SFDW_BUCKET_CACHE_H */
