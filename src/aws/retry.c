/*-------------------------------------------------------------------------
 * retry.c
 *		What to do after an attempt of a request
 *
 * Pure.  See retry.h.
 *-------------------------------------------------------------------------
 */
#include "aws/retry.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* What a failure means. */
typedef enum Meaning
{
	MEANS_FINAL,				/* another attempt would fail alike */
	MEANS_TRANSIENT,			/* it may have happened, or not */
	MEANS_REFUSED,				/* not done, for a reason that passes */
	MEANS_THROTTLED,			/* not done: too many requests */
	MEANS_EXPIRED,				/* credentials */
	MEANS_SKEWED,				/* the clock */
	MEANS_PERHAPS_SKEWED,		/* the clock, or a wrong secret */
	MEANS_ELSEWHERE				/* another region */
} Meaning;

typedef struct CodeRow
{
	const char *code;
	Meaning		meaning;
} CodeRow;

/* AWS's codes; what is not here goes by its status. */
static const CodeRow codes[] = {
	{"InternalError", MEANS_TRANSIENT},
	{"InternalServiceException", MEANS_TRANSIENT},
	{"InternalFailure", MEANS_TRANSIENT},
	{"OperationTimeoutException", MEANS_TRANSIENT},
	{"RequestTimeout", MEANS_TRANSIENT},
	{"RequestTimeoutException", MEANS_TRANSIENT},
	{"PriorRequestNotComplete", MEANS_REFUSED},
	{"OperationAborted", MEANS_REFUSED},
	{"IDPCommunicationError", MEANS_REFUSED},
	{"ServiceUnavailable", MEANS_TRANSIENT},
	{"ServiceUnavailableException", MEANS_TRANSIENT},
	{"SlowDown", MEANS_THROTTLED},
	{"Throttling", MEANS_THROTTLED},
	{"ThrottlingException", MEANS_THROTTLED},
	{"ThrottledException", MEANS_THROTTLED},
	{"RequestThrottled", MEANS_THROTTLED},
	{"RequestThrottledException", MEANS_THROTTLED},
	{"TooManyRequestsException", MEANS_THROTTLED},
	{"ProvisionedThroughputExceededException", MEANS_THROTTLED},
	{"TransactionInProgressException", MEANS_THROTTLED},
	{"RequestLimitExceeded", MEANS_THROTTLED},
	{"BandwidthLimitExceeded", MEANS_THROTTLED},
	{"LimitExceededException", MEANS_THROTTLED},
	{"EC2ThrottledException", MEANS_THROTTLED},
	{"ExpiredToken", MEANS_EXPIRED},
	{"ExpiredTokenException", MEANS_EXPIRED},
	{"TokenRefreshRequired", MEANS_EXPIRED},
	{"RequestTimeTooSkewed", MEANS_SKEWED},
	{"RequestExpired", MEANS_SKEWED},
	{"RequestInTheFuture", MEANS_SKEWED},
	{"SignatureDoesNotMatch", MEANS_PERHAPS_SKEWED},
	{"InvalidSignatureException", MEANS_PERHAPS_SKEWED},
	{"AuthFailure", MEANS_PERHAPS_SKEWED},
	{"PermanentRedirect", MEANS_ELSEWHERE},
	{"TemporaryRedirect", MEANS_ELSEWHERE},
	{"Redirect", MEANS_ELSEWHERE},
	{"AuthorizationHeaderMalformed", MEANS_ELSEWHERE},
	{"IllegalLocationConstraintException", MEANS_ELSEWHERE},
};

typedef struct StatusRow
{
	int			status;
	Meaning		meaning;
} StatusRow;

/* For answers without a code, as to HEAD, or with one that is not known. */
static const StatusRow statuses[] = {
	{301, MEANS_ELSEWHERE}, {307, MEANS_ELSEWHERE}, {308, MEANS_ELSEWHERE},
	{408, MEANS_TRANSIENT}, {429, MEANS_THROTTLED}, {500, MEANS_TRANSIENT},
	{502, MEANS_TRANSIENT}, {503, MEANS_TRANSIENT}, {504, MEANS_TRANSIENT},
};

/* A full quota. */
void
sfdw_retry_quota_init(SfdwRetryQuota *quota)
{
	quota->tokens = SFDW_RETRY_TOKENS;
}

