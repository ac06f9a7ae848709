/*-------------------------------------------------------------------------
 * s3_read.c
 *		Ranges of one version of an object
 *
 * A range is what was asked for or an error: another status, another part of
 * the object, another ETag or length would mix two versions, or lose bytes.
 *-------------------------------------------------------------------------
 */
#include "aws/s3.h"

#include "core/errors.h"

/* What a request keeps in its context, because its spec points to it. */
typedef struct Get
{
	SfdwUriParameter version;
	SfdwHttpHeader headers[2];
	char		range[64];
} Get;

/* Start to read a range. */
SfdwRequest *
sfdw_s3_get_start(const SfdwAwsServer *server, const char *key,
				  const char *version_id, const char *etag, uint64 offset,
				  size_t length)
{
	Get		   *get = palloc0(sizeof(Get));
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "GetObject",
		.permission = "s3:GetObjectVersion",
		.subject = psprintf("s3://%s/%s", server->bucket, key),
		.method = "GET",
		.key = key,
		.parameters = &get->version,
		.parameter_count = version_id == NULL ? 0 : 1,
		.headers = get->headers,
		.max_body = length,
		.repeat = SFDW_REPEAT_SAME,
		.is_large = true,
	};

	get->version = (SfdwUriParameter) {"versionId", version_id};
	snprintf(get->range, sizeof(get->range), "bytes=" UINT64_FORMAT "-" UINT64_FORMAT,
			 offset, offset + length - 1);
	get->headers[spec.header_count++] = (SfdwHttpHeader) {"range", get->range};
	if (etag != NULL)
		get->headers[spec.header_count++] = (SfdwHttpHeader) {"if-match", etag};
	return sfdw_request_start(&spec);
}

/* Raise for a version that is gone, or is not what it was. */
static void
raise_superseded(SfdwRequest *request)
{
	ereport(ERROR,
			errcode(SFDW_ERRCODE_SUPERSEDED),
			errmsg("object \"%s\" no longer has the version that was to be read",
				   sfdw_request_spec(request)->subject));
}

/* Raise for an answer that is not the range that was asked for. */
static void
raise_mismatch(SfdwRequest *request, const char *what)
{
	ereport(ERROR,
			errcode(ERRCODE_PROTOCOL_VIOLATION),
			errmsg("the answer to GetObject of \"%s\" has %s than asked for",
				   sfdw_request_spec(request)->subject, what));
}

/* Raise for a bucket that is gone: a new listing would not help. */
static void
raise_no_bucket(SfdwRequest *request)
{
	ereport(ERROR,
			errcode(ERRCODE_UNDEFINED_OBJECT),
			errmsg("bucket \"%s\" does not exist",
				   sfdw_request_spec(request)->server->bucket),
			errdetail("The service answered so to GetObject of \"%s\".",
					  sfdw_request_spec(request)->subject));
}

/* Raise for an answer that is no range; an empty object has none. */
static void
check_status(SfdwRequest *request, const SfdwRequestResult *result)
{
	if (strcmp(result->code, "NoSuchBucket") == 0)
		raise_no_bucket(request);
	/* 400: an id that is none of this service's */
	if (result->status == 412 || result->status == 404 ||
		result->status == 405 ||
		(result->status == 400 && strcmp(result->code, "InvalidArgument") == 0))
		raise_superseded(request);
	if (result->end != SFDW_REQUEST_OK && result->status != 416)
		sfdw_request_raise(request);
	if (result->end == SFDW_REQUEST_OK && result->status != 206)
		raise_mismatch(request, "another status");
}

/* Compare what the answer says of itself with what is known. */
static void
check_range(SfdwRequest *request, SfdwS3Range *range)
{
	const SfdwRequestResult *result = sfdw_request_finish(request);
	const char *content_range = sfdw_request_header(request, "content-range");
	const char *etag = sfdw_request_header(request, "etag");
	const char *version = sfdw_request_header(request, "x-amz-version-id");
	const SfdwRequestSpec *spec = sfdw_request_spec(request);
	unsigned long long first,
				last,
				total;

	if (content_range == NULL || etag == NULL ||
		sscanf(content_range, "bytes %llu-%llu/%llu", &first, &last, &total) != 3 ||
		first != range->offset || last < first ||
		last - first + 1 != result->body_length || total <= last ||
		(last + 1 != total && result->body_length != range->length) ||
		result->body_length > range->length)
		raise_mismatch(request, "another range");
	if (version != NULL && spec->parameter_count == 1 &&
		strcmp(version, spec->parameters[0].value) != 0)
		raise_mismatch(request, "another version");
	if (range->etag == NULL)
		range->etag = pstrdup(etag);
	if (range->size == 0)
		range->size = total;
	if (strcmp(range->etag, etag) != 0 || range->size != total)
		raise_superseded(request);
	range->length = result->body_length;
	range->data = result->body;
}

/* The end of a range. */
void
sfdw_s3_get_finish(SfdwRequest *request, SfdwS3Range *range)
{
	const SfdwRequestResult *result = sfdw_request_finish(request);

	check_status(request, result);
	if (result->status != 416)
		check_range(request, range);
	else if (range->size == 0 && range->offset == 0)
		range->length = 0;		/* an empty object */
	else
		raise_mismatch(request, "fewer bytes");
}
