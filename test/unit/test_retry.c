/* aws/retry.c: what follows from a failure, waits, tokens, dates. */
#include "aws/retry.h"
#include "tap.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define ANSWERED SFDW_END_ANSWERED
#define SAME SFDW_REPEAT_SAME
#define DIFFERS SFDW_REPEAT_DIFFERS

typedef struct DecisionCase
{
	SfdwAttemptEnd end;
	SfdwRepeat	repeat;
	int			status;
	const char *code;
	SfdwRetryAction action;
	int64_t		bound;			/* of the wait with random 1: the base */
} DecisionCase;

#define WAIT SFDW_RETRY_WAIT
#define GIVE_UP SFDW_RETRY_GIVE_UP
#define RESOLVE SFDW_RETRY_RESOLVE

static const DecisionCase cases[] = {
	/* what did not arrive */
	{SFDW_END_NOT_SENT, SAME, 0, NULL, WAIT, 100},
	{SFDW_END_NOT_SENT, DIFFERS, 0, NULL, WAIT, 100},
	{SFDW_END_BROKEN, SAME, 0, NULL, WAIT, 100},
	{SFDW_END_BROKEN, DIFFERS, 0, NULL, RESOLVE},
	{SFDW_END_TIMED_OUT, SAME, 0, NULL, WAIT, 100},
	{SFDW_END_TIMED_OUT, DIFFERS, 0, NULL, RESOLVE},
	/* statuses without a code, as to HEAD */
	{ANSWERED, SAME, 500, NULL, WAIT, 100}, {ANSWERED, SAME, 502, NULL, WAIT, 100},
	{ANSWERED, SAME, 503, NULL, WAIT, 100}, {ANSWERED, SAME, 504, NULL, WAIT, 100},
	{ANSWERED, SAME, 408, NULL, WAIT, 100}, {ANSWERED, SAME, 429, NULL, WAIT, 1000},
	{ANSWERED, DIFFERS, 429, NULL, WAIT, 1000},
	{ANSWERED, DIFFERS, 500, NULL, RESOLVE}, {ANSWERED, DIFFERS, 502, NULL, RESOLVE},
	{ANSWERED, DIFFERS, 503, NULL, RESOLVE}, {ANSWERED, DIFFERS, 504, NULL, RESOLVE},
	{ANSWERED, SAME, 400, NULL, GIVE_UP}, {ANSWERED, SAME, 403, NULL, GIVE_UP},
	{ANSWERED, SAME, 404, NULL, GIVE_UP}, {ANSWERED, SAME, 405, NULL, GIVE_UP},
	{ANSWERED, SAME, 409, NULL, GIVE_UP}, {ANSWERED, SAME, 412, NULL, GIVE_UP},
	{ANSWERED, SAME, 416, NULL, GIVE_UP}, {ANSWERED, SAME, 501, NULL, GIVE_UP},
	{ANSWERED, SAME, 200, NULL, GIVE_UP}, {ANSWERED, SAME, 302, NULL, GIVE_UP},
	/* codes of S3 */
	{ANSWERED, SAME, 500, "InternalError", WAIT, 100},
	{ANSWERED, DIFFERS, 500, "InternalError", RESOLVE},
	{ANSWERED, DIFFERS, 200, "InternalError", RESOLVE},
	{ANSWERED, SAME, 503, "SlowDown", WAIT, 1000},
	{ANSWERED, DIFFERS, 503, "SlowDown", WAIT, 1000},
	{ANSWERED, DIFFERS, 200, "SlowDown", WAIT, 1000},
	{ANSWERED, SAME, 503, "ServiceUnavailable", WAIT, 100},
	{ANSWERED, DIFFERS, 503, "ServiceUnavailable", RESOLVE},
	{ANSWERED, SAME, 400, "RequestTimeout", WAIT, 100},
	{ANSWERED, DIFFERS, 400, "RequestTimeout", RESOLVE},
	{ANSWERED, DIFFERS, 409, "OperationAborted", WAIT, 100},
	{ANSWERED, SAME, 403, "AccessDenied", GIVE_UP},
	{ANSWERED, SAME, 404, "NoSuchKey", GIVE_UP},
	{ANSWERED, SAME, 404, "NoSuchUpload", GIVE_UP},
	{ANSWERED, SAME, 412, "PreconditionFailed", GIVE_UP},
	{ANSWERED, SAME, 409, "ConditionalRequestConflict", GIVE_UP},
	{ANSWERED, SAME, 400, "InvalidArgument", GIVE_UP},
	{ANSWERED, SAME, 403, "InvalidAccessKeyId", GIVE_UP},
	{ANSWERED, SAME, 400, "BadDigest", GIVE_UP},
	{ANSWERED, SAME, 500, "SomethingNew", WAIT, 100},
	{ANSWERED, DIFFERS, 500, "SomethingNew", RESOLVE},
	{ANSWERED, SAME, 400, "SomethingNew", GIVE_UP},
	/* codes of Glue and STS */
	{ANSWERED, SAME, 400, "ThrottlingException", WAIT, 1000},
	{ANSWERED, DIFFERS, 400, "ThrottlingException", WAIT, 1000},
	{ANSWERED, SAME, 500, "InternalServiceException", WAIT, 100},
	{ANSWERED, DIFFERS, 500, "InternalServiceException", RESOLVE},
	{ANSWERED, DIFFERS, 400, "OperationTimeoutException", RESOLVE},
	{ANSWERED, DIFFERS, 400, "ConcurrentModificationException", GIVE_UP},
	{ANSWERED, DIFFERS, 400, "EntityNotFoundException", GIVE_UP},
	{ANSWERED, SAME, 400, "IDPCommunicationError", WAIT, 100},
};