/* What a status means by itself. */
static Meaning
meaning_of_status(const SfdwAttempt *attempt)
{
	if (attempt->is_error_body)
		return MEANS_TRANSIENT; /* as if it were 500 */
	/* An answer to HEAD has no code, so 400 may be about the region. */
	if (attempt->status == 400 && attempt->code == NULL &&
		attempt->has_new_region)
		return MEANS_ELSEWHERE;
	for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++)
	{
		if (statuses[i].status == attempt->status)
			return statuses[i].meaning;
	}
	return MEANS_FINAL;
}

/* The row of a code, or NULL. */
static const CodeRow *
find_code(const char *code)
{
	for (size_t i = 0; code != NULL && i < ARRAY_LENGTH(codes); i++)
	{
		if (strcmp(codes[i].code, code) == 0)
			return &codes[i];
	}
	return NULL;
}

/* What an attempt's end means. */
static Meaning
meaning_of(const SfdwAttempt *attempt)
{
	const CodeRow *row = find_code(attempt->code);

	if (attempt->end == SFDW_END_NOT_SENT)
		return MEANS_REFUSED;
	if (attempt->end != SFDW_END_ANSWERED)
		return MEANS_TRANSIENT;
	return row == NULL ? meaning_of_status(attempt) : row->meaning;
}

/* Whether a code says that credentials are expired. */
bool
sfdw_retry_is_expired(const char *code)
{
	const CodeRow *row = find_code(code);

	return row != NULL && row->meaning == MEANS_EXPIRED;
}

/* A decision without a wait. */
static SfdwRetryDecision
decide(SfdwRetryAction action, const char *reason)
{
	SfdwRetryDecision decision = {action, 0, reason};

	return decision;
}

/* Try a remedy, once. */
static SfdwRetryDecision
try_once(bool *has_tried, bool is_possible, SfdwRetryAction action,
		 const char *reason)
{
	if (*has_tried)
		return decide(SFDW_RETRY_GIVE_UP, "the remedy did not help");
	if (!is_possible)
		return decide(SFDW_RETRY_GIVE_UP, "there is no remedy");
	*has_tried = true;
	return decide(action, reason);
}

/* Full jitter below a bound that doubles; the server's wish within limits. */
static int64_t
choose_wait(const SfdwRetry *retry, const SfdwAttempt *attempt,
			bool is_throttled)
{
	int64_t		bound = is_throttled ? SFDW_RETRY_THROTTLED_BASE_MS :
		SFDW_RETRY_BASE_MS;
	int64_t		wait;

	for (int i = 1; i < retry->attempts && bound < SFDW_RETRY_MAX_WAIT_MS; i++)
		bound *= 2;
	if (bound > SFDW_RETRY_MAX_WAIT_MS)
		bound = SFDW_RETRY_MAX_WAIT_MS;
	wait = (int64_t) (attempt->random * (double) bound);
	if (attempt->retry_after_ms > wait + SFDW_RETRY_MAX_WISH_MS)
		return wait + SFDW_RETRY_MAX_WISH_MS;
	return attempt->retry_after_ms > wait ? attempt->retry_after_ms : wait;
}

/* Wait and try again, if attempts, time and tokens are left. */
static SfdwRetryDecision
wait_and_retry(SfdwRetry *retry, SfdwRetryQuota *quota,
			   const SfdwAttempt *attempt, bool is_throttled)
{
	int			max_attempts = retry->max_attempts > 0 ? retry->max_attempts :
		SFDW_RETRY_DEFAULT_ATTEMPTS;
	int			cost = attempt->end == SFDW_END_TIMED_OUT ?
		SFDW_RETRY_TIMEOUT_COST : SFDW_RETRY_COST;
	SfdwRetryDecision decision = decide(SFDW_RETRY_WAIT, is_throttled ?
										"throttled" : "transient failure");

	if (retry->attempts >= max_attempts)
		return decide(SFDW_RETRY_GIVE_UP, "no attempts are left");
	decision.wait_ms = choose_wait(retry, attempt, is_throttled);
	if (attempt->elapsed_ms + decision.wait_ms >= SFDW_RETRY_DEADLINE_MS)
		return decide(SFDW_RETRY_GIVE_UP, "no time is left");
	if (quota->tokens < cost)
		return decide(SFDW_RETRY_GIVE_UP, "no retry tokens are left");
	quota->tokens -= cost;
	retry->tokens_taken = cost;
	return decision;
}

/* Whether the clock can be the reason, and the right time is known. */
static bool
can_set_clock(const SfdwAttempt *attempt, int64_t min_skew)
{
	return attempt->has_server_time &&
		(attempt->skew_seconds >= min_skew ||
		 attempt->skew_seconds <= -min_skew);
}

