/*-------------------------------------------------------------------------
 * bucket_sink.c
 *		Write an object: in one request, or in parts when it is large
 *
 * Parts are sent while the next one is filled.  The object appears when the
 * upload is completed; until then, and after an error, nobody sees any of it.
 *-------------------------------------------------------------------------
 */
#include "storage/bucket.h"

#include "core/fault.h"
#include "miscadmin.h"

/* A part that is being filled, or on its way. */
typedef struct Part
{
	SfdwRequest *request;		/* NULL: not on its way */
	char	   *data;			/* SFDW_BUCKET_PART_SIZE bytes, or NULL */
} Part;

typedef struct BucketSink
{
	SfdwSink	base;
	SfdwBucketStorage *storage;
	MemoryContext context;		/* of the sink and its requests */
	const char *key;			/* in the bucket */
	SfdwUploadGuard *guard;
	Part		parts[SFDW_BUCKET_IN_FLIGHT];	/* a ring */
	int			current;		/* the one that is being filled */
	size_t		length;			/* bytes in it */
	int			part_count;		/* parts that were sent */
	List	   *done;			/* of SfdwS3Part, in order */
	bool		is_closed;
} BucketSink;

/* Wait for a part that is on its way. */
static void
settle(BucketSink *sink, Part *part)
{
	const SfdwRequestResult *result;

	if (part->request == NULL)
		return;
	result = sfdw_request_finish(part->request);
	sink->base.stats.requests += result->stats.requests;
	sink->base.stats.retries += result->stats.retries;
	sink->done = lappend(sink->done, sfdw_s3_upload_part_finish(part->request));
	part->request = NULL;
}

/* Send the part that was filled, and turn to the next one. */
static void
send_part(BucketSink *sink)
{
	Part	   *part = &sink->parts[sink->current];

	if (sink->part_count == SFDW_BUCKET_MAX_PARTS)
		ereport(ERROR,
				errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("object \"%s\" is larger than %d parts of %d bytes",
					   sink->base.name, SFDW_BUCKET_MAX_PARTS,
					   SFDW_BUCKET_PART_SIZE));
	if (sink->guard->writing == NULL)
	{
		sfdw_s3_upload_create(sink->storage->server, sink->key, true,
							  &sink->guard->writing);
		sink->base.stats.requests++;
		SFDW_FAULT("storage.create", "begun");
	}
	part->request = sfdw_s3_upload_part_start(sink->guard->writing,
											  ++sink->part_count, part->data,
											  sink->length);
	sink->current = (sink->current + 1) % SFDW_BUCKET_IN_FLIGHT;
	sink->length = 0;
	settle(sink, &sink->parts[sink->current]);
}

/* Append bytes. */
static void
write_bytes(SfdwSink *base, const char *data, size_t length)
{
	BucketSink *sink = (BucketSink *) base;
	MemoryContext before = MemoryContextSwitchTo(sink->context);

	if (sink->is_closed)
		elog(ERROR, "sink \"%s\" was closed", base->name);
	while (length > 0)
	{
		Part	   *part = &sink->parts[sink->current];
		size_t		count = Min(length, SFDW_BUCKET_PART_SIZE - sink->length);

		if (part->data == NULL)
			part->data = palloc(SFDW_BUCKET_PART_SIZE);
		memcpy(part->data + sink->length, data, count);
		sink->length += count;
		data += count;
		length -= count;
		if (sink->length == SFDW_BUCKET_PART_SIZE)
			send_part(sink);
	}
	MemoryContextSwitchTo(before);
}

/* Send the last part, and make an object of all. */
static SfdwS3Write
complete(BucketSink *sink, char **version_id)
{
	SfdwS3Write outcome;

	if (sink->length > 0)
		send_part(sink);
	for (int i = 0; i < SFDW_BUCKET_IN_FLIGHT; i++)
		settle(sink, &sink->parts[(sink->current + i) % SFDW_BUCKET_IN_FLIGHT]);
	sink->base.stats.requests++;
	outcome = sfdw_s3_upload_complete(sink->guard->writing, sink->done, NULL,
									  version_id);
	if (outcome == SFDW_S3_WRITTEN)
		sink->guard->writing = NULL;
	return outcome;
}

/* The id of the version that was made. */
static const char *
made_version(BucketSink *sink, const char *s3_version)
{
	SfdwS3Object *object;

	if (strcmp(s3_version, SFDW_S3_NULL_VERSION) != 0)
		return s3_version;
	object = sfdw_s3_head(sink->storage->server, sink->key, NULL);
	return sfdw_bucket_version_id(s3_version, object == NULL ? "" : object->etag);
}

/* Make the object visible. */
static void
finish(SfdwSink *base)
{
	BucketSink *sink = (BucketSink *) base;
	MemoryContext before = MemoryContextSwitchTo(sink->context);
	char	   *s3_version = NULL;
	const char *first = sink->parts[0].data;
	SfdwS3Write outcome;

	if (sink->is_closed)
		elog(ERROR, "sink \"%s\" was closed", base->name);
	SFDW_FAULT("storage.create", "before");
	if (sink->guard->writing != NULL)
		outcome = complete(sink, &s3_version);
	else
	{
		base->stats.requests++;
		outcome = sfdw_s3_put(sink->storage->server, sink->key,
							  first == NULL ? "" : first, sink->length, NULL,
							  &s3_version);
	}
	SFDW_FAULT("storage.create", "after");
	if (outcome != SFDW_S3_WRITTEN)
		ereport(ERROR,
				errcode(ERRCODE_CONNECTION_FAILURE),
				errmsg("could not complete \"%s\"", base->name),
				errdetail("The answer was lost, and the object is not there."));
	base->version_id = made_version(sink, s3_version);
	sink->is_closed = true;
	MemoryContextSwitchTo(before);
}

/* Drop what was written. */
static void
abort_sink(SfdwSink *base)
{
	BucketSink *sink = (BucketSink *) base;

	if (sink->is_closed)
		return;
	sink->is_closed = true;
	for (int i = 0; i < SFDW_BUCKET_IN_FLIGHT; i++)
	{
		sfdw_request_free(sink->parts[i].request);
		sink->parts[i].request = NULL;
	}
	sfdw_bucket_guard_abort(sink->guard);
}

static const SfdwSinkOps sink_ops = {write_bytes, finish, abort_sink};

/* Start to write an object. */
SfdwSink *
sfdw_bucket_write(SfdwStorage *base, const char *key)
{
	BucketSink *sink = palloc0(sizeof(BucketSink));

	sink->base.ops = &sink_ops;
	sink->base.name = sfdw_storage_url(base, key);
	sink->storage = (SfdwBucketStorage *) base;
	sink->context = CurrentMemoryContext;
	sink->key = sfdw_bucket_key(sink->storage, key);
	sink->guard = sfdw_bucket_guard(CurrentMemoryContext);
	return &sink->base;
}
