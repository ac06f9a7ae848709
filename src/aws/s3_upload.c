/*-------------------------------------------------------------------------
 * s3_upload.c
 *		Objects that are written in parts, of one's own bytes or another's
 *-------------------------------------------------------------------------
 */
#include "aws/s3_write.h"

#include "aws/answer_pg.h"
#include "aws/clock.h"
#include "aws/credentials.h"
#include "aws/digest.h"
#include "aws/http_sockets.h"
#include "core/errors.h"
#include "core/memory_pg.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

/* More digits than a part's number has. */
#define NUMBER_SIZE 16

/* Services tell when an upload began to the second. */
#define CLOCK_TICK_MS 1000

/* After an abort, until one asks what is left. */
#define ABORT_PAUSE_MS 25

/*
 * A request that was repeated may have started more than one upload: abort
 * those of the key that began between the first attempt and the last, by the
 * service's clock.
 */
static void
abort_strays(const SfdwS3Writing *writing, int64 elapsed_ms)
{
	SfdwS3Page	page = {0};
	List	   *uploads = NIL;
	bool		is_denied = false;
	TimestampTz ours = 0;
	ListCell   *cell;

	while (!page.done)
	{
		CHECK_FOR_INTERRUPTS();
		uploads = list_concat(uploads, sfdw_s3_list_uploads(writing->server,
															writing->key, &page,
															&is_denied));
		if (is_denied)
			return;
	}
	foreach(cell, uploads)
	{
		SfdwS3Upload *upload = lfirst(cell);

		if (strcmp(upload->upload_id, writing->upload_id) == 0)
			ours = upload->initiated;
	}
	foreach(cell, uploads)
	{
		SfdwS3Upload *upload = lfirst(cell);
		int64		before_ms = (ours - upload->initiated) / 1000;

		if (ours != 0 && strcmp(upload->key, writing->key) == 0 &&
			strcmp(upload->upload_id, writing->upload_id) != 0 &&
			before_ms >= 0 && before_ms <= elapsed_ms + CLOCK_TICK_MS)
			sfdw_s3_abort_listed(writing->server, upload);
	}
}

/* Start an upload in parts. */
void
sfdw_s3_upload_create(const SfdwAwsServer *server, const char *key,
					  bool has_checksums, SfdwS3Writing **made)
{
	SfdwS3Writing *writing = palloc0(sizeof(SfdwS3Writing));
	SfdwUriParameter parameter = {"uploads", ""};
	SfdwS3Headers		headers = {0};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "CreateMultipartUpload",
		.permission = "s3:PutObject",
		.subject = sfdw_s3_url(server, key),
		.method = "POST",
		.key = key,
		.parameters = &parameter,
		.parameter_count = 1,
		.headers = headers.items,
		.max_body = SFDW_REQUEST_MAX_ERROR,
		.repeat = SFDW_REPEAT_SAME,
		.checks_body = true,
	};
	TimestampTz begun = GetCurrentTimestamp();
	SfdwRequest *request;
	SfdwAnswerPg *answer;

	writing->server = server;
	writing->key = pstrdup(key);
	writing->token = sfdw_s3_token();
	sfdw_s3_add(&headers, "x-amz-checksum-algorithm", has_checksums ? "CRC32C" : NULL);
	sfdw_s3_add(&headers, "content-type", "application/octet-stream");
	sfdw_s3_add_creation(&headers, server, writing->token);
	spec.header_count = headers.count;
	request = sfdw_request_run(&spec);
	answer = sfdw_answer_pg_read(request, SFDW_ANSWER_UPLOAD);
	writing->upload_id = pstrdup(answer->fields.upload_id);
	*made = writing;
	sfdw_answer_pg_free(answer);
	if (sfdw_request_finish(request)->stats.retries > 0)
		abort_strays(writing, (GetCurrentTimestamp() - begun) / 1000);
	sfdw_request_free(request);
}

/* What the request of a part keeps. */
typedef struct PartRequest
{
	SfdwUriParameter parameters[2];
	char		number[NUMBER_SIZE];
	char		checksum[SFDW_CRC32C_BASE64_SIZE];
	char		range[64];
	SfdwS3Headers		headers;
} PartRequest;

/* The spec of a part. */
static PartRequest *
describe_part(const SfdwS3Writing *writing, int number, SfdwRequestSpec *spec)
{
	PartRequest *part = palloc0(sizeof(PartRequest));

	snprintf(part->number, sizeof(part->number), "%d", number);
	part->parameters[0] = (SfdwUriParameter) {"partNumber", part->number};
	part->parameters[1] = (SfdwUriParameter) {"uploadId", writing->upload_id};
	*spec = (SfdwRequestSpec) {
		.server = writing->server,
		.service = SFDW_SERVICE_S3,
		.operation = "UploadPart",
		.permission = "s3:PutObject",
		.subject = sfdw_s3_url(writing->server, writing->key),
		.method = "PUT",
		.key = writing->key,
		.parameters = part->parameters,
		.parameter_count = 2,
		.headers = part->headers.items,
		.max_body = SFDW_REQUEST_MAX_ERROR,
		.repeat = SFDW_REPEAT_SAME,
		.is_large = true,
	};
	return part;
}

