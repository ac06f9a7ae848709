/*-------------------------------------------------------------------------
 * bucket.c
 *		Objects below a prefix of an S3 bucket: storage of type s3://
 *-------------------------------------------------------------------------
 */
#include "storage/bucket.h"

#include "miscadmin.h"

/* What whole keys start with. */
static char *
whole_prefix(SfdwBucketStorage *storage, const char *prefix)
{
	return psprintf("%s%s", storage->server->prefix, prefix);
}

/* By key as bytes; within a key the latest first, then by time, as S3 lists. */
static int
compare_versions(const ListCell *left, const ListCell *right)
{
	const SfdwVersion *a = lfirst(left);
	const SfdwVersion *b = lfirst(right);
	int			order = strcmp(a->key, b->key);

	if (order != 0)
		return order;
	if (a->is_latest != b->is_latest)
		return a->is_latest ? -1 : 1;
	if (a->last_modified != b->last_modified)
		return a->last_modified > b->last_modified ? -1 : 1;
	return 0;
}

/* A version of ours; its key loses the location's prefix. */
static SfdwVersion *
make_version(SfdwBucketStorage *storage, const SfdwS3Version *listed)
{
	SfdwVersion *version = palloc0(sizeof(SfdwVersion));

	version->key = pstrdup(listed->key + strlen(storage->server->prefix));
	version->version_id = sfdw_bucket_version_id(listed->version_id, listed->etag);
	version->size = listed->size;
	version->last_modified = listed->last_modified;
	version->is_latest = listed->is_latest;
	version->is_delete_marker = listed->is_delete_marker;
	return version;
}

/* Raise for a listing that names what was not asked for. */
static void
check_listed(SfdwBucketStorage *storage, const char *key, const char *prefix)
{
	if (strncmp(key, prefix, strlen(prefix)) != 0)
		ereport(ERROR,
				errcode(ERRCODE_PROTOCOL_VIOLATION),
				errmsg("the listing of \"%s\" has a key outside of what was asked for",
					   storage->base.location));
}

/* A page of versions, in the order of storage.h whatever the server's is. */
static List *
list_page(SfdwStorage *base, const char *prefix, SfdwListCursor *cursor)
{
	SfdwBucketStorage *storage = (SfdwBucketStorage *) base;
	SfdwS3Page	page = {
		cursor->key_marker, cursor->version_marker, false,
		cursor->seen_version, cursor->turns
	};
	char	   *whole = whole_prefix(storage, prefix);
	List	   *listed = sfdw_s3_list_versions(storage->server, whole, &page);
	List	   *versions = NIL;
	ListCell   *cell;

	foreach(cell, listed)
	{
		SfdwS3Version *version = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		check_listed(storage, version->key, whole);
		/* A folder's own placeholder is no object of the folder. */
		if (version->key[strlen(storage->server->prefix)] != '\0')
			versions = lappend(versions, make_version(storage, version));
	}
	list_sort(versions, compare_versions);
	cursor->key_marker = page.key_marker;
	cursor->version_marker = page.id_marker;
	cursor->seen_version = page.seen_id;
	cursor->turns = page.turns;
	cursor->done = page.done;
	return versions;
}

/* The current version of a key. */
static SfdwVersion *
find(SfdwStorage *base, const char *key)
{
	SfdwBucketStorage *storage = (SfdwBucketStorage *) base;
	SfdwS3Object *object = sfdw_s3_head(storage->server,
										sfdw_bucket_key(storage, key), NULL);
	SfdwVersion *version;

	if (object == NULL)
		return NULL;
	version = palloc0(sizeof(SfdwVersion));
	version->key = pstrdup(key);
	version->version_id = sfdw_bucket_version_id(object->version_id, object->etag);
	version->size = object->size;
	version->last_modified = object->last_modified;
	version->is_latest = true;
	return version;
}

/* Whether the bucket keeps versions. */
static SfdwVersioning
versioning(SfdwStorage *base, bool *needs_mfa)
{
	static const SfdwVersioning words[] = {
		[SFDW_S3_UNVERSIONED] = SFDW_VERSIONING_OFF,
		[SFDW_S3_ENABLED] = SFDW_VERSIONING_ENABLED,
		[SFDW_S3_SUSPENDED] = SFDW_VERSIONING_SUSPENDED,
	};
	SfdwBucketStorage *storage = (SfdwBucketStorage *) base;

	return words[sfdw_s3_versioning(storage->server, needs_mfa)];
}

/* Unfinished uploads. */
static List *
uploads(SfdwStorage *base, const char *prefix, bool *is_denied)
{
	SfdwBucketStorage *storage = (SfdwBucketStorage *) base;
	char	   *whole = whole_prefix(storage, prefix);
	SfdwS3Page	page = {0};
	List	   *found = NIL;

	while (!page.done)
	{
		List	   *listed = sfdw_s3_list_uploads(storage->server, whole, &page,
													   is_denied);
		ListCell   *cell;

		CHECK_FOR_INTERRUPTS();
		foreach(cell, listed)
		{
			SfdwS3Upload *upload = lfirst(cell);
			SfdwUpload *ours = palloc0(sizeof(SfdwUpload));

			check_listed(storage, upload->key, whole);
			ours->key = pstrdup(upload->key + strlen(storage->server->prefix));
			ours->upload_id = upload->upload_id;
			ours->started = upload->initiated;
			found = lappend(found, ours);
		}
	}
	return found;
}

/* Abort an upload. */
static void
abort_upload(SfdwStorage *base, SfdwUpload *upload)
{
	SfdwBucketStorage *storage = (SfdwBucketStorage *) base;
	SfdwS3Upload listed = {
		.key = sfdw_bucket_key(storage, upload->key),
		.upload_id = upload->upload_id,
	};

	sfdw_s3_abort_listed(storage->server, &listed);
}

static const SfdwStorageOps bucket_ops = {
	.scheme = "s3",
	.list_page = list_page,
	.find = find,
	.open = sfdw_bucket_read,
	.create = sfdw_bucket_write,
	.promote = sfdw_bucket_promote,
	.delete_versions = sfdw_bucket_delete,
	.versioning = versioning,
	.object_lock = sfdw_bucket_object_lock,
	.version_lock = sfdw_bucket_version_lock,
	.delete_refusal = sfdw_bucket_delete_refusal,
	.part_size = SFDW_BUCKET_PART_SIZE,
	.uploads = uploads,
	.abort_upload = abort_upload,
};

/* Open a location. */
SfdwStorage *
sfdw_bucket_open(const char *location, Oid server, Oid user)
{
	SfdwBucketStorage *storage = palloc0(sizeof(SfdwBucketStorage));

	storage->base.ops = &bucket_ops;
	storage->base.location = pstrdup(location);
	storage->base.server = server;
	storage->context = CurrentMemoryContext;
	storage->server = sfdw_aws_server(server, user);
	return &storage->base;
}
