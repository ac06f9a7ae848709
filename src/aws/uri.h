/*-------------------------------------------------------------------------
 * uri.h
 *		Percent encoding of object keys and queries, as AWS signs them
 *
 * Pure.  One encoding serves both the request line and its signature: every
 * byte but A-Z a-z 0-9 "-" "." "_" "~" becomes "%XX" with capital letters, so
 * that what was signed is what is sent, whatever a key holds.  Keys are bytes:
 * nothing is normalised, "//", "..", "+" and "%" are themselves.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_URI_H
#define SFDW_URI_H

#include "core/buffer.h"

/* As S3 limits keys. */
#define SFDW_URI_MAX_KEY_LENGTH 1024

/* More parameters than any request has. */
#define SFDW_URI_MAX_PARAMETERS 32

/* The longest host name that DNS has, and with ":65535" behind it. */
#define SFDW_URI_MAX_HOST_LENGTH 253
#define SFDW_URI_HOST_SIZE (SFDW_URI_MAX_HOST_LENGTH + 1)

/* One parameter of a query, not encoded; the strings end in NUL. */
typedef struct SfdwUriParameter
{
	const char *name;
	const char *value;			/* "" for a parameter such as "versions" */
} SfdwUriParameter;

/* An URL of a service, taken apart. */
typedef struct SfdwUriOrigin
{
	bool		is_https;
	bool		is_bracketed;	/* an address of version 6, which host holds
								 * without its brackets */
	char		host[SFDW_URI_HOST_SIZE];	/* in small letters */
	int			port;			/* 0: that of the scheme */
} SfdwUriOrigin;

/*
 * Append the encoded form of length bytes; is_path keeps "/" as it is.  Fails
 * as a buffer does.
 */
extern bool sfdw_uri_encode(SfdwBuffer *out, const char *bytes, size_t length,
							bool is_path, SfdwStatus *status);

/*
 * Append the bytes that an encoded text stands for; plus_is_space is for the
 * keys in S3's listings (encoding-type=url).  SFDW_MALFORMED for a "%" without
 * two hexadecimal digits behind it, SFDW_BAD_ENCODING for an encoded NUL.
 */
extern bool sfdw_uri_decode(SfdwBuffer *out, const char *text, size_t length,
							bool plus_is_space, SfdwStatus *status);

/*
 * Append a query without its "?": encoded, sorted by encoded name and value,
 * each with its "=".  This is both what is sent and what is signed.
 * SFDW_TOO_LARGE beyond SFDW_URI_MAX_PARAMETERS.
 */
extern bool sfdw_uri_query(SfdwBuffer *out, const SfdwUriParameter *parameters,
						   size_t count, SfdwStatus *status);

/*
 * Whether bytes can be an object's key: one to SFDW_URI_MAX_KEY_LENGTH of
 * them, none NUL.  Control characters are allowed, for they are encoded.
 */
extern bool sfdw_uri_check_key(const char *key, size_t length,
							   SfdwStatus *status);

/*
 * Whether text can be the value of a header: no CR, LF, NUL, nor another
 * control character but the tab.  SFDW_MALFORMED names the offset.
 */
extern bool sfdw_uri_check_header(const char *text, size_t length,
								  SfdwStatus *status);

/*
 * Whether text, of length bytes, is a host name: labels of letters, digits and
 * inner "-", with "." between them.
 */
extern bool sfdw_uri_is_host(const char *text, size_t length);

/*
 * Take apart the URL of a service: http:// or https://, a host name or an
 * address, maybe a port, maybe one "/" at the end.  Everything else that an
 * URL can have (user, path, query, fragment, zone) is SFDW_MALFORMED.
 */
extern bool sfdw_uri_parse_origin(const char *url, SfdwUriOrigin *origin,
								  SfdwStatus *status);

#endif							/* SFDW_URI_H */