/* Start to send a part. */
SfdwRequest *
sfdw_s3_upload_part_start(const SfdwS3Writing *writing, int number,
						  const char *data, size_t length)
{
	SfdwRequestSpec spec;
	PartRequest *part = describe_part(writing, number, &spec);

	sfdw_digest_crc32c(data, length, part->checksum);
	sfdw_s3_add(&part->headers, "x-amz-checksum-crc32c", part->checksum);
	spec.header_count = part->headers.count;
	spec.body = data;
	spec.body_length = length;
	return sfdw_request_start(&spec);
}

/* A part that was sent. */
SfdwS3Part *
sfdw_s3_upload_part_finish(SfdwRequest *request)
{
	SfdwS3Part *part = palloc0(sizeof(SfdwS3Part));
	const char *etag;
	const char *checksum;

	if (sfdw_request_finish(request)->end != SFDW_REQUEST_OK)
		sfdw_request_raise(request);
	etag = sfdw_request_header(request, "etag");
	checksum = sfdw_request_header(request, "x-amz-checksum-crc32c");
	if (etag == NULL)
		ereport(ERROR,
				errcode(ERRCODE_PROTOCOL_VIOLATION),
				errmsg("the answer to UploadPart of \"%s\" has no ETag",
					   sfdw_request_spec(request)->subject));
	part->etag = pstrdup(etag);
	part->checksum = checksum == NULL ? NULL : pstrdup(checksum);
	sfdw_request_free(request);
	return part;
}

/*
 * The header that names what is copied.  Not every server knows objects of a
 * bucket without versions by "null"; there the ETag is the condition.
 */
static char *
copy_source(const SfdwAwsServer *server, const SfdwS3Copy *copy)
{
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	SfdwBuffer	source;
	SfdwStatus	status = {0};
	const char *head = psprintf("/%s/", server->bucket);

	sfdw_buffer_init(&source, &memory, 8 * SFDW_URI_MAX_KEY_LENGTH);
	sfdw_buffer_append(&source, head, strlen(head), &status);
	sfdw_uri_encode(&source, copy->key, strlen(copy->key), true, &status);
	if (strcmp(copy->version_id, SFDW_S3_NULL_VERSION) != 0)
	{
		sfdw_buffer_append(&source, "?versionId=", strlen("?versionId="), &status);
		sfdw_uri_encode(&source, copy->version_id, strlen(copy->version_id),
						false, &status);
	}
	sfdw_buffer_append(&source, "", 1, &status);
	if (status.code != SFDW_OK)
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not name the source of a copy: %s", status.message));
	return source.data;
}

/* Copy bytes of a version into a part. */
SfdwS3Part *
sfdw_s3_upload_part_copy(const SfdwS3Writing *writing, int number,
						 const SfdwS3Copy *copy)
{
	SfdwRequestSpec spec;
	PartRequest *part = describe_part(writing, number, &spec);
	SfdwRequest *request;
	const SfdwRequestResult *result;
	SfdwS3Part *copied = NULL;

	sfdw_s3_add(&part->headers, "x-amz-copy-source", copy_source(writing->server, copy));
	sfdw_s3_add(&part->headers, "x-amz-copy-source-if-match", copy->etag);
	if (copy->length > 0)
	{
		snprintf(part->range, sizeof(part->range),
				 "bytes=" UINT64_FORMAT "-" UINT64_FORMAT, copy->offset,
				 copy->offset + copy->length - 1);
		sfdw_s3_add(&part->headers, "x-amz-copy-source-range", part->range);
	}
	spec.header_count = part->headers.count;
	spec.operation = "UploadPartCopy";
	spec.checks_body = true;
	spec.is_slow = true;
	request = sfdw_request_start(&spec);
	result = sfdw_request_finish(request);
	if (result->end == SFDW_REQUEST_OK)
	{
		SfdwAnswerPg *answer = sfdw_answer_pg_read(request, SFDW_ANSWER_PART_COPY);

		copied = palloc0(sizeof(SfdwS3Part));
		copied->etag = pstrdup(answer->fields.etag);
		sfdw_answer_pg_free(answer);
	}
	else if (result->status != 412 && result->status != 404)
		sfdw_request_raise(request);
	sfdw_request_free(request);
	return copied;
}

/* The list of parts that completes an upload. */
static char *
list_parts(List *parts)
{
	StringInfoData xml;
	ListCell   *cell;

	initStringInfo(&xml);
	appendStringInfoString(&xml, "<CompleteMultipartUpload>");
	foreach(cell, parts)
	{
		const SfdwS3Part *part = lfirst(cell);

		appendStringInfo(&xml, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag>",
						 foreach_current_index(cell) + 1, part->etag);
		if (part->checksum != NULL)
			appendStringInfo(&xml, "<ChecksumCRC32C>%s</ChecksumCRC32C>",
							 part->checksum);
		appendStringInfoString(&xml, "</Part>");
	}
	appendStringInfoString(&xml, "</CompleteMultipartUpload>");
	return xml.data;
}