/* An attempt with what most cases have. */
static SfdwAttempt
make_attempt(int status, const char *code)
{
	SfdwAttempt attempt = {.status = status, .code = code,
	.retry_after_ms = -1, .random = 0.5};

	return attempt;
}

/* The first failure of each kind leads to its action, and to its wait. */
static void
test_decisions(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		const DecisionCase *c = &cases[i];
		SfdwAttempt attempt = make_attempt(c->status, c->code);
		SfdwRetry	retry = {0};
		SfdwRetryQuota quota;
		SfdwRetryDecision decision;

		sfdw_retry_quota_init(&quota);
		attempt.end = c->end;
		attempt.repeat = c->repeat;
		decision = sfdw_retry_decide(&retry, &quota, &attempt);
		TAP_OK(decision.action == c->action && decision.wait_ms == c->bound / 2 &&
			   quota.tokens == SFDW_RETRY_TOKENS - (c->action != WAIT ? 0 :
													c->end == SFDW_END_TIMED_OUT ? 10 : 5),
			   "status %d, code %s, end %d, repeat %d: %s", c->status,
			   c->code ? c->code : "none", (int) c->end, (int) c->repeat,
			   decision.reason);
	}
}

typedef struct RemedyCase
{
	const char *name;
	SfdwAttempt attempt;
	SfdwRetryAction action;
} RemedyCase;

static const RemedyCase remedies[] = {
	{"an expired token", {.status = 400, .code = "ExpiredToken", .can_refresh = true}, SFDW_RETRY_REFRESH},
	{"an expired token of Glue", {.status = 400, .code = "ExpiredTokenException", .can_refresh = true}, SFDW_RETRY_REFRESH},
	{"an expired token of fixed keys", {.status = 400, .code = "ExpiredToken"}, GIVE_UP},
	{"a redirection", {.status = 301, .code = "PermanentRedirect", .has_new_region = true}, SFDW_RETRY_MOVE},
	{"a redirection for a while", {.status = 307, .code = "TemporaryRedirect", .has_new_region = true}, SFDW_RETRY_MOVE},
	{"a redirection without a code", {.status = 301, .has_new_region = true}, SFDW_RETRY_MOVE},
	{"400 to HEAD, and a region", {.status = 400, .has_new_region = true}, SFDW_RETRY_MOVE},
	{"403 to HEAD, and a region", {.status = 403, .has_new_region = true}, GIVE_UP},
	{"another code with 400, and a region", {.status = 400, .code = "InvalidRequest", .has_new_region = true}, GIVE_UP},
	{"a header for another region", {.status = 400, .code = "AuthorizationHeaderMalformed", .has_new_region = true}, SFDW_RETRY_MOVE},
	{"a location constraint", {.status = 400, .code = "IllegalLocationConstraintException", .has_new_region = true}, SFDW_RETRY_MOVE},
	{"a redirection to nowhere", {.status = 301, .code = "PermanentRedirect"}, GIVE_UP},
	{"a malformed header without a region", {.status = 400, .code = "AuthorizationHeaderMalformed"}, GIVE_UP},
	{"a clock that is slow", {.status = 403, .code = "RequestTimeTooSkewed", .has_server_time = true, .skew_seconds = 86400}, SFDW_RETRY_SET_CLOCK},
	{"a clock that is fast", {.status = 403, .code = "RequestTimeTooSkewed", .has_server_time = true, .skew_seconds = -86400}, SFDW_RETRY_SET_CLOCK},
	{"a clock that is right", {.status = 403, .code = "RequestTimeTooSkewed", .has_server_time = true}, GIVE_UP},
	{"no time in the answer", {.status = 403, .code = "RequestTimeTooSkewed", .skew_seconds = 86400}, GIVE_UP},
	{"a signature, and a clock", {.status = 403, .code = "SignatureDoesNotMatch", .has_server_time = true, .skew_seconds = 240}, SFDW_RETRY_SET_CLOCK},
	{"a signature of Glue, and a clock", {.status = 400, .code = "InvalidSignatureException", .has_server_time = true, .skew_seconds = -900}, SFDW_RETRY_SET_CLOCK},
	{"a wrong secret", {.status = 403, .code = "SignatureDoesNotMatch", .has_server_time = true, .skew_seconds = 239}, GIVE_UP},
};

