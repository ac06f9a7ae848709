/*-------------------------------------------------------------------------
 * bucket_source.c
 *		Read one version of an object, by ranges
 *
 * The first range is asked for when the object is opened, and says how large
 * it is and what its ETag is; a small object is there with it.  Once a reader
 * goes beyond it, several ranges are on their way at a time, and are given in
 * order.
 *-------------------------------------------------------------------------
 */
#include "storage/bucket.h"

#include "core/errors.h"
#include "storage/bucket_cache.h"
#include "miscadmin.h"

/* A range on its way, or arrived. */
typedef struct Range
{
	SfdwRequest *request;		/* NULL: the slot is free */
	uint64		offset;
	size_t		length;
} Range;

typedef struct BucketSource
{
	SfdwSource	base;
	SfdwBucketStorage *storage;
	MemoryContext context;		/* of the source and its requests */
	const char *key;			/* in the bucket */
	char	   *s3_version;
	char	   *etag;			/* NULL for an empty object */
	SfdwRequest *first;			/* holds the object's first bytes, unless the
								 * transaction keeps the object */
	bool		has_head;
	SfdwS3Range head;			/* the first bytes */
	Range		ranges[SFDW_BUCKET_IN_FLIGHT];	/* a ring, in order */
	int			oldest;			/* the next that is given */
	SfdwRequest *given;			/* holds the chunk that was given last */
	uint64		asked;			/* where the next range to ask for starts */
	uint64		offset;			/* where next goes on */
	bool		is_closed;
} BucketSource;

/* Ask for a range. */
static SfdwRequest *
ask(BucketSource *source, uint64 offset, size_t length)
{
	MemoryContext before = MemoryContextSwitchTo(source->context);
	SfdwRequest *request = sfdw_s3_get_start(source->storage->server, source->key,
											 source->s3_version, source->etag,
											 offset, length);

	MemoryContextSwitchTo(before);
	return request;
}

/* Wait for a range; counts what it took. */
static void
take(BucketSource *source, SfdwRequest *request, SfdwS3Range *range)
{
	MemoryContext before = MemoryContextSwitchTo(source->context);
	const SfdwRequestResult *result = sfdw_request_finish(request);

	range->etag = source->etag;
	range->size = source->base.size;
	sfdw_s3_get_finish(request, range);
	source->base.stats.requests += result->stats.requests;
	source->base.stats.retries += result->stats.retries;
	MemoryContextSwitchTo(before);
}

/* Keep several ranges on their way. */
static void
ask_ahead(BucketSource *source)
{
	for (int i = 0; i < SFDW_BUCKET_IN_FLIGHT; i++)
	{
		Range	   *range = &source->ranges[(source->oldest + i) % SFDW_BUCKET_IN_FLIGHT];

		if (range->request != NULL || source->asked >= source->base.size)
			continue;
		range->offset = source->asked;
		range->length = Min(SFDW_BUCKET_PART_SIZE,
							source->base.size - source->asked);
		range->request = ask(source, range->offset, range->length);
		source->asked += range->length;
	}
}

/* The oldest range of those on their way. */
static void
next_range(BucketSource *source, const char **data, size_t *length)
{
	Range	   *range;
	SfdwS3Range got = {0};

	sfdw_request_free(source->given);
	source->given = NULL;
	ask_ahead(source);
	range = &source->ranges[source->oldest];
	got.offset = range->offset;
	got.length = range->length;
	take(source, range->request, &got);
	source->given = range->request;
	range->request = NULL;
	source->oldest = (source->oldest + 1) % SFDW_BUCKET_IN_FLIGHT;
	*data = got.data;
	*length = got.length;
}

/* The next chunk. */
static bool
next_chunk(SfdwSource *base, const char **data, size_t *length)
{
	BucketSource *source = (BucketSource *) base;

	if (source->is_closed)
		elog(ERROR, "source \"%s\" was closed", base->name);
	if (source->offset >= base->size)
		return false;
	if (source->offset == 0)
	{
		*data = source->head.data;
		*length = source->head.length;
		source->asked = source->head.length;
	}
	else
	{
		sfdw_request_free(source->first);
		source->first = NULL;
		source->has_head = false;
		next_range(source, data, length);
	}
	source->offset += *length;
	return true;
}

/* A range by itself; what came first is not asked for again. */
static void
read_range(SfdwSource *base, uint64 offset, char *buffer, size_t length)
{
	BucketSource *source = (BucketSource *) base;
	uint64		end = offset + length;

	if (source->is_closed)
		elog(ERROR, "source \"%s\" was closed", base->name);
	if (offset > base->size || length > base->size - offset)
		ereport(ERROR,
				errcode(ERRCODE_DATA_CORRUPTED),
				errmsg("could not read \"%s\": it ends before byte " UINT64_FORMAT,
					   base->name, end));
	if (source->has_head && end <= source->head.length)
	{
		memcpy(buffer, source->head.data + offset, length);
		return;
	}
	while (offset < end)
	{
		SfdwS3Range range = {offset, Min(SFDW_BUCKET_PART_SIZE, end - offset)};
		SfdwRequest *request = ask(source, range.offset, range.length);

		take(source, request, &range);
		memcpy(buffer, range.data, range.length);
		buffer += range.length;
		offset += range.length;
		sfdw_request_free(request);
	}
}

/* Take everything off the wire. */
static void
close_source(SfdwSource *base)
{
	BucketSource *source = (BucketSource *) base;

	source->is_closed = true;
	sfdw_request_free(source->first);
	source->first = NULL;
	sfdw_request_free(source->given);
	source->given = NULL;
	for (int i = 0; i < SFDW_BUCKET_IN_FLIGHT; i++)
	{
		sfdw_request_free(source->ranges[i].request);
		source->ranges[i].request = NULL;
	}
}

static const SfdwSourceOps source_ops = {next_chunk, read_range, close_source};

/* Take what the transaction keeps of the object; false when that is nothing. */
static bool
take_kept(BucketSource *source)
{
	const SfdwCachedObject *object;

	object = sfdw_bucket_cache_find(source->storage->server, source->key,
									source->s3_version);
	if (object == NULL)
		return false;
	source->head.data = object->data;
	source->head.length = object->length;
	source->head.size = object->length;
	source->head.etag = object->etag;
	return true;
}

/* Ask for the first range, and wait for it. */
static void
take_first(BucketSource *source)
{
	source->head.length = SFDW_BUCKET_PART_SIZE;
	source->first = ask(source, 0, SFDW_BUCKET_PART_SIZE);
	take(source, source->first, &source->head);
	if (source->head.length == source->head.size)
		sfdw_bucket_cache_add(source->storage->server, source->key,
							  source->s3_version, &source->head);
}

/* Open a version. */
SfdwSource *
sfdw_bucket_read(SfdwStorage *base, const char *key, const char *version_id)
{
	BucketSource *source = palloc0(sizeof(BucketSource));

	source->base.ops = &source_ops;
	source->base.name = sfdw_storage_url(base, key);
	source->storage = (SfdwBucketStorage *) base;
	source->context = CurrentMemoryContext;
	source->key = sfdw_bucket_key(source->storage, key);
	source->s3_version = sfdw_bucket_version(version_id, &source->etag);
	if (source->s3_version[0] == '\0')	/* S3 would give the current one */
		ereport(ERROR,
				errcode(SFDW_ERRCODE_SUPERSEDED),
				errmsg("object \"%s\" has no version \"\"", source->base.name));
	if (!take_kept(source))
		take_first(source);
	source->has_head = true;
	source->etag = source->head.etag;
	source->base.size = source->head.size;
	return &source->base;
}
