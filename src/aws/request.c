/*-------------------------------------------------------------------------
 * request.c
 *		One request to an AWS service: signed, sent, repeated, understood
 *
 * What to do after an attempt, retry.h decides from facts that are collected
 * here.  The quota of retries is the backend's.
 *-------------------------------------------------------------------------
 */
#include "aws/request.h"

#include "aws/clock.h"
#include "aws/credentials.h"
#include "aws/error_answer.h"
#include "common/pg_prng.h"
#include "core/memory_pg.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"

/* Longer values of x-amz-retry-after are none. */
#define MAX_RETRY_AFTER_DIGITS 9

struct SfdwRequest
{
	MemoryContext context;
	SfdwRequestSpec spec;
	SfdwHttp   *http;			/* of the present attempt */
	SfdwRetry	retry;
	instr_time	started;
	char		region[SFDW_ENDPOINT_MAX_REGION_LENGTH + 1];
	char		new_region[SFDW_ENDPOINT_MAX_REGION_LENGTH + 1];
	int64		signed_at;		/* by clock.h */
	uint64		keys;			/* their number in credentials.h */
	bool		is_finished;
	SfdwRequestResult result;
};

static SfdwRetryQuota quota;
static bool has_quota = false;

/* Sign with the keys of now, and send. */
static void
attempt(SfdwRequest *request)
{
	MemoryContext before = MemoryContextSwitchTo(request->context);
	const SfdwAwsKeys *keys = sfdw_credentials_get(request->spec.server,
													 &request->keys);

	sfdw_http_free(request->http);
	request->http = NULL;
	request->signed_at = sfdw_clock_now();
	request->http = sfdw_signed_start(&request->spec, keys, request->region,
									  request->signed_at);
	request->result.stats.requests++;
	MemoryContextSwitchTo(before);
}

/* Start a request. */
SfdwRequest *
sfdw_request_start(const SfdwRequestSpec *spec)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw AWS request",
												  ALLOCSET_SMALL_SIZES);
	SfdwRequest *request = MemoryContextAllocZero(context, sizeof(SfdwRequest));

	if (!has_quota)
		sfdw_retry_quota_init(&quota);
	has_quota = true;
	request->context = context;
	request->spec = *spec;
	INSTR_TIME_SET_CURRENT(request->started);
	strlcpy(request->region, sfdw_aws_region(spec->server, spec->service),
			sizeof(request->region));
	attempt(request);
	return request;
}

/* Milliseconds since the first attempt. */
static int64
elapsed_ms(const SfdwRequest *request)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, request->started);
	return (int64) INSTR_TIME_GET_MILLISEC(now);
}

/* How the attempt ended, in the words of retry.h. */
static SfdwAttemptEnd
attempt_end(SfdwHttpEnd end)
{
	switch (end)
	{
		case SFDW_HTTP_ANSWERED:
			return SFDW_END_ANSWERED;
		case SFDW_HTTP_NOT_SENT:
		case SFDW_HTTP_FORBIDDEN:
			return SFDW_END_NOT_SENT;
		case SFDW_HTTP_TIMED_OUT:
			return SFDW_END_TIMED_OUT;
		case SFDW_HTTP_BROKEN:
		case SFDW_HTTP_TOO_LARGE:
			break;
	}
	return SFDW_END_BROKEN;
}

/* Note what the service said when it refused. */
static void
note_error(SfdwRequest *request, const SfdwHttpAnswer *answer)
{
	SfdwRequestResult *result = &request->result;
	SfdwMemory	memory = sfdw_memory_pg(request->context);
	SfdwErrorAnswer error;
	const char *region = sfdw_http_header(request->http, "x-amz-bucket-region");
	const char *id = sfdw_http_header(request->http, "x-amz-request-id");

	sfdw_error_answer_read(&memory, answer->body, answer->body_length, &error);
	if (id == NULL)
		id = sfdw_http_header(request->http, "x-amzn-requestid");
	if (region == NULL)
		region = error.region;
	strlcpy(result->code, error.code, sizeof(result->code));
	strlcpy(result->message, error.message, sizeof(result->message));
	strlcpy(result->request_id, id != NULL ? id : error.request_id,
			sizeof(result->request_id));
	request->new_region[0] = '\0';
	if (sfdw_endpoint_is_region(region) &&
		sfdw_endpoint_same_partition(region, request->region) &&
		strcmp(region, request->region) != 0)
		strlcpy(request->new_region, region, sizeof(request->new_region));
}

/* The server's wish to wait, in milliseconds; -1 for none. */
static int64
retry_after(SfdwHttp *http)
{
	const char *value = sfdw_http_header(http, "x-amz-retry-after");

	if (value == NULL || value[0] == '\0' ||
		strlen(value) > MAX_RETRY_AFTER_DIGITS ||
		strspn(value, "0123456789") != strlen(value))
		return -1;
	return atol(value);
}

