/*-------------------------------------------------------------------------
 * memory.c
 *		Storage in the backend's memory, for tests
 *
 * See memory.h.  Nothing here is fast: a bucket is one list.
 *-------------------------------------------------------------------------
 */
#include "storage/memory.h"

#include "core/errors.h"
#include "core/fault.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/location.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* What next gives at once; small, so that tests see more than one chunk. */
#define CHUNK_SIZE 65536

/* Long enough for "v" and a 64-bit number. */
#define VERSION_ID_SIZE 24

/* One version of an object. */
typedef struct Entry
{
	SfdwVersion version;		/* is_latest is computed */
	uint64		number;			/* grows; the newest of a key is its latest */
	char	   *data;
} Entry;

typedef struct Plant
{
	char	   *key;
	SfdwMemoryFault fault;
} Plant;

/* What lies behind one location. */
typedef struct Bucket
{
	char	   *location;
	List	   *entries;		/* of Entry, by key and then newest first */
	List	   *plants;			/* of Plant */
} Bucket;

typedef struct MemoryStorage
{
	SfdwStorage base;
	Bucket	   *bucket;
} MemoryStorage;

typedef struct MemorySource
{
	SfdwSource	base;
	char	   *data;			/* a copy: the version may be deleted */
	uint64		offset;
} MemorySource;

typedef struct MemorySink
{
	SfdwSink	base;
	MemoryStorage *storage;
	char	   *key;
	char	   *data;
	Size		capacity;
	bool		is_closed;
} MemorySink;

static MemoryContext bucket_context = NULL;
static List *buckets = NIL;
static uint64 last_number = 0;

/* The bucket of a location, made when it is new. */
static Bucket *
find_bucket(const char *location)
{
	MemoryContext old;
	Bucket	   *bucket;
	ListCell   *cell;

	foreach(cell, buckets)
	{
		bucket = lfirst(cell);
		if (strcmp(bucket->location, location) == 0)
			return bucket;
	}
	if (bucket_context == NULL)
		bucket_context = AllocSetContextCreate(TopMemoryContext,
											   "salesforce_fdw memory storage",
											   ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(bucket_context);
	bucket = palloc0(sizeof(Bucket));
	bucket->location = pstrdup(location);
	buckets = lappend(buckets, bucket);
	MemoryContextSwitchTo(old);
	return bucket;
}

/* By key as bytes, newest first. */
static int
compare_entries(const ListCell *left, const ListCell *right)
{
	const Entry *a = lfirst(left);
	const Entry *b = lfirst(right);
	int			order = strcmp(a->version.key, b->version.key);

	if (order != 0)
		return order;
	return a->number > b->number ? -1 : a->number < b->number;
}

/* Add a version of a key; returns its id, which lives with the bucket. */
static const char *
add_entry(Bucket *bucket, const char *key, const char *data, uint64 size,
		  bool is_marker)
{
	MemoryContext old = MemoryContextSwitchTo(bucket_context);
	Entry	   *entry = palloc0(sizeof(Entry));

	entry->number = ++last_number;
	entry->version.key = pstrdup(key);
	entry->version.version_id = psprintf("v" UINT64_FORMAT, entry->number);
	entry->version.size = (int64) size;
	entry->version.last_modified = GetCurrentTimestamp();
	entry->version.is_delete_marker = is_marker;
	entry->data = MemoryContextAllocHuge(bucket_context, size + 1);
	if (size > 0)
		memcpy(entry->data, data, size);
	bucket->entries = lappend(bucket->entries, entry);
	list_sort(bucket->entries, compare_entries);
	MemoryContextSwitchTo(old);
	return entry->version.version_id;
}

/* The newest version of a key, a delete marker included; NULL for none. */
static Entry *
latest_entry(Bucket *bucket, const char *key)
{
	ListCell   *cell;

	foreach(cell, bucket->entries)
	{
		Entry	   *entry = lfirst(cell);

		if (strcmp(entry->version.key, key) == 0)
			return entry;
	}
	return NULL;
}

/* A version by its id; NULL for none. */
static Entry *
find_entry(Bucket *bucket, const char *key, const char *version_id)
{
	ListCell   *cell;

	foreach(cell, bucket->entries)
	{
		Entry	   *entry = lfirst(cell);

		if (strcmp(entry->version.key, key) == 0 &&
			strcmp(entry->version.version_id, version_id) == 0)
			return entry;
	}
	return NULL;
}

/* What was planted for a key, once; of two plants the older one. */
static SfdwMemoryFault
take_plant(Bucket *bucket, const char *key, bool is_promotion)
{
	ListCell   *cell;

	foreach(cell, bucket->plants)
	{
		Plant	   *plant = lfirst(cell);
		SfdwMemoryFault fault = plant->fault;

		if (strcmp(plant->key, key) != 0 ||
			(fault >= SFDW_MEMORY_PROMOTE_DONE_UNKNOWN) != is_promotion)
			continue;
		bucket->plants = foreach_delete_current(bucket->plants, cell);
		return fault;
	}
	return SFDW_MEMORY_NO_FAULT;
}

/* Raise an error for a key that a folder could not have either. */
static void
check_key(SfdwStorage *storage, const char *key)
{
	SfdwStatus	status = {0};

	if (!sfdw_location_check_key(key, &status))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_NAME),
				errmsg("invalid object name \"%s\" in location \"%s\": %s",
					   key, storage->location, status.message));
}

