/*-------------------------------------------------------------------------
 * s3_write.c
 *		Objects that are written in one request, and what became of a write
 *-------------------------------------------------------------------------
 */
#include "aws/s3_write.h"

#include "aws/digest.h"
#include "lib/stringinfo.h"

#define TOKEN_HEADER "x-amz-meta-salesforce-fdw-token"
#define TOKEN_BYTES 16

/* How often a write is sent whose answer is lost each time, and the pause. */
#define MAX_WRITES 4
#define WRITE_PAUSE_MS 100

/* An object's URL, for messages. */
const char *
sfdw_s3_url(const SfdwAwsServer *server, const char *key)
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
void
sfdw_s3_add(SfdwS3Headers *headers, const char *name, const char *value)
{
	if (value != NULL)
		headers->items[headers->count++] = (SfdwHttpHeader) {name, value};
}

/* What is said when an object is made: how it is kept, and by whom. */
void
sfdw_s3_add_creation(SfdwS3Headers *headers, const SfdwAwsServer *server, const char *token)
{
	sfdw_s3_add(headers, TOKEN_HEADER, token);
	sfdw_s3_add(headers, "x-amz-server-side-encryption", server->encryption);
	sfdw_s3_add(headers, "x-amz-server-side-encryption-aws-kms-key-id",
		server->kms_key_id);
	sfdw_s3_add(headers, "x-amz-storage-class", server->storage_class);
}

/* The condition of a write. */
void
sfdw_s3_add_condition(SfdwS3Headers *headers, const SfdwS3Condition *condition)
{
	if (condition != NULL)
	{
		sfdw_s3_add(headers, "if-match", condition->if_match);
		sfdw_s3_add(headers, "if-none-match", condition->is_new ? "*" : NULL);
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

/* Write until it is known what became of it. */
SfdwS3Write
sfdw_s3_write(const SfdwRequestSpec *spec, const char *token, char **version_id)
{
	for (int attempt = 1;; attempt++)
	{
		SfdwRequest *request = sfdw_request_start(spec);
		SfdwS3Write outcome = judge(request, token, version_id);

		sfdw_request_free(request);
		if (outcome != SFDW_S3_UNKNOWN || attempt == MAX_WRITES)
			return outcome;
		sfdw_http_sleep(WRITE_PAUSE_MS << attempt);
	}
}

/* Write a whole object. */
SfdwS3Write
sfdw_s3_put(const SfdwAwsServer *server, const char *key, const char *data,
			size_t length, const SfdwS3Condition *condition,
			char **version_id)
{
	char	   *token = sfdw_s3_token();
	char		checksum[SFDW_CRC32C_BASE64_SIZE];
	SfdwS3Headers		headers = {0};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "PutObject",
		.permission = "s3:PutObject",
		.subject = sfdw_s3_url(server, key),
		.method = "PUT",
		.key = key,
		.headers = headers.items,
		.body = data,
		.body_length = length,
		.repeat = SFDW_REPEAT_DIFFERS,
		.is_large = true,
	};
	SfdwS3Write outcome;

	sfdw_digest_crc32c(data, length, checksum);
	sfdw_s3_add(&headers, "content-type", "application/octet-stream");
	sfdw_s3_add(&headers, "x-amz-checksum-crc32c", checksum);
	sfdw_s3_add_creation(&headers, server, token);
	sfdw_s3_add_condition(&headers, condition);
	spec.header_count = headers.count;
	outcome = sfdw_s3_write(&spec, token, version_id);
	if (outcome == SFDW_S3_NO_SOURCE)	/* 404 */
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("bucket \"%s\" does not exist", server->bucket));
	return outcome;
}
