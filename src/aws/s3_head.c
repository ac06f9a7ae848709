/*-------------------------------------------------------------------------
 * s3_head.c
 *		One object of a bucket: what it is, and whether it is locked
 *-------------------------------------------------------------------------
 */
#include "aws/s3.h"

#include "utils/timestamp.h"

/* The metadata by which a writer recognises its object. */
#define TOKEN_HEADER "x-amz-meta-salesforce-fdw-token"

/* A header's value in the current context, or the fallback. */
static char *
header_text(SfdwRequest *request, const char *name, const char *fallback)
{
	const char *value = sfdw_request_header(request, name);

	return pstrdup(value == NULL ? fallback : value);
}

/* What the headers of a HEAD say. */
static SfdwS3Object *
read_object(SfdwRequest *request)
{
	SfdwS3Object *object = palloc0(sizeof(SfdwS3Object));
	const char *date = sfdw_request_header(request, "last-modified");
	int64_t		seconds = 0;

	object->token = header_text(request, TOKEN_HEADER, "");
	object->version_id = header_text(request, "x-amz-version-id", SFDW_S3_NULL_VERSION);
	object->etag = header_text(request, "etag", "");
	object->size = strtoll(header_text(request, "content-length", "0"), NULL, 10);
	if (date != NULL && sfdw_retry_parse_date(date, &seconds))
		object->last_modified = time_t_to_timestamptz(seconds);
	return object;
}

/*
 * The answer to a HEAD has no body, so a refusal does not say why: a GET of one
 * byte does, and is repeated as the reason asks for (other credentials,
 * another clock).  Raises when that is refused too.
 */
static void
learn_reason(const SfdwAwsServer *server, const char *key,
			 const char *version_id)
{
	SfdwRequest *request = sfdw_s3_get_start(server, key, version_id, NULL, 0, 1);
	const SfdwRequestResult *result = sfdw_request_finish(request);

	if (result->end != SFDW_REQUEST_OK && result->status != 404 &&
		result->status != 416)
		sfdw_request_raise(request);
	sfdw_request_free(request);
}

/* Ask for what is under a key. */
static SfdwRequest *
ask_head(const SfdwAwsServer *server, const char *key, const char *version_id)
{
	SfdwUriParameter *parameter = palloc(sizeof(SfdwUriParameter));
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "HeadObject",
		.permission = version_id == NULL ? "s3:GetObject" : "s3:GetObjectVersion",
		.subject = psprintf("s3://%s/%s", server->bucket, key),
		.method = "HEAD",
		.key = key,
		.parameters = parameter,
		.parameter_count = version_id == NULL ? 0 : 1,
		.repeat = SFDW_REPEAT_SAME,
	};
	SfdwRequest *request;

	*parameter = (SfdwUriParameter) {"versionId", version_id};
	request = sfdw_request_start(&spec);
	sfdw_request_finish(request);
	return request;
}

/* Whether HEAD says that there is nothing: no object, or a delete marker. */
static bool
is_absent(const SfdwRequestResult *result)
{
	return result->status == 404 || result->status == 405;
}

/* What is under a key, by this version or the current one. */
static SfdwS3Object *
head(const SfdwAwsServer *server, const char *key, const char *version_id)
{
	SfdwRequest *request = ask_head(server, key, version_id);
	const SfdwRequestResult *result = sfdw_request_finish(request);
	SfdwS3Object *object = NULL;

	if (result->end == SFDW_REQUEST_ERROR && !is_absent(result))
	{
		learn_reason(server, key, version_id);
		sfdw_request_free(request);
		request = ask_head(server, key, version_id);
		result = sfdw_request_finish(request);
	}
	if (result->end == SFDW_REQUEST_OK)
		object = read_object(request);
	else if (!is_absent(result))
		sfdw_request_raise(request);
	sfdw_request_free(request);
	return object;
}

/*
 * What is under a key.  Where a bucket has no versions, not every server knows
 * its objects by the version "null", so the current one is asked for first.
 */
SfdwS3Object *
sfdw_s3_head(const SfdwAwsServer *server, const char *key,
			 const char *version_id)
{
	SfdwS3Object *current;

	if (version_id == NULL || strcmp(version_id, SFDW_S3_NULL_VERSION) != 0)
		return head(server, key, version_id);
	current = head(server, key, NULL);
	if (current != NULL && strcmp(current->version_id, SFDW_S3_NULL_VERSION) == 0)
		return current;
	return head(server, key, version_id);
}

/* What locks a version.  Headers for which one has no right are left out. */
bool
sfdw_s3_version_lock(const SfdwAwsServer *server, const char *key,
					 const char *version_id, SfdwS3VersionLock *lock)
{
	SfdwRequest *request = ask_head(server, key, version_id);
	bool		is_answered =
		sfdw_request_finish(request)->end == SFDW_REQUEST_OK;

	memset(lock, 0, sizeof(*lock));
	if (is_answered)
	{
		lock->is_held = strcmp(header_text(request, "x-amz-object-lock-legal-hold", ""),
							   "ON") == 0;
		if (sfdw_request_header(request, "x-amz-object-lock-mode") != NULL)
		{
			lock->mode = header_text(request, "x-amz-object-lock-mode", "");
			lock->until = header_text(request, "x-amz-object-lock-retain-until-date",
									  "");
		}
	}
	sfdw_request_free(request);
	return is_answered;
}