/* A copy of an entry's version in the current context. */
static SfdwVersion *
copy_version(Bucket *bucket, Entry *entry)
{
	SfdwVersion *version = palloc(sizeof(SfdwVersion));

	*version = entry->version;
	version->key = pstrdup(entry->version.key);
	version->version_id = pstrdup(entry->version.version_id);
	version->is_latest = latest_entry(bucket, version->key) == entry;
	return version;
}

/* Whether an entry comes after the last one of the page before. */
static bool
is_after(const Entry *entry, const SfdwListCursor *cursor)
{
	int			order;

	if (!cursor->started)
		return true;
	order = strcmp(entry->version.key, cursor->key_marker);
	if (order != 0)
		return order > 0;

	/* The marker may be gone by now, so its number is taken from its id. */
	return entry->number < strtoull(cursor->version_marker + 1, NULL, 10);
}

/* One page; the markers name its last entry. */
static List *
list_page(SfdwStorage *storage, const char *prefix, SfdwListCursor *cursor)
{
	Bucket	   *bucket = ((MemoryStorage *) storage)->bucket;
	List	   *page = NIL;
	ListCell   *cell;

	foreach(cell, bucket->entries)
	{
		Entry	   *entry = lfirst(cell);

		if (strncmp(entry->version.key, prefix, strlen(prefix)) != 0 ||
			!is_after(entry, cursor))
			continue;
		if (list_length(page) == SFDW_MEMORY_PAGE_SIZE)
		{
			SfdwVersion *last = llast(page);

			cursor->key_marker = last->key;
			cursor->version_marker = last->version_id;
			return page;
		}
		page = lappend(page, copy_version(bucket, entry));
	}
	cursor->done = true;
	return page;
}

/* The latest version. */
static SfdwVersion *
find(SfdwStorage *storage, const char *key)
{
	Bucket	   *bucket = ((MemoryStorage *) storage)->bucket;
	Entry	   *entry;

	check_key(storage, key);
	entry = latest_entry(bucket, key);
	return entry == NULL ? NULL : copy_version(bucket, entry);
}

/* The next chunk. */
static bool
next_chunk(SfdwSource *base, const char **data, size_t *length)
{
	MemorySource *source = (MemorySource *) base;

	*data = source->data + source->offset;
	*length = Min(CHUNK_SIZE, base->size - source->offset);
	source->offset += *length;
	base->stats.requests++;
	return *length > 0;
}

