/*-------------------------------------------------------------------------
 * bucket_cache.c
 *		Small objects that this transaction has read
 *-------------------------------------------------------------------------
 */
#include "storage/bucket_cache.h"

#include "utils/memutils.h"

/* Bytes that are kept in all. */
#define CACHE_SIZE	SFDW_BUCKET_PART_SIZE

typedef struct Entry
{
	Oid			server;
	Oid			user;
	char	   *bucket;			/* the server can be altered */
	char	   *key;
	char	   *version;
	SfdwCachedObject object;
} Entry;

typedef struct Cache
{
	List	   *entries;
	size_t		size;
	MemoryContextCallback cleanup;
} Cache;

/* In TopTransactionContext; NULL until something is kept. */
static Cache *cache = NULL;

/* The transaction ends, and its memory with it. */
static void
forget(void *argument)
{
	cache = NULL;
}

/* The cache of this transaction. */
static Cache *
ensure_cache(void)
{
	Cache	   *made;

	if (cache != NULL)
		return cache;
	made = MemoryContextAllocZero(TopTransactionContext, sizeof(Cache));
	made->cleanup.func = forget;
	MemoryContextRegisterResetCallback(TopTransactionContext, &made->cleanup);
	cache = made;
	return cache;
}

/* Find a version. */
const SfdwCachedObject *
sfdw_bucket_cache_find(const SfdwAwsServer *server, const char *key,
					   const char *s3_version)
{
	ListCell   *cell;

	if (cache == NULL)
		return NULL;
	foreach(cell, cache->entries)
	{
		Entry	   *entry = lfirst(cell);

		if (entry->server == server->server && entry->user == server->user &&
			strcmp(entry->bucket, server->bucket) == 0 &&
			strcmp(entry->key, key) == 0 &&
			strcmp(entry->version, s3_version) == 0)
			return &entry->object;
	}
	return NULL;
}

/* Keep a version. */
void
sfdw_bucket_cache_add(const SfdwAwsServer *server, const char *key,
					  const char *s3_version, const SfdwS3Range *whole)
{
	MemoryContext before;
	Entry	   *entry;
	char	   *data;

	if (strcmp(s3_version, SFDW_S3_NULL_VERSION) == 0 ||
		whole->length > CACHE_SIZE - ensure_cache()->size)
		return;
	before = MemoryContextSwitchTo(TopTransactionContext);
	entry = palloc(sizeof(Entry));
	entry->server = server->server;
	entry->user = server->user;
	entry->bucket = pstrdup(server->bucket);
	entry->key = pstrdup(key);
	entry->version = pstrdup(s3_version);
	data = palloc(Max(whole->length, 1));
	if (whole->length > 0)
		memcpy(data, whole->data, whole->length);
	entry->object.data = data;
	entry->object.length = whole->length;
	entry->object.etag = whole->etag == NULL ? NULL : pstrdup(whole->etag);
	cache->entries = lappend(cache->entries, entry);
	cache->size += whole->length;
	MemoryContextSwitchTo(before);
}
