/*-------------------------------------------------------------------------
 * glue.c
 *		Requests to the AWS Glue Data Catalog
 *-------------------------------------------------------------------------
 */
#include "aws/glue.h"

#include "aws/request.h"

#define CONTENT_TYPE "application/x-amz-json-1.1"
#define TARGET_PREFIX "AWSGlue."

/* The errors that are outcomes. */
static const struct
{
	const char *code;
	SfdwGlueEnd end;
}			outcomes[] = {
	{"EntityNotFoundException", SFDW_GLUE_ABSENT},
	{"AlreadyExistsException", SFDW_GLUE_EXISTS},
	{"ConcurrentModificationException", SFDW_GLUE_CHANGED},
};

/* What an answer means; raises for an error that is no outcome. */
static SfdwGlueEnd
end_of(SfdwRequest *request)
{
	const SfdwRequestResult *result = sfdw_request_finish(request);

	if (result->end == SFDW_REQUEST_OK)
		return SFDW_GLUE_DONE;
	if (result->end == SFDW_REQUEST_AMBIGUOUS)
		return SFDW_GLUE_UNKNOWN;
	for (int i = 0; i < (int) lengthof(outcomes); i++)
	{
		if (strcmp(result->code, outcomes[i].code) == 0)
			return outcomes[i].end;
	}
	sfdw_request_raise(request);
	return SFDW_GLUE_UNKNOWN;	/* keep compiler quiet */
}

/* Make a request. */
SfdwGlueEnd
sfdw_glue_call(const SfdwAwsServer *server, const char *operation,
			   bool is_update, const char *subject, const char *body,
			   char **answer)
{
	SfdwHttpHeader headers[2] = {
		{"content-type", CONTENT_TYPE},
		{"x-amz-target", psprintf(TARGET_PREFIX "%s", operation)},
	};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_GLUE,
		.operation = operation,
		.permission = psprintf("glue:%s", operation),
		.subject = subject,
		.method = "POST",
		.headers = headers,
		.header_count = lengthof(headers),
		.body = body,
		.body_length = strlen(body),
		.max_body = SFDW_GLUE_MAX_ANSWER,
		.repeat = is_update ? SFDW_REPEAT_DIFFERS : SFDW_REPEAT_SAME,
	};
	SfdwRequest *request = sfdw_request_start(&spec);
	SfdwGlueEnd end = end_of(request);

	if (answer != NULL)
		*answer = end == SFDW_GLUE_DONE ?
			pstrdup(sfdw_request_finish(request)->body) : NULL;
	sfdw_request_free(request);
	return end;
}
