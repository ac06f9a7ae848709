/*-------------------------------------------------------------------------
 * s3_write.c
 *		Objects that are written: whole, in parts, from another's bytes
 *
 * Each write carries a token in the object's metadata.  When the answer to one
 * was lost, what the key has now tells whether it happened.
 *-------------------------------------------------------------------------
 */
#include "aws/s3.h"

#include <time.h>

#include "aws/answer_pg.h"
#include "aws/credentials.h"
#include "aws/digest.h"
#include "core/errors.h"
#include "core/memory_pg.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"

#define TOKEN_HEADER "x-amz-meta-salesforce-fdw-token"
#define TOKEN_BYTES 16

/* Token, type, checksum, condition, encryption (2), class, and one to spare. */
#define MAX_HEADERS 8

/* More digits than a part's number has. */
#define NUMBER_SIZE 16

/* Headers of a write, with what they point to. */
typedef struct Headers
{
	SfdwHttpHeader items[MAX_HEADERS];
	size_t		count;
} Headers;

/* An object's URL, for messages. */
static const char *
object_url(const SfdwAwsServer *server, const char *key)
{
	return psprintf("s3://%s/%s", server->bucket, key);
}

/* A token that no other write has. */
char *
sfdw_s3_token(void)
{
	unsigned char bytes[TOKEN_BYTES];
	StringInfoData token;

	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not generate a random token"));
	initStringInfo(&token);
	for (int i = 0; i < TOKEN_BYTES; i++)
		appendStringInfo(&token, "%02x", bytes[i]);
	return token.data;
}

/* Add a header unless it has no value. */
static void
add(Headers *headers, const char *name, const char *value)
{
	if (value != NULL)
		headers->items[headers->count++] = (SfdwHttpHeader) {name, value};
}

/* What is said when an object is made: how it is kept, and by whom. */
static void
add_creation(Headers *headers, const SfdwAwsServer *server, const char *token)
{
	add(headers, TOKEN_HEADER, token);
	add(headers, "x-amz-server-side-encryption", server->encryption);
	add(headers, "x-amz-server-side-encryption-aws-kms-key-id",
		server->kms_key_id);
	add(headers, "x-amz-storage-class", server->storage_class);
}

/* The condition of a write. */
static void
add_condition(Headers *headers, const SfdwS3Condition *condition)
{
	if (condition != NULL)
	{
		add(headers, "if-match", condition->if_match);
		add(headers, "if-none-match", condition->is_new ? "*" : NULL);
	}
}

/*
 * What became of a write whose request is finished.  An answer that was lost
 * is found by the token; so is the refusal of a repeated request that had
 * succeeded before.
 */
static SfdwS3Write
judge(SfdwRequest *request, const char *token, char **version_id)
{
	const SfdwRequestSpec *spec = sfdw_request_spec(request);
	const SfdwRequestResult *result = sfdw_request_finish(request);
	const char *version = sfdw_request_header(request, "x-amz-version-id");
	SfdwS3Object *object;

	if (result->end == SFDW_REQUEST_OK)
	{
		*version_id = pstrdup(version == NULL ? "null" : version);
		return SFDW_S3_WRITTEN;
	}
	if (result->end != SFDW_REQUEST_AMBIGUOUS && result->status != 412 &&
		result->status != 409 && result->status != 404)
		sfdw_request_raise(request);
	object = sfdw_s3_head(spec->server, spec->key, NULL);
	if (object != NULL && strcmp(object->token, token) == 0)
	{
		*version_id = object->version_id;
		return SFDW_S3_WRITTEN;
	}
	if (result->end == SFDW_REQUEST_AMBIGUOUS)
		return SFDW_S3_UNKNOWN;
	return result->status == 404 ? SFDW_S3_NO_SOURCE : SFDW_S3_CONDITION;
}

/* Write a whole object. */
SfdwS3Write
sfdw_s3_put(const SfdwAwsServer *server, const char *key, const char *data,
			size_t length, const SfdwS3Condition *condition,
			char **version_id)
{
	char	   *token = sfdw_s3_token();
	char		checksum[SFDW_CRC32C_BASE64_SIZE];
	Headers		headers = {0};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "PutObject",
		.permission = "s3:PutObject",
		.subject = object_url(server, key),
		.method = "PUT",
		.key = key,
		.headers = headers.items,
		.body = data,
		.body_length = length,
		.repeat = condition == NULL ? SFDW_REPEAT_SAME : SFDW_REPEAT_DIFFERS,
		.is_large = true,
	};
	SfdwRequest *request;
	SfdwS3Write outcome;

	sfdw_digest_crc32c(data, length, checksum);
	add(&headers, "content-type", "application/octet-stream");
	add(&headers, "x-amz-checksum-crc32c", checksum);
	add_creation(&headers, server, token);
	add_condition(&headers, condition);
	spec.header_count = headers.count;
	request = sfdw_request_start(&spec);
	outcome = judge(request, token, version_id);
	if (outcome == SFDW_S3_NO_SOURCE)	/* 404: there is no such bucket */
		sfdw_request_raise(request);
	sfdw_request_free(request);
	return outcome;
}

