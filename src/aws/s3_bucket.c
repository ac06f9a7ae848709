/*-------------------------------------------------------------------------
 * s3_bucket.c
 *		What a bucket is: versioning, MFA delete, Object Lock
 *-------------------------------------------------------------------------
 */
#include "aws/s3.h"

#include "aws/answer_pg.h"

/* Ask a question about the bucket whose answer has a state. */
static SfdwRequest *
ask_bucket(const SfdwAwsServer *server, const char *operation,
		   const char *permission, const char *parameter_name)
{
	SfdwUriParameter parameter = {parameter_name, ""};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = operation,
		.permission = permission,
		.subject = psprintf("s3://%s/", server->bucket),
		.method = "GET",
		.parameters = &parameter,
		.parameter_count = 1,
		.max_body = SFDW_REQUEST_MAX_ERROR,
		.repeat = SFDW_REPEAT_SAME,
	};
	SfdwRequest *request = sfdw_request_start(&spec);

	sfdw_request_finish(request);
	return request;
}

/* Whether the bucket keeps versions. */
SfdwS3Versioning
sfdw_s3_versioning(const SfdwAwsServer *server, bool *needs_mfa)
{
	SfdwRequest *request = ask_bucket(server, "GetBucketVersioning",
									  "s3:GetBucketVersioning", "versioning");
	SfdwS3Versioning versioning = SFDW_S3_UNVERSIONED;
	SfdwAnswerPg *answer;

	if (sfdw_request_finish(request)->end != SFDW_REQUEST_OK)
		sfdw_request_raise(request);
	answer = sfdw_answer_pg_read(request, SFDW_ANSWER_VERSIONING);
	if (strcmp(answer->fields.state, "Enabled") == 0)
		versioning = SFDW_S3_ENABLED;
	else if (strcmp(answer->fields.state, "Suspended") == 0)
		versioning = SFDW_S3_SUSPENDED;
	*needs_mfa = strcmp(answer->fields.mfa_delete, "Enabled") == 0;
	sfdw_answer_pg_free(answer);
	sfdw_request_free(request);
	return versioning;
}

/* Whether an answer says that there is no lock, or no such thing at all. */
static bool
says_unlocked(const SfdwRequestResult *result)
{
	return result->end == SFDW_REQUEST_ERROR &&
		(strcmp(result->code, "ObjectLockConfigurationNotFoundError") == 0 ||
		 strcmp(result->code, "NotImplemented") == 0);
}

/* Whether the bucket has Object Lock. */
SfdwS3Lock
sfdw_s3_object_lock(const SfdwAwsServer *server, char **why)
{
	SfdwRequest *request = ask_bucket(server, "GetObjectLockConfiguration",
									  "s3:GetBucketObjectLockConfiguration",
									  "object-lock");
	const SfdwRequestResult *result = sfdw_request_finish(request);
	SfdwS3Lock	lock = SFDW_S3_UNLOCKED;

	if (result->end == SFDW_REQUEST_OK)
	{
		SfdwAnswerPg *answer = sfdw_answer_pg_read(request,
												   SFDW_ANSWER_OBJECT_LOCK);

		if (strcmp(answer->fields.state, "Enabled") == 0)
			lock = SFDW_S3_LOCKED;
		sfdw_answer_pg_free(answer);
	}
	else if (!says_unlocked(result))
	{
		lock = SFDW_S3_LOCK_UNKNOWN;
		*why = result->status == 0 ? pstrdup("the service did not answer") :
			psprintf("the service answered with status %d, code \"%s\"",
					 result->status, result->code);
	}
	sfdw_request_free(request);
	return lock;
}