/* Decide, and count the attempt. */
SfdwRetryDecision
sfdw_retry_decide(SfdwRetry *retry, SfdwRetryQuota *quota,
				  const SfdwAttempt *attempt)
{
	Meaning		meaning = meaning_of(attempt);
	int64_t		min_skew = 1;

	retry->attempts++;
	switch (meaning)
	{
		case MEANS_EXPIRED:
			return try_once(&retry->has_refreshed, attempt->can_refresh,
							SFDW_RETRY_REFRESH, "expired credentials");
		case MEANS_ELSEWHERE:
			return try_once(&retry->has_moved, attempt->has_new_region,
							SFDW_RETRY_MOVE, "another region");
		case MEANS_PERHAPS_SKEWED:
			min_skew = SFDW_RETRY_MIN_SKEW_SECONDS;
			/* FALLTHROUGH */
		case MEANS_SKEWED:
			return try_once(&retry->has_corrected_clock,
							can_set_clock(attempt, min_skew),
							SFDW_RETRY_SET_CLOCK, "the clock is wrong");
		case MEANS_TRANSIENT:
			if (attempt->repeat == SFDW_REPEAT_DIFFERS)
				return decide(SFDW_RETRY_RESOLVE, "it may have happened");
			return wait_and_retry(retry, quota, attempt, false);
		case MEANS_REFUSED:
			return wait_and_retry(retry, quota, attempt, false);
		case MEANS_THROTTLED:
			return wait_and_retry(retry, quota, attempt, true);
		case MEANS_FINAL:
			break;
	}
	return decide(SFDW_RETRY_GIVE_UP, "it would fail again");
}

/* An attempt succeeded. */
void
sfdw_retry_succeeded(const SfdwRetry *retry, SfdwRetryQuota *quota)
{
	quota->tokens += retry->tokens_taken > 0 ? retry->tokens_taken : 1;
	if (quota->tokens > SFDW_RETRY_TOKENS)
		quota->tokens = SFDW_RETRY_TOKENS;
}

/* Days from 1970-01-01 to a date, in years that start in March. */
static int64_t
days_since_1970(int year, int month, int day)
{
	int			shifted = month <= 2 ? year - 1 : year;
	int			months = month <= 2 ? month + 9 : month - 3;

	return (int64_t) shifted * 365 + shifted / 4 - shifted / 100 +
		shifted / 400 + (153 * months + 2) / 5 + day - 1 - 719468;
}

/* Whether a date is one of the calendar, by its days' order. */
static bool
is_date(int year, int month, int day)
{
	int			next_year = month == 12 ? year + 1 : year;
	int			next_month = month == 12 ? 1 : month + 1;

	return day >= 1 && days_since_1970(year, month, day) <
		days_since_1970(next_year, next_month, 1);
}

/* The number of a month's English name, from 1; 0 for none. */
static int
month_number(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *found = strlen(name) == 3 ? strstr(names, name) : NULL;

	return found != NULL && (found - names) % 3 == 0 ?
		(int) (found - names) / 3 + 1 : 0;
}

/* Whether a text is of the form "Fri, 24 May 2013 00:00:00 GMT". */
static bool
has_date_form(const char *text)
{
	static const char form[] = "aaa, 00 aaa 0000 00:00:00 GMT";

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < sizeof(form) - 1; i++)
	{
		bool		is_letter = (text[i] >= 'a' && text[i] <= 'z') ||
			(text[i] >= 'A' && text[i] <= 'Z');
		bool		is_digit = text[i] >= '0' && text[i] <= '9';

		if (form[i] == 'a' ? !is_letter : form[i] == '0' ? !is_digit :
			text[i] != form[i])
			return false;
	}
	return true;
}

/* Read the time of a header "date". */
bool
sfdw_retry_parse_date(const char *text, int64_t *seconds)
{
	int			day;
	int			month;
	int			year;
	int			hour;
	int			minute;
	int			second;
	char		name[4];

	if (!has_date_form(text) ||
		sscanf(text + 5, "%2d %3s %4d %2d:%2d:%2d", &day, name, &year, &hour,
			   &minute, &second) != 6)
		return false;
	month = month_number(name);
	if (month == 0 || year < 1970 || !is_date(year, month, day) || hour > 23 ||
		minute > 59 || second > 60)
		return false;
	*seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 +
		minute * 60 + second;
	return true;
}