/* A remedy is tried once, without a wait, also for what must not be repeated. */
static void
test_remedies(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(remedies); i++)
	{
		SfdwRetry	retry = {0};
		SfdwRetryQuota quota;
		SfdwAttempt attempt = remedies[i].attempt;
		SfdwRetryDecision first;
		SfdwRetryDecision second;

		sfdw_retry_quota_init(&quota);
		attempt.repeat = DIFFERS;
		first = sfdw_retry_decide(&retry, &quota, &attempt);
		second = sfdw_retry_decide(&retry, &quota, &attempt);
		TAP_OK(first.action == remedies[i].action && first.wait_ms == 0 &&
			   second.action == GIVE_UP && quota.tokens == SFDW_RETRY_TOKENS,
			   "%s", remedies[i].name);
	}
}

/* One remedy does not use up another. */
static void
test_all_remedies(void)
{
	SfdwRetry	retry = {0};
	SfdwRetryQuota quota;
	SfdwRetryAction actions[3];

	sfdw_retry_quota_init(&quota);
	actions[0] = sfdw_retry_decide(&retry, &quota, &remedies[0].attempt).action;
	actions[1] = sfdw_retry_decide(&retry, &quota, &remedies[3].attempt).action;
	actions[2] = sfdw_retry_decide(&retry, &quota, &remedies[13].attempt).action;
	TAP_OK(actions[0] == SFDW_RETRY_REFRESH && actions[1] == SFDW_RETRY_MOVE &&
		   actions[2] == SFDW_RETRY_SET_CLOCK, "each remedy once");
}

/* An error or broken XML under status 200 counts as status 500. */
static void
test_error_bodies(void)
{
	SfdwAttempt attempt = make_attempt(200, NULL);
	SfdwRetry	retry = {0};
	SfdwRetryQuota quota;

	sfdw_retry_quota_init(&quota);
	attempt.is_error_body = true;
	TAP_OK(sfdw_retry_decide(&retry, &quota, &attempt).action == WAIT,
		   "an error body of what may be repeated");
	attempt.repeat = DIFFERS;
	TAP_OK(sfdw_retry_decide(&retry, &quota, &attempt).action == RESOLVE,
		   "an error body of what may not");
}

/* The wait doubles up to its limit; the server's wish counts within limits. */
static void
test_waits(void)
{
	static const int64_t transient[] = {100, 200, 400, 800, 1600, 3200, 6400,
	12800, 20000, 20000};
	static const int64_t throttled[] = {1000, 2000, 4000, 8000, 16000, 20000};
	static const int64_t wishes[][2] = {{-1, 50}, {0, 50}, {49, 50}, {51, 51},
	{5050, 5050}, {5051, 5050}, {INT64_MAX, 5050}};
	SfdwRetryQuota quota;
	SfdwRetry	retry = {.max_attempts = 100};
	SfdwAttempt attempt = make_attempt(503, NULL);
	bool		is_right = true;

	sfdw_retry_quota_init(&quota);
	attempt.random = 0.999999999;
	for (size_t i = 0; i < ARRAY_LENGTH(transient); i++)
		is_right &= sfdw_retry_decide(&retry, &quota, &attempt).wait_ms ==
			transient[i] - 1;
	TAP_OK(is_right, "waits after transient failures");
	attempt.random = 0;
	TAP_OK(sfdw_retry_decide(&retry, &quota, &attempt).wait_ms == 0,
		   "no wait at the lower end of the jitter");
	retry.attempts = 0;
	attempt = make_attempt(503, "SlowDown");
	for (size_t i = 0; i < ARRAY_LENGTH(throttled); i++)
		is_right &= sfdw_retry_decide(&retry, &quota, &attempt).wait_ms ==
			throttled[i] / 2;
	TAP_OK(is_right, "waits after throttling");
	for (size_t i = 0; i < ARRAY_LENGTH(wishes); i++)
	{
		retry.attempts = 0;
		attempt = make_attempt(503, NULL);
		attempt.retry_after_ms = wishes[i][0];
		TAP_OK(sfdw_retry_decide(&retry, &quota, &attempt).wait_ms ==
			   wishes[i][1], "the server's wish %zu", i);
	}
}