/* Ask what to do after an attempt that did not succeed. */
static SfdwRetryDecision
decide(SfdwRequest *request, const SfdwHttpAnswer *answer, int64 *server_time)
{
	const char *date = sfdw_http_header(request->http, "date");
	int64_t		parsed_time = 0;
	SfdwAttempt facts = {
		.end = attempt_end(answer->end),
		.repeat = request->spec.repeat,
		.status = answer->status,
		.is_error_body = answer->status / 100 == 2,
		.code = request->result.code[0] == '\0' ? NULL : request->result.code,
		.retry_after_ms = retry_after(request->http),
		.has_new_region = request->new_region[0] != '\0',
		.elapsed_ms = elapsed_ms(request),
		.random = pg_prng_double(&pg_global_prng_state),
	};

	facts.has_server_time = date != NULL &&
		sfdw_retry_parse_date(date, &parsed_time);
	facts.skew_seconds = parsed_time - request->signed_at;
	*server_time = parsed_time;
	facts.can_refresh = sfdw_retry_is_expired(request->result.code) &&
		sfdw_credentials_expired(request->spec.server, request->keys);
	return sfdw_retry_decide(&request->retry, &quota, &facts);
}

/* Note how it ended when nothing more is to be tried. */
static void
conclude(SfdwRequest *request, const SfdwHttpAnswer *answer,
		 SfdwRetryAction action)
{
	SfdwRequestResult *result = &request->result;

	request->is_finished = true;
	result->status = answer->status;
	result->is_too_large = answer->end == SFDW_HTTP_TOO_LARGE;
	result->body = answer->body;
	result->body_length = answer->body_length;
	result->detail = answer->detail;
	result->stats.bytes += answer->body_length;
	if (action == SFDW_RETRY_RESOLVE)
		result->end = SFDW_REQUEST_AMBIGUOUS;
	else
		result->end = answer->end == SFDW_HTTP_ANSWERED ?
			SFDW_REQUEST_ERROR : SFDW_REQUEST_FAILED;
}

/* Do as decided; false when nothing more is to be tried. */
static bool
try_again(SfdwRequest *request, const SfdwHttpAnswer *answer)
{
	int64		server_time;
	SfdwRetryDecision decision = decide(request, answer, &server_time);

	if (decision.action == SFDW_RETRY_GIVE_UP ||
		decision.action == SFDW_RETRY_RESOLVE)
	{
		conclude(request, answer, decision.action);
		return false;
	}
	ereport(DEBUG1,
			errmsg_internal("repeating %s of \"%s\" in %lld ms: %s",
							request->spec.operation, request->spec.subject,
							(long long) decision.wait_ms, decision.reason));
	if (decision.action == SFDW_RETRY_MOVE)
	{
		strlcpy(request->region, request->new_region, sizeof(request->region));
		if (request->spec.service == SFDW_SERVICE_S3)
			sfdw_aws_learn_region(request->spec.server, request->region);
	}
	else if (decision.action == SFDW_RETRY_SET_CLOCK)
		sfdw_clock_set(server_time);
	else if (decision.action == SFDW_RETRY_WAIT)
		sfdw_http_sleep(decision.wait_ms);
	request->result.stats.retries++;
	attempt(request);
	return true;
}

/* Whether an answer is what was asked for. */
static bool
is_success(const SfdwRequest *request, const SfdwHttpAnswer *answer)
{
	return answer->end == SFDW_HTTP_ANSWERED && answer->status / 100 == 2 &&
		!(request->spec.checks_body &&
		  sfdw_error_answer_is_error(answer->body, answer->body_length));
}

/* Raise for an address that may not be connected to. */
static void
check_forbidden(const SfdwRequest *request, const SfdwHttpAnswer *answer)
{
	if (answer->end == SFDW_HTTP_FORBIDDEN)
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("%s of \"%s\" was not sent: its endpoint is a local address",
					   request->spec.operation, request->spec.subject),
				errhint("A superuser can set option \"allow_local_endpoint\" of foreign server \"%s\".",
						request->spec.server->name));
}

/* Wait for the end of a request. */
const SfdwRequestResult *
sfdw_request_finish(SfdwRequest *request)
{
	while (!request->is_finished)
	{
		const SfdwHttpAnswer *answer = sfdw_http_wait(request->http);

		check_forbidden(request, answer);
		if (is_success(request, answer))
		{
			conclude(request, answer, SFDW_RETRY_GIVE_UP);
			request->result.end = SFDW_REQUEST_OK;
			sfdw_retry_succeeded(&request->retry, &quota);
			break;
		}
		note_error(request, answer);
		/* It would be as long the next time. */
		if (answer->end == SFDW_HTTP_TOO_LARGE)
			conclude(request, answer, SFDW_RETRY_GIVE_UP);
		else
			try_again(request, answer);
	}
	return &request->result;
}

/* A header of the last answer. */
const char *
sfdw_request_header(SfdwRequest *request, const char *name)
{
	return sfdw_http_header(request->http, name);
}

/* Forget a request. */
void
sfdw_request_free(SfdwRequest *request)
{
	if (request != NULL)
		MemoryContextDelete(request->context);
}

/* What is asked of whom, for request_error.c. */
const SfdwRequestSpec *
sfdw_request_spec(const SfdwRequest *request)
{
	return &request->spec;
}
