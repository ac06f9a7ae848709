/*-------------------------------------------------------------------------
 * request_error.c
 *		The error that a user sees of a request that did not end well
 *
 * It names the operation, the object, AWS's code and the request id.  The
 * service's own message stays out: that of a signature error repeats the
 * request with its token.
 *-------------------------------------------------------------------------
 */
#include "aws/request.h"

#include "core/errors.h"

/* What an AWS code means here. */
typedef struct CodeMeaning
{
	const char *code;
	int			sqlstate;
} CodeMeaning;

static const CodeMeaning meanings[] = {
	{"AccessDenied", ERRCODE_INSUFFICIENT_PRIVILEGE},
	{"AccessDeniedException", ERRCODE_INSUFFICIENT_PRIVILEGE},
	{"AllAccessDisabled", ERRCODE_INSUFFICIENT_PRIVILEGE},
	{"InvalidAccessKeyId", ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	{"SignatureDoesNotMatch", ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	{"UnrecognizedClientException", ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	{"ExpiredToken", ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	{"ExpiredTokenException", ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	{"InvalidToken", ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	{"NoSuchBucket", ERRCODE_UNDEFINED_OBJECT},
	{"NoSuchKey", ERRCODE_UNDEFINED_OBJECT},
	{"NoSuchVersion", SFDW_ERRCODE_SUPERSEDED},
	{"EntityNotFoundException", ERRCODE_UNDEFINED_OBJECT},
	{"PreconditionFailed", SFDW_ERRCODE_SUPERSEDED},
	{"SlowDown", ERRCODE_INSUFFICIENT_RESOURCES},
	{"ThrottlingException", ERRCODE_INSUFFICIENT_RESOURCES},
};

/* The SQLSTATE of an answer. */
static int
sqlstate_of(const SfdwRequestResult *result)
{
	if (result->is_too_large)
		return ERRCODE_PROTOCOL_VIOLATION;
	if (result->end == SFDW_REQUEST_FAILED ||
		result->end == SFDW_REQUEST_AMBIGUOUS)
		return ERRCODE_CONNECTION_FAILURE;
	for (int i = 0; i < (int) lengthof(meanings); i++)
	{
		if (strcmp(meanings[i].code, result->code) == 0)
			return meanings[i].sqlstate;
	}
	if (result->status == 403)
		return ERRCODE_INSUFFICIENT_PRIVILEGE;
	if (result->status == 404)
		return ERRCODE_UNDEFINED_OBJECT;
	return result->status >= 500 ? ERRCODE_CONNECTION_FAILURE :
		ERRCODE_FDW_ERROR;
}

/* What the user can do about it, or NULL. */
static const char *
hint_of(const SfdwRequestSpec *spec, int sqlstate)
{
	if (sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE)
		return psprintf("The credentials of foreign server \"%s\" need the permission \"%s\" for it.",
						spec->server->name, spec->permission);
	if (sqlstate == ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION &&
		strcmp(spec->server->credentials, SFDW_CREDENTIALS_MAPPING) != 0)
		return psprintf("Check the keys that \"%s\" gives for foreign server \"%s\".",
						spec->server->credentials, spec->server->name);
	if (sqlstate == ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION)
		return psprintf("Check the keys in the user mapping for foreign server \"%s\".",
						spec->server->name);
	return NULL;
}

/* Raise the error of a request. */
void
sfdw_request_raise(SfdwRequest *request)
{
	const SfdwRequestSpec *spec = sfdw_request_spec(request);
	const SfdwRequestResult *result = sfdw_request_finish(request);
	int			sqlstate = sqlstate_of(result);
	const char *hint = hint_of(spec, sqlstate);

	ereport(ERROR,
			errcode(sqlstate),
			result->end == SFDW_REQUEST_AMBIGUOUS ?
			errmsg("%s of \"%s\" was sent, and its answer was lost",
				   spec->operation, spec->subject) :
			errmsg("could not complete %s of \"%s\"", spec->operation,
				   spec->subject),
			result->status == 0 || result->detail != NULL ?
			errdetail("No %sanswer after %llu requests: %s.",
					  result->status == 0 ? "" : "whole ",
					  (unsigned long long) result->stats.requests,
					  result->detail == NULL ? "no connection" : result->detail) :
			errdetail("The service answered with status %d, code \"%s\", request id \"%s\", after %llu requests.",
					  result->status, result->code, result->request_id,
					  (unsigned long long) result->stats.requests),
			hint == NULL ? 0 : errhint("%s", hint));
}

/* Start, finish, raise. */
SfdwRequest *
sfdw_request_run(const SfdwRequestSpec *spec)
{
	SfdwRequest *request = sfdw_request_start(spec);

	if (sfdw_request_finish(request)->end != SFDW_REQUEST_OK)
		sfdw_request_raise(request);
	return request;
}