/* Attempts, time and tokens run out; a success gives tokens back. */
static void
test_limits(void)
{
	SfdwRetryQuota quota;
	SfdwRetry	retry = {0};
	SfdwAttempt attempt = make_attempt(500, NULL);
	int			waits = 0;

	sfdw_retry_quota_init(&quota);
	while (sfdw_retry_decide(&retry, &quota, &attempt).action == WAIT)
		waits++;
	TAP_OK(waits == SFDW_RETRY_DEFAULT_ATTEMPTS - 1, "attempts by default");
	retry = (SfdwRetry) {.max_attempts = 1};
	TAP_OK(sfdw_retry_decide(&retry, &quota, &attempt).action == GIVE_UP,
		   "one attempt");
	retry = (SfdwRetry) {0};
	attempt.elapsed_ms = SFDW_RETRY_DEADLINE_MS - 51;
	TAP_OK(sfdw_retry_decide(&retry, &quota, &attempt).action == WAIT,
		   "just before the deadline");
	retry = (SfdwRetry) {0};
	attempt.elapsed_ms++;
	TAP_OK(sfdw_retry_decide(&retry, &quota, &attempt).action == GIVE_UP,
		   "just at the deadline");
	attempt.elapsed_ms = 0;
	retry = (SfdwRetry) {.max_attempts = 1000};
	sfdw_retry_quota_init(&quota);
	for (waits = 0; sfdw_retry_decide(&retry, &quota, &attempt).action == WAIT;)
		waits++;
	TAP_OK(waits == SFDW_RETRY_TOKENS / SFDW_RETRY_COST && quota.tokens == 0,
		   "tokens for %d waits", waits);
	sfdw_retry_succeeded(&retry, &quota);
	TAP_OK(quota.tokens == SFDW_RETRY_COST, "the last wait's tokens come back");
	retry = (SfdwRetry) {0};
	sfdw_retry_succeeded(&retry, &quota);
	TAP_OK(quota.tokens == SFDW_RETRY_COST + 1, "a token for a first attempt");
	quota.tokens = SFDW_RETRY_TOKENS;
	sfdw_retry_succeeded(&retry, &quota);
	TAP_OK(quota.tokens == SFDW_RETRY_TOKENS, "a quota is never more than full");
}

/* Dates of answers. */
static void
test_dates(void)
{
	static const struct
	{
		const char *text;
		int64_t		seconds;	/* -1: refused */
	}			dates[] = {
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Fri, 24 May 2013 00:00:00 GMT", 1369353600},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
		{"Tue, 29 Feb 2000 23:59:59 GMT", 951868799},
		{"Fri, 31 Dec 2027 23:59:60 GMT", 1830297600},
		{"Mon, 01 Mar 2100 00:00:00 GMT", 4107542400},
		{"Mon, 29 Feb 2100 00:00:00 GMT", -1}, {"Fri, 00 May 2013 00:00:00 GMT", -1},
		{"Fri, 31 Apr 2013 00:00:00 GMT", -1}, {"Fri, 24 Mai 2013 00:00:00 GMT", -1},
		{"Fri, 24 anF 2013 00:00:00 GMT", -1}, {"Fri, 24 May 1969 00:00:00 GMT", -1},
		{"Fri, 24 May 2013 24:00:00 GMT", -1}, {"Fri, 24 May 2013 00:60:00 GMT", -1},
		{"Fri, 24 May 2013 00:00:61 GMT", -1}, {"Fri, 24 May 2013 00:00:00 UTC", -1},
		{"Fri, 24 May 2013 00:00:00 GMT ", -1}, {"Fri, 4 May 2013 00:00:00 GMT", -1},
		{"Sunday, 06-Nov-94 08:49:37 GMT", -1}, {"Sun Nov  6 08:49:37 1994", -1},
		{"", -1}, {"2013-05-24T00:00:00Z", -1}, {"Fri, -4 May 2013 00:00:00 GMT", -1},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(dates); i++)
	{
		int64_t		seconds = -1;

		TAP_OK(sfdw_retry_parse_date(dates[i].text, &seconds) ==
			   (dates[i].seconds >= 0) && seconds == dates[i].seconds,
			   "date \"%s\"", dates[i].text);
	}
}

int
main(void)
{
	test_decisions();
	test_remedies();
	test_all_remedies();
	test_error_bodies();
	test_waits();
	test_limits();
	test_dates();
	return tap_done();
}
