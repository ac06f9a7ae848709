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
#include "aws/http.h"
#include "aws/retry.h"
#include "aws/server.h"
#include "core/stream.h"

typedef struct SfdwRequestSpec
{
	const SfdwAwsServer *server;
	SfdwAwsService service;
	const char *operation;		/* AWS's name: "GetObject"; for messages */
	const char *permission;		/* IAM's: "s3:GetObjectVersion"; for the hint */
	const char *subject;		/* the object's or table's URL or name */
	const char *method;
	const char *key;			/* S3: below the bucket, not encoded; NULL for
								 * the bucket itself */
	size_t		key_length;
	const SfdwUriParameter *parameters;
	size_t		parameter_count;
	const SfdwHttpHeader *headers;	/* of this operation; host, date and the
									 * server-wide ones (owner, payer) are
									 * added */
	size_t		header_count;
	const char *body;			/* lives until the request is freed */
	size_t		body_length;
	const char *body_hash;		/* its SHA-256 in hexadecimal digits, or NULL:
								 * computed */
	size_t		max_body;		/* of the answer; an error's may be longer, up
								 * to SFDW_REQUEST_MAX_ERROR */
	SfdwRepeat	repeat;
	bool		checks_body;	/* S3: status 200 may carry an error */
	bool		is_anonymous;	/* not signed (web identity) */
	bool		is_large;		/* no total timeout but low speed */
} SfdwRequestSpec;

/* The longest error body that is read. */
#define SFDW_REQUEST_MAX_ERROR (64 * 1024)

typedef enum SfdwRequestEnd
{
	SFDW_REQUEST_OK,			/* status 2xx and no error in the body */
	SFDW_REQUEST_ERROR,			/* the service said no: status, code */
	SFDW_REQUEST_AMBIGUOUS,		/* it may have happened: look */
	SFDW_REQUEST_FAILED			/* no answer after all attempts; cannot have
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
	SfdwStreamStats stats;		/* bytes of the body, requests, retries */
} SfdwRequestResult;

/* Sign and start the first attempt; belongs to the current memory context. */
extern SfdwRequest *sfdw_request_start(const SfdwRequestSpec *spec);

/* Wait for the end, repeating as needed.  Raises only for interrupts, missing
 * credentials, and addresses that are not allowed. */
extern const SfdwRequestResult *sfdw_request_finish(SfdwRequest *request);

/* A header of the last answer; NULL without one. */
extern const char *sfdw_request_header(SfdwRequest *request, const char *name);

extern void sfdw_request_free(SfdwRequest *request);

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
