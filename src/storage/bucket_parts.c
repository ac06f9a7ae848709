/*-------------------------------------------------------------------------
 * bucket_parts.c
 *		What the files of a bucket's storage share: keys, version ids, guards
 *-------------------------------------------------------------------------
 */
#include "storage/bucket.h"

/* What stands before the ETag in a version id of ours. */
#define NULL_VERSION_PREFIX SFDW_S3_NULL_VERSION ":"

/* The whole key in the bucket. */
char *
sfdw_bucket_key(SfdwBucketStorage *storage, const char *key)
{
	if (key[0] == '\0')
		ereport(ERROR,
				errcode(ERRCODE_INVALID_NAME),
				errmsg("invalid object name \"\" in location \"%s\"",
					   storage->base.location));
	return psprintf("%s%s", storage->server->prefix, key);
}

/* An id of ours. */
char *
sfdw_bucket_version_id(const char *s3_version, const char *etag)
{
	if (strcmp(s3_version, SFDW_S3_NULL_VERSION) != 0)
		return pstrdup(s3_version);
	return psprintf(NULL_VERSION_PREFIX "%s", etag);
}

/* S3's id. */
char *
sfdw_bucket_version(const char *version_id, char **etag)
{
	size_t		length = strlen(NULL_VERSION_PREFIX);

	*etag = NULL;
	if (strncmp(version_id, NULL_VERSION_PREFIX, length) != 0)
		return pstrdup(version_id);
	if (version_id[length] != '\0')
		*etag = pstrdup(version_id + length);
	return pstrdup(SFDW_S3_NULL_VERSION);
}

/* A context is reset: abort what is not complete. */
static void
abort_on_reset(void *argument)
{
	sfdw_bucket_guard_abort(argument);
}

/* Watch over an upload. */
SfdwUploadGuard *
sfdw_bucket_guard(MemoryContext context)
{
	SfdwUploadGuard *guard = MemoryContextAllocZero(context,
													sizeof(SfdwUploadGuard));
	MemoryContextCallback *callback =
		MemoryContextAllocZero(context, sizeof(MemoryContextCallback));

	callback->func = abort_on_reset;
	callback->arg = guard;
	MemoryContextRegisterResetCallback(context, callback);
	return guard;
}

/* Abort now. */
void
sfdw_bucket_guard_abort(SfdwUploadGuard *guard)
{
	SfdwS3Writing *writing = guard->writing;

	guard->writing = NULL;
	if (writing != NULL)
		sfdw_s3_upload_abort(writing);
}