/* A range. */
static void
read_range(SfdwSource *base, uint64 offset, char *buffer, size_t length)
{
	if (offset > base->size || length > base->size - offset)
		ereport(ERROR,
				errcode(ERRCODE_DATA_CORRUPTED),
				errmsg("could not read \"%s\": it ends before byte " UINT64_FORMAT,
					   base->name, offset + length));
	memcpy(buffer, ((MemorySource *) base)->data + offset, length);
	base->stats.requests++;
}

/* Nothing is held. */
static void
close_source(SfdwSource *base)
{
}

static const SfdwSourceOps memory_source_ops = {
	.next = next_chunk,
	.read_at = read_range,
	.close = close_source,
};

/* Open a version. */
static SfdwSource *
open_version(SfdwStorage *storage, const char *key, const char *version_id)
{
	MemorySource *source = palloc0(sizeof(MemorySource));
	Entry	   *entry;

	check_key(storage, key);
	source->base.ops = &memory_source_ops;
	source->base.name = sfdw_storage_url(storage, key);
	entry = find_entry(((MemoryStorage *) storage)->bucket, key, version_id);
	if (entry == NULL || entry->version.is_delete_marker)
		ereport(ERROR,
				errcode(SFDW_ERRCODE_SUPERSEDED),
				errmsg("could not read \"%s\": the version is gone",
					   source->base.name));
	source->base.size = (uint64) entry->version.size;
	source->data = MemoryContextAllocHuge(CurrentMemoryContext,
										  source->base.size + 1);
	memcpy(source->data, entry->data, source->base.size);
	return &source->base;
}

/* Append bytes. */
static void
write_chunk(SfdwSink *base, const char *data, size_t length)
{
	MemorySink *sink = (MemorySink *) base;

	if (sink->is_closed)
		elog(ERROR, "sink \"%s\" was closed", base->name);
	if (base->size + length > sink->capacity)
	{
		sink->capacity = Max(sink->capacity * 2, base->size + length);
		sink->data = repalloc_huge(sink->data, sink->capacity);
	}
	memcpy(sink->data + base->size, data, length);
	base->stats.requests++;
}

/* Add the version. */
static void
finish_sink(SfdwSink *base)
{
	MemorySink *sink = (MemorySink *) base;
	const char *version_id;

	if (sink->is_closed)
		elog(ERROR, "sink \"%s\" was closed", base->name);
	SFDW_FAULT("storage.create", "before");
	version_id = add_entry(sink->storage->bucket, sink->key, sink->data,
						   base->size, false);
	base->version_id = MemoryContextStrdup(GetMemoryChunkContext(sink),
										   version_id);
	SFDW_FAULT("storage.create", "after");
	sink->is_closed = true;
}

/* Forget what was written. */
static void
abort_sink(SfdwSink *base)
{
	((MemorySink *) base)->is_closed = true;
}

static const SfdwSinkOps memory_sink_ops = {
	.write = write_chunk,
	.finish = finish_sink,
	.abort = abort_sink,
};

/* Start to write an object. */
static SfdwSink *
create(SfdwStorage *storage, const char *key)
{
	MemorySink *sink = palloc0(sizeof(MemorySink));

	check_key(storage, key);
	sink->base.ops = &memory_sink_ops;
	sink->base.name = sfdw_storage_url(storage, key);
	sink->storage = (MemoryStorage *) storage;
	sink->key = pstrdup(key);
	sink->capacity = CHUNK_SIZE;
	sink->data = palloc(sink->capacity);
	return &sink->base;
}

/* Whether the final key still holds what the caller has seen. */
static bool
meets_condition(Bucket *bucket, const char *key, const char *expected_version)
{
	Entry	   *current = latest_entry(bucket, key);

	if (current == NULL || current->version.is_delete_marker)
		return expected_version == NULL;
	return expected_version != NULL &&
		strcmp(current->version.version_id, expected_version) == 0;
}