/* Start an upload in parts. */
SfdwS3Writing *
sfdw_s3_upload_create(const SfdwAwsServer *server, const char *key,
					  bool has_checksums)
{
	SfdwS3Writing *writing = palloc0(sizeof(SfdwS3Writing));
	SfdwUriParameter parameter = {"uploads", ""};
	Headers		headers = {0};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "CreateMultipartUpload",
		.permission = "s3:PutObject",
		.subject = object_url(server, key),
		.method = "POST",
		.key = key,
		.parameters = &parameter,
		.parameter_count = 1,
		.headers = headers.items,
		.max_body = SFDW_REQUEST_MAX_ERROR,
		.repeat = SFDW_REPEAT_SAME,
		.checks_body = true,
	};
	SfdwRequest *request;
	SfdwAnswerPg *answer;

	writing->server = server;
	writing->key = pstrdup(key);
	writing->token = sfdw_s3_token();
	add(&headers, "x-amz-checksum-algorithm", has_checksums ? "CRC32C" : NULL);
	add(&headers, "content-type", "application/octet-stream");
	add_creation(&headers, server, writing->token);
	spec.header_count = headers.count;
	request = sfdw_request_run(&spec);
	answer = sfdw_answer_pg_read(request, SFDW_ANSWER_UPLOAD);
	writing->upload_id = pstrdup(answer->fields.upload_id);
	sfdw_answer_pg_free(answer);
	sfdw_request_free(request);
	return writing;
}

/* What the request of a part keeps. */
typedef struct PartRequest
{
	SfdwUriParameter parameters[2];
	char		number[NUMBER_SIZE];
	char		checksum[SFDW_CRC32C_BASE64_SIZE];
	char		range[64];
	Headers		headers;
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
		.subject = object_url(writing->server, writing->key),
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
	add(&part->headers, "x-amz-checksum-crc32c", part->checksum);
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
	if (strcmp(copy->version_id, "null") != 0)
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

	add(&part->headers, "x-amz-copy-source", copy_source(writing->server, copy));
	add(&part->headers, "x-amz-copy-source-if-match", copy->etag);
	if (copy->length > 0)
	{
		snprintf(part->range, sizeof(part->range),
				 "bytes=" UINT64_FORMAT "-" UINT64_FORMAT, copy->offset,
				 copy->offset + copy->length - 1);
		add(&part->headers, "x-amz-copy-source-range", part->range);
	}
	spec.header_count = part->headers.count;
	spec.operation = "UploadPartCopy";
	spec.checks_body = true;
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
	Headers		headers = {0};
	SfdwRequestSpec spec = {
		.server = writing->server,
		.service = SFDW_SERVICE_S3,
		.operation = "CompleteMultipartUpload",
		.permission = "s3:PutObject",
		.subject = object_url(writing->server, writing->key),
		.method = "POST",
		.key = writing->key,
		.parameters = &parameter,
		.parameter_count = 1,
		.headers = headers.items,
		.body = list_parts(parts),
		.max_body = SFDW_REQUEST_MAX_ERROR,
		.repeat = SFDW_REPEAT_DIFFERS,
		.checks_body = true,
		.is_large = true,
	};
	SfdwRequest *request;
	SfdwS3Write outcome;

	spec.body_length = strlen(spec.body);
	add(&headers, "content-type", "application/xml");
	add_condition(&headers, condition);
	spec.header_count = headers.count;
	request = sfdw_request_start(&spec);
	outcome = judge(request, writing->token, version_id);
	sfdw_request_free(request);
	return outcome;
}

/* Abort an upload. */
void
sfdw_s3_upload_abort(const SfdwS3Writing *writing)
{
	const SfdwAwsKeys *keys = sfdw_credentials_cached(writing->server);
	SfdwUriParameter parameter = {"uploadId", writing->upload_id};
	SfdwRequestSpec spec = {
		.server = writing->server,
		.service = SFDW_SERVICE_S3,
		.subject = writing->key,
		.method = "DELETE",
		.key = writing->key,
		.parameters = &parameter,
		.parameter_count = 1,
		.repeat = SFDW_REPEAT_SAME,
		.timeout_ms = SFDW_S3_ABORT_MS,
	};
	SfdwHttp   *http;
	int			status = 0;

	HOLD_INTERRUPTS();
	if (keys != NULL)
	{
		http = sfdw_signed_start(&spec, keys, sfdw_aws_region(writing->server),
								 (int64) time(NULL));
		status = sfdw_http_wait(http)->status;
		sfdw_http_free(http);
	}
	RESUME_INTERRUPTS();
	if (status / 100 != 2 && status != 404)
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
		.subject = object_url(server, upload->key),
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
