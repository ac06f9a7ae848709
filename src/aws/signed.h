/*-------------------------------------------------------------------------
 * signed.h
 *		One attempt of a request: where it goes, signed, on its way
 *
 * Below credentials.h, which asks STS for keys, and request.h, which repeats:
 * both hand in the keys.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SIGNED_H
#define SFDW_SIGNED_H

#include "aws/http.h"
#include "aws/retry.h"
#include "aws/server.h"

/* The longest error body that is read. */
#define SFDW_REQUEST_MAX_ERROR (64 * 1024)

/* What to ask of which service; what it points to outlives the request. */
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
	const SfdwUriParameter *parameters;
	size_t		parameter_count;
	const SfdwHttpHeader *headers;	/* of this operation; host, date and the
									 * server-wide ones (owner, payer) are
									 * added */
	size_t		header_count;
	const char *body;			/* NULL for none */
	size_t		body_length;
	const char *body_hash;		/* its SHA-256 in hexadecimal digits, or NULL:
								 * computed */
	size_t		max_body;		/* of the answer; an error's may be longer, up
								 * to SFDW_REQUEST_MAX_ERROR */
	SfdwRepeat	repeat;
	bool		checks_body;	/* S3: status 200 may carry an error */
	bool		is_secret;		/* the answer has keys */
	bool		is_large;		/* no total timeout but low speed */
	bool		is_slow;		/* the service may work for minutes, sending
								 * next to nothing */
	int			timeout_ms;		/* of the whole, in place of the usual; 0 */
} SfdwRequestSpec;

/*
 * Start one attempt, signed with keys (NULL: not signed) for region at a time
 * in seconds since 1970.  Raises for a bucket, region or endpoint that cannot
 * be addressed.
 */
extern SfdwHttp *sfdw_signed_start(const SfdwRequestSpec *spec,
								   const SfdwAwsKeys *keys,
								   const char *region, int64 time);

#endif							/* SFDW_SIGNED_H */
