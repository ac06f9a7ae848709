/*-------------------------------------------------------------------------
 * bucket_change.c
 *		Promotion and deletion of objects in a bucket
 *
 * S3 has no rename.  A promotion is an upload whose parts are copied from the
 * staged version by the service, completed on the condition that the final key
 * still holds what was expected: a single PUT of a copy would ignore that
 * condition on some servers.
 *-------------------------------------------------------------------------
 */
#include "storage/bucket.h"

#include "core/fault.h"
#include "miscadmin.h"

/* The largest part that is copied at once: S3 would take 5 GiB, and minutes. */
#define MAX_COPY (INT64CONST(512) * 1024 * 1024)

/* What a promotion is about. */
typedef struct Promotion
{
	SfdwBucketStorage *storage;
	const char *final_key;		/* in the bucket */
	SfdwS3Copy	staged;			/* key, version, ETag */
	uint64		size;
	SfdwS3Condition condition;
	SfdwUploadGuard *guard;
} Promotion;

/* Find the staged version; false when it is gone. */
static bool
find_staged(Promotion *promotion, const char *key, const char *version_id)
{
	char	   *etag;
	SfdwS3Object *object;

	promotion->staged.key = sfdw_bucket_key(promotion->storage, key);
	promotion->staged.version_id = sfdw_bucket_version(version_id, &etag);
	object = sfdw_s3_head(promotion->storage->server, promotion->staged.key,
						  promotion->staged.version_id);
	if (object == NULL || (etag != NULL && strcmp(etag, object->etag) != 0))
		return false;
	promotion->staged.etag = object->etag;
	promotion->size = object->size;
	return true;
}

/* Turn what is expected of the final key into a condition; false when it fails. */
static bool
find_condition(Promotion *promotion, const char *expected_version)
{
	SfdwS3Object *object = sfdw_s3_head(promotion->storage->server,
										promotion->final_key, NULL);

	if (expected_version == NULL)
	{
		promotion->condition.is_new = true;
		return object == NULL;
	}
	if (object == NULL ||
		strcmp(sfdw_bucket_version_id(object->version_id, object->etag),
			   expected_version) != 0)
		return false;
	promotion->condition.if_match = object->etag;
	return true;
}

/* Copy the staged bytes into parts; NIL when the source is gone. */
static List *
copy_parts(Promotion *promotion)
{
	List	   *parts = NIL;
	SfdwS3Copy	copy = promotion->staged;

	do
	{
		SfdwS3Part *part;

		copy.length = promotion->size <= MAX_COPY ? 0 :
			Min(MAX_COPY, promotion->size - copy.offset);
		part = sfdw_s3_upload_part_copy(promotion->guard->writing,
										list_length(parts) + 1, &copy);
		if (part == NULL)
			return NIL;
		parts = lappend(parts, part);
		copy.offset += copy.length == 0 ? promotion->size : copy.length;
	} while (copy.offset < promotion->size);
	return parts;
}

/* Whether what the final key has is a delete marker. */
static bool
is_marked(Promotion *promotion)
{
	SfdwS3Page	page = {0};
	ListCell   *cell;

	foreach(cell, sfdw_s3_list_versions(promotion->storage->server,
										promotion->final_key, &page))
	{
		SfdwS3Version *version = lfirst(cell);

		if (version->is_latest && strcmp(version->key, promotion->final_key) == 0)
			return version->is_delete_marker;
	}
	return false;
}

/*
 * Complete the upload.  A delete marker counts as nothing to S3 and as
 * something to some other servers: where the condition that there be no object
 * fails because of a marker, it cannot be used.
 */
static SfdwS3Write
complete(Promotion *promotion, List *parts, char **version)
{
	SfdwS3Write outcome = sfdw_s3_upload_complete(promotion->guard->writing, parts,
												  &promotion->condition, version);

	if (outcome == SFDW_S3_CONDITION && promotion->condition.is_new &&
		is_marked(promotion))
		outcome = sfdw_s3_upload_complete(promotion->guard->writing, parts, NULL,
										  version);
	if (outcome == SFDW_S3_WRITTEN)
		promotion->guard->writing = NULL;
	return outcome;
}

