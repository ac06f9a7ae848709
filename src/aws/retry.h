/*-------------------------------------------------------------------------
 * retry.h
 *		What to do after an attempt of a request
 *
 * Pure: a decision over facts.  The caller makes the request, says what came
 * of it, and does as it is told; time and random numbers are its own.
 *
 * Three rules stand above the table of codes.  A request whose effect may have
 * happened, and which would do something else when repeated, is never repeated
 * but resolved: the caller looks at what is there.  Remedies (fresh
 * credentials, another region, a corrected clock) are tried once each.  And
 * every wait is paid for with tokens that all requests of a backend share, so
 * that an endpoint that is dead fails fast.
 *
 * Call order: zero an SfdwRetry for each request, ask sfdw_retry_decide after
 * each attempt that did not succeed, tell sfdw_retry_succeeded of one that
 * did.  The quota is initialised once and outlives the requests.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RETRY_H
#define SFDW_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define SFDW_RETRY_DEFAULT_ATTEMPTS 5
#define SFDW_RETRY_DEADLINE_MS 300000	/* of a request with all its waits */
#define SFDW_RETRY_MAX_WAIT_MS 20000
#define SFDW_RETRY_BASE_MS 100
#define SFDW_RETRY_THROTTLED_BASE_MS 1000

/* How much longer than our own wait the server's wish may be. */
#define SFDW_RETRY_MAX_WISH_MS 5000

#define SFDW_RETRY_TOKENS 500
#define SFDW_RETRY_COST 5
#define SFDW_RETRY_TIMEOUT_COST 10

/* Apart from this, a signature is not refused because of the clock. */
#define SFDW_RETRY_MIN_SKEW_SECONDS 240

/* How the attempt ended. */
typedef enum SfdwAttemptEnd
{
	SFDW_END_ANSWERED,			/* an answer came, whole */
	SFDW_END_NOT_SENT,			/* no connection: nothing can have happened */
	SFDW_END_BROKEN,			/* sent, and no whole answer */
	SFDW_END_TIMED_OUT			/* sent, and no answer in time */
} SfdwAttemptEnd;

/* What happens when the request is made twice. */
typedef enum SfdwRepeat
{
	SFDW_REPEAT_SAME,			/* the same: GET, HEAD, lists, a part's PUT, a
								 * deletion by version, an abort */
	SFDW_REPEAT_DIFFERS			/* something else: conditions, creations,
								 * completions, Glue's updates */
} SfdwRepeat;

typedef struct SfdwAttempt
{
	SfdwAttemptEnd end;
	SfdwRepeat	repeat;
	int			status;			/* of HTTP, where answered */
	bool		is_error_body;	/* an error or broken XML under status 200 */
	const char *code;			/* AWS's, without "#..."; NULL where none */
	int64_t		retry_after_ms; /* x-amz-retry-after; -1 where none */
	bool		has_new_region; /* the answer names a region, checked, that is
								 * not the one signed for */
	bool		has_server_time;	/* the answer has a header "date" */
	int64_t		skew_seconds;	/* it, minus the time that was signed */
	bool		can_refresh;	/* credentials that can be had anew */
	int64_t		elapsed_ms;		/* since the first attempt began */
	double		random;			/* from 0 up to, not including, 1 */
} SfdwAttempt;

/* What all requests of a backend share. */
typedef struct SfdwRetryQuota
{
	int			tokens;
} SfdwRetryQuota;

/* What was tried for one request. */
typedef struct SfdwRetry
{
	int			max_attempts;	/* 0: the default */
	int			attempts;		/* that failed and count */
	int			tokens_taken;	/* by the last wait */
	bool		has_refreshed;
	bool		has_moved;		/* to another region */
	bool		has_corrected_clock;
} SfdwRetry;

typedef enum SfdwRetryAction
{
	SFDW_RETRY_GIVE_UP,			/* report the error of this attempt */
	SFDW_RETRY_WAIT,			/* wait, sign again, try again */
	SFDW_RETRY_RESOLVE,			/* it may have happened: look */
	SFDW_RETRY_REFRESH,			/* get credentials anew, sign, try at once */
	SFDW_RETRY_MOVE,			/* sign for the region that the answer names */
	SFDW_RETRY_SET_CLOCK		/* add skew_seconds to the clock, sign */
} SfdwRetryAction;

typedef struct SfdwRetryDecision
{
	SfdwRetryAction action;
	int64_t		wait_ms;		/* for SFDW_RETRY_WAIT */
	const char *reason;			/* for a DEBUG line; a constant */
} SfdwRetryDecision;

/* A full quota. */
extern void sfdw_retry_quota_init(SfdwRetryQuota *quota);

/* Decide, and count the attempt. */
extern SfdwRetryDecision sfdw_retry_decide(SfdwRetry *retry,
										   SfdwRetryQuota *quota,
										   const SfdwAttempt *attempt);

/* An attempt succeeded: give tokens back. */
extern void sfdw_retry_succeeded(const SfdwRetry *retry,
								 SfdwRetryQuota *quota);

/* Whether a code, "" for none, says that credentials are expired. */
extern bool sfdw_retry_is_expired(const char *code);

/*
 * Read the time of a header "date" ("Fri, 24 May 2013 00:00:00 GMT") as
 * seconds since 1970; false for any other form.
 */
extern bool sfdw_retry_parse_date(const char *text, int64_t *seconds);

#endif							/* SFDW_RETRY_H */
