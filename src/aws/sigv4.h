/*-------------------------------------------------------------------------
 * sigv4.h
 *		Signature Version 4 of a request, in its Authorization header
 *
 * Pure: it computes texts, and knows nothing of HTTP, of where credentials
 * come from, nor of a library's SHA-256, which the caller hands in.
 *
 * Signed is what is sent.  The caller builds path and query with uri.h, sends
 * exactly these bytes, and sends exactly the headers that it gave here, plus
 * those that the signer adds:
 *
 *		x-amz-date				always, the request's timestamp
 *		x-amz-content-sha256	where the request says so (S3 demands it)
 *		x-amz-security-token	where the credentials have a session token
 *		authorization			the result
 *
 * Call order: sfdw_signature_init once, sfdw_sigv4_sign for each attempt (a
 * repeated request is signed again, for its time differs), sfdw_signature_free
 * at the end.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SIGV4_H
#define SFDW_SIGV4_H

#include "core/buffer.h"

#define SFDW_SHA256_LENGTH 32

/* A digest in hexadecimal digits, with its NUL. */
#define SFDW_SHA256_HEX_SIZE (2 * SFDW_SHA256_LENGTH + 1)

/* "20150830T123600Z" with its NUL. */
#define SFDW_SIGV4_TIME_SIZE 17

/* More headers than any request of ours has; the signer's own included. */
#define SFDW_SIGV4_MAX_HEADERS 48

/* What stands for the payload's digest when the payload is not signed. */
#define SFDW_SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

/* The digest of no bytes. */
#define SFDW_SIGV4_EMPTY_PAYLOAD \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* Somebody's SHA-256; the functions return false when they cannot. */
typedef struct SfdwSha256
{
	bool		(*hash) (void *context, const void *data, size_t length,
						 unsigned char digest[SFDW_SHA256_LENGTH]);
	bool		(*hmac) (void *context, const void *key, size_t key_length,
						 const void *data, size_t length,
						 unsigned char digest[SFDW_SHA256_LENGTH]);
	void	   *context;
} SfdwSha256;

typedef struct SfdwAwsKeys
{
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token;	/* NULL for keys that stay valid */
} SfdwAwsKeys;

typedef struct SfdwHttpHeader
{
	const char *name;			/* in any case */
	const char *value;
} SfdwHttpHeader;

typedef struct SfdwSigv4Request
{
	const char *method;
	const char *path;			/* as sent: encoded, with its leading "/" */
	const char *query;			/* as sfdw_uri_query gives it; "" for none */
	const SfdwHttpHeader *headers;	/* "host" is one of them */
	size_t		header_count;
	const char *payload_hash;	/* in hexadecimal digits, or one of the above */
	const char *timestamp;		/* of sfdw_sigv4_format_time */
	const char *region;
	const char *service;
	bool		sends_payload_hash; /* adds x-amz-content-sha256 */

	/*
	 * S3 signs the path as it is sent.  The other services sign it without
	 * "//", "." and "..", and encoded once more.
	 */
	bool		normalizes_path;
	bool		encodes_path_again;
} SfdwSigv4Request;

/*
 * The result.  canonical_request holds the session token: neither it nor
 * string_to_sign goes into a log.  Each ends in a NUL, which its length does
 * not count.
 */
typedef struct SfdwSignature
{
	SfdwBuffer	canonical_request;
	SfdwBuffer	string_to_sign;
	SfdwBuffer	authorization;	/* the value of that header */
} SfdwSignature;

/* Start an empty result; cannot fail. */
extern void sfdw_signature_init(SfdwSignature *signature,
								const SfdwMemory *memory);

/* Overwrite what it holds, and give its memory back. */
extern void sfdw_signature_free(SfdwSignature *signature);

/*
 * Sign a request.
 *
 * Headers are signed in whatever order they come; of those with equal names
 * the values are joined by "," in their order, as a server joins them.
 * accept, connection, expect, transfer-encoding and user-agent are left out,
 * since proxies and libraries change them.
 *
 * SFDW_MALFORMED for a header with a CR, LF or NUL in it or with a name that
 * is none, for a header that the signer itself adds, for a missing "host", for
 * a path without "/", a query with "?", a timestamp of another form, and for
 * texts of the scope with a "/" in them; SFDW_TOO_LARGE beyond the limits;
 * SFDW_UNSUPPORTED when the caller's SHA-256 fails.
 */
extern bool sfdw_sigv4_sign(const SfdwSigv4Request *request,
							const SfdwAwsKeys *keys, const SfdwSha256 *sha256,
							SfdwSignature *signature, SfdwStatus *status);

/* Digits of a digest, for payload_hash. */
extern void sfdw_sigv4_hex(const unsigned char digest[SFDW_SHA256_LENGTH],
						   char hex[SFDW_SHA256_HEX_SIZE]);

/*
 * The timestamp of a time in seconds since 1970, by UTC; SFDW_OUT_OF_RANGE
 * before 1970 and after 9999.
 */
extern bool sfdw_sigv4_format_time(int64_t seconds,
								   char timestamp[SFDW_SIGV4_TIME_SIZE],
								   SfdwStatus *status);

#endif							/* SFDW_SIGV4_H */