/* Copy onto the final key; the staged object stays, as on S3. */
static SfdwPromoteOutcome
promote(SfdwStorage *storage, const char *staged_key,
		const char *staged_version, const char *final_key,
		const char *expected_version, char **new_version)
{
	Bucket	   *bucket = ((MemoryStorage *) storage)->bucket;
	Entry	   *staged;
	SfdwMemoryFault fault;

	check_key(storage, staged_key);
	check_key(storage, final_key);
	staged = find_entry(bucket, staged_key, staged_version);
	if (staged == NULL || staged->version.is_delete_marker)
		return SFDW_PROMOTE_NO_SOURCE;
	if (!meets_condition(bucket, final_key, expected_version))
		return SFDW_PROMOTE_CONDITION;
	fault = take_plant(bucket, final_key, true);
	if (fault == SFDW_MEMORY_PROMOTE_LOST_UNKNOWN)
		return SFDW_PROMOTE_UNKNOWN;
	SFDW_FAULT("storage.promote", "before");
	*new_version = pstrdup(add_entry(bucket, final_key, staged->data,
									 (uint64) staged->version.size, false));
	SFDW_FAULT("storage.promote", "after");
	if (fault == SFDW_MEMORY_NO_FAULT)
		return SFDW_PROMOTED;
	*new_version = NULL;
	return SFDW_PROMOTE_UNKNOWN;
}

/* Delete one version. */
static SfdwDeleteResult
delete_version(Bucket *bucket, const SfdwVersion *version)
{
	SfdwDeleteResult result = {SFDW_DELETED};
	SfdwMemoryFault fault = take_plant(bucket, version->key, false);
	Entry	   *entry = find_entry(bucket, version->key, version->version_id);

	if (fault == SFDW_MEMORY_DELETE_FAILS)
	{
		result.outcome = SFDW_DELETE_FAILED;
		result.message = pstrdup("access denied");
		return result;
	}
	if (fault != SFDW_MEMORY_NO_FAULT)
		result.outcome = SFDW_DELETE_UNKNOWN;
	else if (entry == NULL)
		result.outcome = SFDW_DELETE_GONE;
	if (entry == NULL || fault == SFDW_MEMORY_DELETE_LOST_UNKNOWN)
		return result;
	bucket->entries = list_delete_ptr(bucket->entries, entry);
	pfree(entry->data);
	pfree(entry->version.key);
	pfree(entry->version.version_id);
	pfree(entry);
	return result;
}

/* Delete one after the other. */
static void
delete_versions(SfdwStorage *storage, SfdwVersion **versions, int count,
				SfdwDeleteResult *results)
{
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		SFDW_FAULT("storage.delete", "before");
		results[i] = delete_version(((MemoryStorage *) storage)->bucket,
									versions[i]);
		SFDW_FAULT("storage.delete", "after");
	}
}

static const SfdwStorageOps memory_ops = {
	.scheme = "memory",
	.list_page = list_page,
	.find = find,
	.open = open_version,
	.create = create,
	.promote = promote,
	.delete_versions = delete_versions,
};

/* Open a bucket. */
SfdwStorage *
sfdw_memory_open(const char *location)
{
	MemoryStorage *storage = palloc0(sizeof(MemoryStorage));

	storage->base.ops = &memory_ops;
	storage->base.location = location;
	storage->bucket = find_bucket(location);
	return &storage->base;
}

/* Plant a fault. */
void
sfdw_memory_plant(const char *location, const char *key, SfdwMemoryFault fault)
{
	Bucket	   *bucket = find_bucket(location);
	MemoryContext old = MemoryContextSwitchTo(bucket_context);
	Plant	   *plant = palloc(sizeof(Plant));

	plant->key = pstrdup(key);
	plant->fault = fault;
	bucket->plants = lappend(bucket->plants, plant);
	MemoryContextSwitchTo(old);
}

/* Put a delete marker. */
void
sfdw_memory_mark_deleted(const char *location, const char *key)
{
	add_entry(find_bucket(location), key, "", 0, true);
}