/* Give a staged object its final name. */
static SfdwPromoteOutcome
promote(Promotion *promotion, char **new_version)
{
	char	   *version = NULL;
	List	   *parts;

	promotion->guard = sfdw_bucket_guard(CurrentMemoryContext);
	sfdw_s3_upload_create(promotion->storage->server, promotion->final_key,
						  false, &promotion->guard->writing);
	SFDW_FAULT("storage.promote", "begun");
	parts = copy_parts(promotion);
	SFDW_FAULT("storage.promote", "copied");
	if (parts == NIL)
		return SFDW_PROMOTE_NO_SOURCE;
	switch (complete(promotion, parts, &version))
	{
		case SFDW_S3_CONDITION:
			return SFDW_PROMOTE_CONDITION;
		case SFDW_S3_NO_SOURCE:
		case SFDW_S3_UNKNOWN:
			return SFDW_PROMOTE_UNKNOWN;
		case SFDW_S3_WRITTEN:
			break;
	}
	if (strcmp(version, SFDW_S3_NULL_VERSION) == 0)
	{
		SfdwS3Object *object = sfdw_s3_head(promotion->storage->server,
											promotion->final_key, NULL);

		version = sfdw_bucket_version_id(version, object == NULL ? "" : object->etag);
	}
	*new_version = version;
	return SFDW_PROMOTED;
}

/* Promote, on condition. */
SfdwPromoteOutcome
sfdw_bucket_promote(SfdwStorage *base, const char *staged_key,
					const char *staged_version, const char *final_key,
					const char *expected_version, char **new_version)
{
	Promotion	promotion = {.storage = (SfdwBucketStorage *) base};
	SfdwPromoteOutcome outcome;

	promotion.final_key = sfdw_bucket_key(promotion.storage, final_key);
	if (!find_staged(&promotion, staged_key, staged_version))
		return SFDW_PROMOTE_NO_SOURCE;
	if (!find_condition(&promotion, expected_version))
		return SFDW_PROMOTE_CONDITION;
	SFDW_FAULT("storage.promote", "before");
	outcome = promote(&promotion, new_version);
	SFDW_FAULT("storage.promote", "after");
	sfdw_bucket_guard_abort(promotion.guard);
	return outcome;
}

/* What AWS's codes of one version mean; all others are failures. */
static const struct
{
	const char *code;
	SfdwDeleteOutcome outcome;
}			codes[] = {
	{"AccessDenied", SFDW_DELETE_DENIED},
	{"AllAccessDisabled", SFDW_DELETE_DENIED},
	{"NoSuchKey", SFDW_DELETE_GONE},
	{"NoSuchVersion", SFDW_DELETE_GONE},
	{"InvalidArgument", SFDW_DELETE_GONE},	/* of an id that it listed before:
											 * some services say so of one gone */
};

/*
 * What the answer about one version means.  Nothing is listed for it: who needs
 * a proof lists the location once, for all of them.
 */
static void
judge(const SfdwS3Deletion *deletion, SfdwDeleteResult *result)
{
	result->message = NULL;
	result->outcome = SFDW_DELETED;
	if (deletion->is_deleted)
		return;
	result->outcome = SFDW_DELETE_UNKNOWN;
	if (!deletion->is_answered)
		return;
	result->outcome = SFDW_DELETE_FAILED;
	for (size_t i = 0; i < lengthof(codes); i++)
	{
		if (strcmp(codes[i].code, deletion->code) == 0)
			result->outcome = codes[i].outcome;
	}
	if (result->outcome != SFDW_DELETE_GONE)
		result->message = psprintf("%sthe service answered \"%s\"",
								   result->outcome == SFDW_DELETE_DENIED ?
								   "the credentials may not delete it: " : "",
								   deletion->code);
}

/* Delete one batch. */
static void
delete_batch(SfdwBucketStorage *storage, SfdwVersion **versions, int count,
			 SfdwDeleteResult *results)
{
	SfdwS3Deletion *deletions = palloc0(count * sizeof(SfdwS3Deletion));

	for (int i = 0; i < count; i++)
	{
		char	   *etag;

		deletions[i].key = sfdw_bucket_key(storage, versions[i]->key);
		deletions[i].version_id = sfdw_bucket_version(versions[i]->version_id, &etag);
		deletions[i].etag = etag;
	}
	SFDW_FAULT("storage.delete", "before");
	sfdw_s3_delete(storage->server, deletions, count);
	SFDW_FAULT("storage.delete", "after");
	for (int i = 0; i < count; i++)
		judge(&deletions[i], &results[i]);
	sfdw_bucket_explain(&storage->base, versions, count, results);
}

/* Delete exactly these versions. */
void
sfdw_bucket_delete(SfdwStorage *base, SfdwVersion **versions, int count,
				   SfdwDeleteResult *results)
{
	for (int done = 0; done < count; done += SFDW_S3_MAX_DELETIONS)
	{
		CHECK_FOR_INTERRUPTS();
		delete_batch((SfdwBucketStorage *) base, versions + done,
					 Min(SFDW_S3_MAX_DELETIONS, count - done), results + done);
	}
}