/* Complete an upload. */
SfdwS3Write
sfdw_s3_upload_complete(const SfdwS3Writing *writing, List *parts,
						const SfdwS3Condition *condition, char **version_id)
{
	SfdwUriParameter parameter = {"uploadId", writing->upload_id};
	SfdwS3Headers		headers = {0};
	SfdwRequestSpec spec = {
		.server = writing->server,
		.service = SFDW_SERVICE_S3,
		.operation = "CompleteMultipartUpload",
		.permission = "s3:PutObject",
		.subject = sfdw_s3_url(writing->server, writing->key),
		.method = "POST",
		.key = writing->key,
		.parameters = &parameter,
		.parameter_count = 1,
		.headers = headers.items,
		.body = list_parts(parts),
		.max_body = SFDW_REQUEST_MAX_ERROR,
		.repeat = SFDW_REPEAT_DIFFERS,
		.checks_body = true,
		.is_slow = true,
	};

	spec.body_length = strlen(spec.body);
	sfdw_s3_add(&headers, "content-type", "application/xml");
	sfdw_s3_add_condition(&headers, condition);
	spec.header_count = headers.count;
	return sfdw_s3_write(&spec, writing->token, version_id);
}

/* Ask or tell something of an upload, with the keys at hand; the status. */
static int
tell_upload(const SfdwS3Writing *writing, const SfdwAwsKeys *keys,
			const char *method, int timeout_ms)
{
	SfdwUriParameter parameter = {"uploadId", writing->upload_id};
	SfdwRequestSpec spec = {
		.server = writing->server,
		.service = SFDW_SERVICE_S3,
		.subject = writing->key,
		.method = method,
		.key = writing->key,
		.parameters = &parameter,
		.parameter_count = 1,
		.max_body = SFDW_REQUEST_MAX_ERROR,
		.repeat = SFDW_REPEAT_SAME,
		.timeout_ms = timeout_ms,
	};
	SfdwHttp   *http = sfdw_signed_start(&spec, keys,
										 sfdw_aws_region(writing->server,
														 SFDW_SERVICE_S3),
										 sfdw_clock_now());
	int			status = sfdw_http_wait(http)->status;

	sfdw_http_free(http);
	return status;
}

/* Whether an answer, or that there was none, says nothing of the upload. */
static bool
is_passing(int status)
{
	return status == 0 || status == 429 || status >= 500;
}

/*
 * Abort an upload until nothing is left of it: a part that was on its way may
 * arrive after an abort, and is kept then.  False when the time did not do.
 */
static bool
abort_until_gone(const SfdwS3Writing *writing, const SfdwAwsKeys *keys,
				 int timeout_ms)
{
	TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
												  timeout_ms);
	int			status;

	do
	{
		status = tell_upload(writing, keys, "DELETE", timeout_ms);
		if (status / 100 != 2 && !is_passing(status))
			return status == 404;
		sfdw_http_sleep(ABORT_PAUSE_MS);
		timeout_ms = (end - GetCurrentTimestamp()) / 1000;
		if (!is_passing(status) && timeout_ms > 0)
			status = tell_upload(writing, keys, "GET", timeout_ms);
		timeout_ms = (end - GetCurrentTimestamp()) / 1000;
	} while ((status == 200 || is_passing(status)) && timeout_ms > 0);
	/* Where one may not ask, the first answer has to do. */
	return status == 404 || status == 403;
}

/* Abort an upload. */
void
sfdw_s3_upload_abort(const SfdwS3Writing *writing)
{
	const SfdwAwsKeys *keys = sfdw_credentials_cached(writing->server);
	bool		is_aborted = false;

	HOLD_INTERRUPTS();
	if (keys != NULL)
		is_aborted = abort_until_gone(writing, keys,
									  sfdw_sockets_were_interrupted() ?
									  SFDW_S3_HASTY_ABORT_MS : SFDW_S3_ABORT_MS);
	RESUME_INTERRUPTS();
	if (!is_aborted)
		ereport(LOG,
				errmsg("could not abort the unfinished upload of \"s3://%s/%s\"",
					   writing->server->bucket, writing->key));
}

/* Abort an upload of a listing. */
void
sfdw_s3_abort_listed(const SfdwAwsServer *server, const SfdwS3Upload *upload)
{
	SfdwUriParameter parameter = {"uploadId", upload->upload_id};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "AbortMultipartUpload",
		.permission = "s3:AbortMultipartUpload",
		.subject = sfdw_s3_url(server, upload->key),
		.method = "DELETE",
		.key = upload->key,
		.parameters = &parameter,
		.parameter_count = 1,
		.repeat = SFDW_REPEAT_SAME,
	};
	SfdwRequest *request = sfdw_request_start(&spec);
	const SfdwRequestResult *result = sfdw_request_finish(request);

	if (result->end != SFDW_REQUEST_OK && result->status != 404)
		sfdw_request_raise(request);
	sfdw_request_free(request);
}
