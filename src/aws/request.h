/*-------------------------------------------------------------------------
 * request.h
 *		One request to an AWS service: signed, sent, repeated, understood
 *
 * Puts together what the pure files decide (endpoint, signature, retry) and
 * what http.h and credentials.h do.  A request may be started, so that several
 * are in flight, and is then finished, which waits and repeats it as often as
 * retry.h says.  An answer that is an error is raised by
 * sfdw_request_raise, or handled by the caller where it is an outcome.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_REQUEST_H
#define SFDW_REQUEST_H

#include "aws/answer.h"
#include "aws/signed.h"
#include "core/stream.h"

typedef enum SfdwRequestEnd
{
	SFDW_REQUEST_OK,			/* status 2xx and no error in the body */
	SFDW_REQUEST_ERROR,			/* the service said no: status, code */
	SFDW_REQUEST_AMBIGUOUS,		/* it may have happened: look */
	SFDW_REQUEST_FAILED			/* no answer after all attempts: it cannot have
								 * happened, or does the same when repeated */
} SfdwRequestEnd;

typedef struct SfdwRequest SfdwRequest;

/* How a request ended; lives as long as the request. */
typedef struct SfdwRequestResult
{
	SfdwRequestEnd end;
	int			status;			/* of the last answer; 0 without one */
	char		code[SFDW_ANSWER_WORD_SIZE];	/* AWS's; "" without one */
	char		message[SFDW_ANSWER_MESSAGE_SIZE];	/* AWS's; not for all to see */
	char		request_id[SFDW_ANSWER_WORD_SIZE];
	const char *body;			/* of the answer; a NUL stands behind it */
	size_t		body_length;
	const char *detail;			/* why there is no whole answer; NULL with one */
	bool		is_too_large;	/* it is longer than it may be */
	SfdwStreamStats stats;		/* bytes of the body, requests, retries */
} SfdwRequestResult;

/*
 * Sign and start the first attempt; belongs to the current memory context.
 * The spec is copied, what it points to is not.
 */
extern SfdwRequest *sfdw_request_start(const SfdwRequestSpec *spec);

/*
 * Wait for the end, repeating as needed.  Raises only for interrupts, missing
 * credentials, and addresses that are not allowed.
 */
extern const SfdwRequestResult *sfdw_request_finish(SfdwRequest *request);

/* A header of the last answer; NULL without one. */
extern const char *sfdw_request_header(SfdwRequest *request, const char *name);

extern void sfdw_request_free(SfdwRequest *request);

/* What it was started with. */
extern const SfdwRequestSpec *sfdw_request_spec(const SfdwRequest *request);

/*
 * Raise the error of a request that did not end well: SQLSTATE by code and
 * status, a message with operation and subject, a DETAIL with AWS's code,
 * status and request id, a HINT with the permission that is needed where
 * access was denied.  Never a header, a key, or the body of a signature error.
 */
extern void sfdw_request_raise(SfdwRequest *request) pg_attribute_noreturn();

/* Start, finish, raise unless SFDW_REQUEST_OK. */
extern SfdwRequest *sfdw_request_run(const SfdwRequestSpec *spec);

#endif							/* SFDW_REQUEST_H */
