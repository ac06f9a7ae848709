/*-------------------------------------------------------------------------
 * glue.c
 *		Requests to the AWS Glue Data Catalog
 *-------------------------------------------------------------------------
 */
#include "aws/glue.h"

#include "aws/request.h"

#define CONTENT_TYPE "application/x-amz-json-1.1"
#define TARGET_PREFIX "AWSGlue."

/* Headers of each request. */
#define HEADERS 2

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

/* Start a request; repeat says what it does when it is made twice. */
static SfdwRequest *
start(const SfdwAwsServer *server, const char *operation,
	  const char *subject, const char *body, SfdwRepeat repeat)
{
	/* The request keeps what the spec points to, for its repetitions. */
	SfdwHttpHeader *headers = palloc(sizeof(SfdwHttpHeader) * HEADERS);
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_GLUE,
		.operation = operation,
		.permission = psprintf("glue:%s", operation),
		.subject = subject,
		.method = "POST",
		.headers = headers,
		.header_count = HEADERS,
		.body = body,
		.body_length = strlen(body),
		.max_body = SFDW_GLUE_MAX_ANSWER,
		.repeat = repeat,
	};

	headers[0].name = "content-type";
	headers[0].value = CONTENT_TYPE;
	headers[1].name = "x-amz-target";
	headers[1].value = psprintf(TARGET_PREFIX "%s", operation);
	return sfdw_request_start(&spec);
}

/* Make a request. */
SfdwGlueEnd
sfdw_glue_call(const SfdwAwsServer *server, const char *operation,
			   bool is_update, const char *subject, const char *body,
			   char **answer)
{
	SfdwRequest *request = start(server, operation, subject, body,
								 is_update ? SFDW_REPEAT_DIFFERS :
								 SFDW_REPEAT_SAME);
	SfdwGlueEnd end = end_of(request);

	if (answer != NULL)
		*answer = end == SFDW_GLUE_DONE ?
			pstrdup(sfdw_request_finish(request)->body) : NULL;
	sfdw_request_free(request);
	return end;
}

/* Make a request that nothing depends on. */
bool
sfdw_glue_try(const SfdwAwsServer *server, const char *operation,
			  const char *subject, const char *body, char **answer,
			  char **refusal)
{
	SfdwRequest *request = start(server, operation, subject, body,
								 SFDW_REPEAT_SAME);
	const SfdwRequestResult *result = sfdw_request_finish(request);
	bool		is_done = result->end == SFDW_REQUEST_OK;

	if (!is_done && result->status == 0)
		sfdw_request_raise(request);
	*answer = is_done ? pstrdup(result->body) : NULL;
	*refusal = is_done ? NULL : result->code[0] != '\0' ?
		pstrdup(result->code) : psprintf("status %d", result->status);
	sfdw_request_free(request);
	return is_done;
}
