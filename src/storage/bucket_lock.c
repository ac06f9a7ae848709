/*-------------------------------------------------------------------------
 * bucket_lock.c
 *		What keeps versions of a bucket from being deleted
 *
 * S3 answers AccessDenied alike to who lacks the right and for what is locked,
 * and other services have other codes; the version itself tells.
 *-------------------------------------------------------------------------
 */
#include "storage/bucket.h"

#include "miscadmin.h"

/* Whether the bucket's versions can be locked. */
SfdwObjectLock
sfdw_bucket_object_lock(SfdwStorage *base, char **why)
{
	static const SfdwObjectLock words[] = {
		[SFDW_S3_UNLOCKED] = SFDW_LOCK_NONE,
		[SFDW_S3_LOCKED] = SFDW_LOCK_ON,
		[SFDW_S3_LOCK_UNKNOWN] = SFDW_LOCK_UNKNOWN,
	};

	return words[sfdw_s3_object_lock(((SfdwBucketStorage *) base)->server, why)];
}

/* Whether a version is locked; no lock protects a delete marker. */
bool
sfdw_bucket_version_lock(SfdwStorage *base, const SfdwVersion *version,
						 SfdwDeleteResult *result)
{
	SfdwBucketStorage *storage = (SfdwBucketStorage *) base;
	SfdwS3VersionLock lock;
	char	   *etag;

	if (version->is_delete_marker ||
		!sfdw_s3_version_lock(storage->server,
							  sfdw_bucket_key(storage, version->key),
							  sfdw_bucket_version(version->version_id, &etag),
							  &lock))
		return false;
	if (lock.is_held)
	{
		result->outcome = SFDW_DELETE_HELD;
		result->message = "it is under legal hold";
	}
	else if (lock.mode != NULL)
	{
		result->outcome = SFDW_DELETE_RETAINED;
		result->message = psprintf("it is retained (%s) until %s", lock.mode,
								   lock.until);
	}
	return lock.is_held || lock.mode != NULL;
}

/* Why nothing can be deleted. */
char *
sfdw_bucket_delete_refusal(SfdwStorage *base, const SfdwVersion *version)
{
	SfdwBucketStorage *storage = (SfdwBucketStorage *) base;
	char	   *etag;
	char	   *code = sfdw_s3_delete_refusal(storage->server,
											  storage->server->prefix,
											  sfdw_bucket_version(version->version_id,
																  &etag));

	return code == NULL ? NULL :
		psprintf("the service answered \"%s\"", code);
}

/*
 * So many versions are locked that not each is looked at: where the right to
 * delete is not what lacks, the rest is locked like the last of them.
 */
static void
explain_rest(SfdwStorage *base, SfdwVersion **versions, int count,
			 SfdwDeleteResult *results, const SfdwDeleteResult *last)
{
	if (last == NULL || sfdw_bucket_delete_refusal(base, versions[0]) != NULL)
		return;
	for (int i = 0; i < count; i++)
	{
		if (results[i].outcome != SFDW_DELETE_DENIED &&
			results[i].outcome != SFDW_DELETE_FAILED)
			continue;
		results[i].outcome = last->outcome;
		results[i].message = "it is locked like those that were looked at";
	}
}

/* Explain what was denied; the bucket is asked only when something was. */
void
sfdw_bucket_explain(SfdwStorage *base, SfdwVersion **versions, int count,
					SfdwDeleteResult *results)
{
	const SfdwDeleteResult *last = NULL;
	int			looks = -1;

	for (int i = 0; i < count; i++)
	{
		char	   *why;

		CHECK_FOR_INTERRUPTS();
		if (results[i].outcome != SFDW_DELETE_DENIED &&
			results[i].outcome != SFDW_DELETE_FAILED)
			continue;
		if (looks < 0)
			looks = sfdw_bucket_object_lock(base, &why) == SFDW_LOCK_NONE ?
				0 : SFDW_STORAGE_MAX_LOCK_LOOKS;
		if (looks == 0)
		{
			explain_rest(base, versions + i, count - i, results + i, last);
			return;
		}
		looks--;
		if (sfdw_bucket_version_lock(base, versions[i], &results[i]))
			last = &results[i];
	}
}
