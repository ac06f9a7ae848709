/*-------------------------------------------------------------------------
 * sigv4.c
 *		Signature Version 4 of a request, in its Authorization header
 *
 * Pure.  See sigv4.h.
 *-------------------------------------------------------------------------
 */
#include "aws/sigv4.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "aws/uri.h"
#include "aws/wipe.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

/* What a request's headers, query and path may come to. */
#define MAX_CANONICAL_SIZE 65536
#define MAX_AUTHORIZATION_SIZE 8192
#define MAX_STRING_TO_SIGN_SIZE 1024

/* Longer than AWS's own secrets (40), and than any that is configured. */
#define MAX_SECRET_LENGTH 256

#define DATE_LENGTH 8			/* of "20150830" in the timestamp */
#define LAST_SECOND INT64_C(253402300799)	/* of the year 9999 */
#define SECONDS_A_DAY 86400

typedef unsigned char Digest[SFDW_SHA256_LENGTH];

/* The headers to be signed, sorted by name. */
typedef struct SignedHeaders
{
	const SfdwHttpHeader *sorted[SFDW_SIGV4_MAX_HEADERS];
	SfdwHttpHeader own[3];
	size_t		count;
} SignedHeaders;

/* Not signed: libraries add and proxies change these. */
static const char *const skipped_headers[] = {
	"accept", "connection", "expect", "transfer-encoding", "user-agent"
};

/* Added by the signer; a second one would not be signed as it is sent. */
static const char *const own_headers[] = {
	"authorization", "x-amz-content-sha256", "x-amz-date",
	"x-amz-security-token"
};

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Start an empty result. */
void
sfdw_signature_init(SfdwSignature *signature, const SfdwMemory *memory)
{
	sfdw_buffer_init(&signature->canonical_request, memory, MAX_CANONICAL_SIZE);
	sfdw_buffer_init(&signature->string_to_sign, memory,
					 MAX_STRING_TO_SIGN_SIZE);
	sfdw_buffer_init(&signature->authorization, memory, MAX_AUTHORIZATION_SIZE);
}

/* Overwrite a buffer's bytes, and give its memory back. */
static void
wipe_buffer(SfdwBuffer *buffer)
{
	if (buffer->data != NULL)
		sfdw_wipe(buffer->data, buffer->capacity);
	sfdw_buffer_free(buffer);
}

/* Give the result's memory back. */
void
sfdw_signature_free(SfdwSignature *signature)
{
	wipe_buffer(&signature->canonical_request);
	wipe_buffer(&signature->string_to_sign);
	wipe_buffer(&signature->authorization);
}

/* Digits of a digest. */
void
sfdw_sigv4_hex(const unsigned char digest[SFDW_SHA256_LENGTH],
			   char hex[SFDW_SHA256_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SFDW_SHA256_LENGTH; i++)
	{
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[SFDW_SHA256_HEX_SIZE - 1] = '\0';
}

/*
 * The timestamp of a time.  The date is counted in years that start in March,
 * so that the leap day is the last of its year.
 */
bool
sfdw_sigv4_format_time(int64_t seconds, char timestamp[SFDW_SIGV4_TIME_SIZE],
					   SfdwStatus *status)
{
	unsigned int second;
	unsigned int day;
	unsigned int era;
	unsigned int year;
	unsigned int month;

	if (seconds < 0 || seconds > LAST_SECOND)
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "the time is before 1970 or after 9999");
	second = (unsigned int) (seconds % SECONDS_A_DAY);
	day = (unsigned int) (seconds / SECONDS_A_DAY) + 719468;	/* of 0000-03-01 */
	era = day / 146097;
	day %= 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;	/* 0 is March */
	day = day - (153 * month + 2) / 5 + 1;
	year += era * 400 + (month >= 10);
	month = month < 10 ? month + 3 : month - 9;
	snprintf(timestamp, SFDW_SIGV4_TIME_SIZE, "%04u%02u%02uT%02u%02u%02uZ",
			 year % 10000, month % 100, day % 100, second / 3600 % 100,
			 second / 60 % 60, second % 60);
	return true;
}

/* Append a string. */
static bool
append_string(SfdwBuffer *out, const char *text, SfdwStatus *status)
{
	return sfdw_buffer_append(out, text, strlen(text), status);
}

/* Append strings; the last argument is NULL. */
static bool
append_strings(SfdwBuffer *out, SfdwStatus *status,...)
{
	va_list		args;
	const char *text;
	bool		is_ok = true;

	va_start(args, status);
	while (is_ok && (text = va_arg(args, const char *)) != NULL)
		is_ok = append_string(out, text, status);
	va_end(args);
	return is_ok;
}

/* Put a NUL behind the bytes of a buffer, without counting it. */
static bool
terminate(SfdwBuffer *out, SfdwStatus *status)
{
	if (!sfdw_buffer_append(out, "", 1, status))
		return false;
	out->length--;
	return true;
}

/* The small letter of a capital one. */
static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

/* Compare two names, whatever their case. */
static int
compare_names(const char *a, const char *b)
{
	while (*a != '\0' && to_lower(*a) == to_lower(*b))
	{
		a++;
		b++;
	}
	return (unsigned char) to_lower(*a) - (unsigned char) to_lower(*b);
}

/* Whether a header's name is in a list. */
static bool
is_listed(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		if (compare_names(name, list[i]) == 0)
			return true;
	}
	return false;
}

/* Whether a text is a header's name (RFC 9110, "token"). */
static bool
is_header_name(const char *name)
{
	size_t		length = strspn(name, "!#$%&'*+-.^_`|~0123456789"
								"abcdefghijklmnopqrstuvwxyz"
								"ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return length > 0 && name[length] == '\0';
}

/* Put a header where it belongs; those of equal names keep their order. */
static bool
insert_header(SignedHeaders *headers, const SfdwHttpHeader *header,
			  SfdwStatus *status)
{
	size_t		at = headers->count;

	if (at == SFDW_SIGV4_MAX_HEADERS)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0, "more than %d headers",
						 SFDW_SIGV4_MAX_HEADERS);
	while (at > 0 &&
		   compare_names(headers->sorted[at - 1]->name, header->name) > 0)
	{
		headers->sorted[at] = headers->sorted[at - 1];
		at--;
	}
	headers->sorted[at] = header;
	headers->count++;
	return true;
}

/* Check one of the caller's headers, and take it unless it is not signed. */
static bool
take_header(SignedHeaders *headers, const SfdwHttpHeader *header,
			SfdwStatus *status)
{
	if (!is_header_name(header->name))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "a header has a name that is none");
	if (is_listed(header->name, own_headers, ARRAY_LENGTH(own_headers)))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "header \"%s\" is the signer's own", header->name);
	if (!sfdw_uri_check_header(header->value, strlen(header->value), status))
		return false;
	return is_listed(header->name, skipped_headers,
					 ARRAY_LENGTH(skipped_headers)) ||
		insert_header(headers, header, status);
}

/* Add one of the signer's own headers, unless it has no value. */
static bool
take_own_header(SignedHeaders *headers, int which, const char *name,
				const char *value, SfdwStatus *status)
{
	if (value == NULL)
		return true;
	headers->own[which].name = name;
	headers->own[which].value = value;
	return sfdw_uri_check_header(value, strlen(value), status) &&
		insert_header(headers, &headers->own[which], status);
}

/* Gather what is signed. */
static bool
collect_headers(const SfdwSigv4Request *request, const SfdwAwsKeys *keys,
				SignedHeaders *headers, SfdwStatus *status)
{
	bool		has_host = false;

	headers->count = 0;
	for (size_t i = 0; i < request->header_count; i++)
	{
		if (!take_header(headers, &request->headers[i], status))
			return false;
		has_host |= compare_names(request->headers[i].name, "host") == 0;
	}
	if (!has_host)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "header \"host\" is missing");
	return take_own_header(headers, 0, "x-amz-date", request->timestamp,
						   status) &&
		take_own_header(headers, 1, "x-amz-content-sha256",
						request->sends_payload_hash ? request->payload_hash : NULL,
						status) &&
		take_own_header(headers, 2, "x-amz-security-token",
						keys->session_token, status);
}

/* Append a name in small letters. */
static bool
append_name(SfdwBuffer *out, const char *name, SfdwStatus *status)
{
	for (; *name != '\0'; name++)
	{
		char		c = to_lower(*name);

		if (!sfdw_buffer_append(out, &c, 1, status))
			return false;
	}
	return true;
}

/* Append a value without blanks around it, and one blank for many inside. */
static bool
append_value(SfdwBuffer *out, const char *value, SfdwStatus *status)
{
	static const char blanks[] = " \t";

	value += strspn(value, blanks);
	while (*value != '\0')
	{
		size_t		length = strcspn(value, blanks);

		if (!sfdw_buffer_append(out, value, length, status))
			return false;
		value += length;
		value += strspn(value, blanks);
		if (*value != '\0' && !sfdw_buffer_append(out, " ", 1, status))
			return false;
	}
	return true;
}

/* Append "name:value,value" lines. */
static bool
append_headers(SfdwBuffer *out, const SignedHeaders *headers,
			   SfdwStatus *status)
{
	for (size_t i = 0; i < headers->count; i++)
	{
		const SfdwHttpHeader *header = headers->sorted[i];
		bool		is_repeated = i > 0 &&
			compare_names(headers->sorted[i - 1]->name, header->name) == 0;

		if (is_repeated ? !append_string(out, ",", status) :
			!((i == 0 || append_string(out, "\n", status)) &&
			  append_name(out, header->name, status) &&
			  append_string(out, ":", status)))
			return false;
		if (!append_value(out, header->value, status))
			return false;
	}
	return append_string(out, "\n", status);
}

/* Append "name;name". */
static bool
append_header_names(SfdwBuffer *out, const SignedHeaders *headers,
					SfdwStatus *status)
{
	for (size_t i = 0; i < headers->count; i++)
	{
		const char *name = headers->sorted[i]->name;

		if (i > 0 && compare_names(headers->sorted[i - 1]->name, name) == 0)
			continue;
		if ((i > 0 && !append_string(out, ";", status)) ||
			!append_name(out, name, status))
			return false;
	}
	return true;
}

/* Take the last segment, and the "/" before it, off what was appended. */
static void
drop_segment(SfdwBuffer *out, size_t start)
{
	while (out->length > start && out->data[out->length - 1] != '/')
		out->length--;
	if (out->length > start)
		out->length--;
}

/* Append a path without empty segments, "." and "..". */
static bool
append_normalized(SfdwBuffer *out, const char *path, bool encodes,
				  SfdwStatus *status)
{
	size_t		start = out->length;
	bool		ends_in_slash = true;

	while (*path != '\0')
	{
		size_t		length = strcspn(++path, "/");
		bool		goes_up = length == 2 && path[0] == '.' && path[1] == '.';
		bool		is_name = !goes_up && length > 0 &&
			!(length == 1 && path[0] == '.');

		if (goes_up)
			drop_segment(out, start);
		if (is_name &&
			!(append_string(out, "/", status) &&
			  (encodes ? sfdw_uri_encode(out, path, length, true, status) :
			   sfdw_buffer_append(out, path, length, status))))
			return false;
		ends_in_slash = !is_name;
		path += length;
	}
	return !ends_in_slash || append_string(out, "/", status);
}

/* Append the path as the service sees it. */
static bool
append_path(SfdwBuffer *out, const SfdwSigv4Request *request,
			SfdwStatus *status)
{
	const char *path = request->path;

	if (request->normalizes_path)
		return append_normalized(out, path, request->encodes_path_again,
								 status);
	if (request->encodes_path_again)
		return sfdw_uri_encode(out, path, strlen(path), true, status);
	return append_string(out, path, status);
}

/* The first text of a signature: the request in its canonical form. */
static bool
build_canonical_request(const SfdwSigv4Request *request,
						const SignedHeaders *headers, SfdwBuffer *out,
						SfdwStatus *status)
{
	sfdw_buffer_reset(out);
	return append_strings(out, status, request->method, "\n", NULL) &&
		append_path(out, request, status) &&
		append_strings(out, status, "\n", request->query, "\n", NULL) &&
		append_headers(out, headers, status) &&
		append_string(out, "\n", status) &&
		append_header_names(out, headers, status) &&
		append_strings(out, status, "\n", request->payload_hash, NULL) &&
		terminate(out, status);
}

/* Append "date/region/service/aws4_request". */
static bool
append_scope(SfdwBuffer *out, const SfdwSigv4Request *request,
			 SfdwStatus *status)
{
	return sfdw_buffer_append(out, request->timestamp, DATE_LENGTH, status) &&
		append_strings(out, status, "/", request->region, "/",
					   request->service, "/aws4_request", NULL);
}

/* The failure of somebody's SHA-256. */
static bool
fail_sha256(SfdwStatus *status)
{
	return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
					 "SHA-256 could not be computed");
}

/* The second text: algorithm, time, scope, and the digest of the first. */
static bool
build_string_to_sign(const SfdwSigv4Request *request, const SfdwSha256 *sha256,
					 SfdwSignature *signature, SfdwStatus *status)
{
	SfdwBuffer *out = &signature->string_to_sign;
	Digest		digest;
	char		hex[SFDW_SHA256_HEX_SIZE];

	if (!sha256->hash(sha256->context, signature->canonical_request.data,
					  signature->canonical_request.length, digest))
		return fail_sha256(status);
	sfdw_sigv4_hex(digest, hex);
	sfdw_buffer_reset(out);
	return append_strings(out, status, ALGORITHM "\n", request->timestamp,
						  "\n", NULL) &&
		append_scope(out, request, status) &&
		append_strings(out, status, "\n", hex, NULL) &&
		terminate(out, status);
}

/* key = HMAC(key, data). */
static bool
extend_key(const SfdwSha256 *sha256, Digest key, const char *data,
		   size_t length)
{
	Digest		next;
	bool		is_ok = sha256->hmac(sha256->context, key, sizeof(Digest),
									 data, length, next);

	memcpy(key, next, sizeof(Digest));
	sfdw_wipe(next, sizeof(next));
	return is_ok;
}

/* The key that signs for one day, region and service. */
static bool
derive_key(const SfdwSigv4Request *request, const SfdwAwsKeys *keys,
		   const SfdwSha256 *sha256, Digest key)
{
	char		secret[4 + MAX_SECRET_LENGTH + 1];
	bool		is_ok;

	snprintf(secret, sizeof(secret), "AWS4%s", keys->secret_access_key);
	is_ok = sha256->hmac(sha256->context, secret, strlen(secret),
						 request->timestamp, DATE_LENGTH, key) &&
		extend_key(sha256, key, request->region, strlen(request->region)) &&
		extend_key(sha256, key, request->service, strlen(request->service)) &&
		extend_key(sha256, key, "aws4_request", strlen("aws4_request"));
	sfdw_wipe(secret, sizeof(secret));
	return is_ok;
}

/* The header's value, with the signature in it. */
static bool
build_authorization(const SfdwSigv4Request *request, const char *access_key_id,
					const SignedHeaders *headers, const Digest digest,
					SfdwBuffer *out, SfdwStatus *status)
{
	char		hex[SFDW_SHA256_HEX_SIZE];

	sfdw_sigv4_hex(digest, hex);
	sfdw_buffer_reset(out);
	return append_strings(out, status, ALGORITHM " Credential=", access_key_id,
						  "/", NULL) &&
		append_scope(out, request, status) &&
		append_string(out, ", SignedHeaders=", status) &&
		append_header_names(out, headers, status) &&
		append_strings(out, status, ", Signature=", hex, NULL) &&
		terminate(out, status);
}

/* Whether a text is "20150830T123600Z" by its form. */
static bool
is_timestamp(const char *text)
{
	return strlen(text) == SFDW_SIGV4_TIME_SIZE - 1 &&
		strspn(text, "0123456789") == DATE_LENGTH &&
		text[DATE_LENGTH] == 'T' &&
		strspn(text + DATE_LENGTH + 1, "0123456789") == 6 &&
		text[SFDW_SIGV4_TIME_SIZE - 2] == 'Z';
}

/* Whether a text can be a part of the scope or of the request line. */
static bool
is_word(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
	{
		if (*text <= ' ' || *text > '~' || *text == '/' || *text == ',')
			return false;
	}
	return true;
}

/* Whether a text has a line end or another control character in it. */
static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
	{
		if ((unsigned char) *text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

/* Check all that goes into the texts as it is. */
static bool
check_request(const SfdwSigv4Request *request, const SfdwAwsKeys *keys,
			  SfdwStatus *status)
{
	if (!is_timestamp(request->timestamp))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the timestamp is not of the form of sigv4");
	if (!is_word(request->method) || !is_word(request->region) ||
		!is_word(request->service) || !is_word(request->payload_hash))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "method, region, service or payload hash is not a word");
	if (request->path[0] != '/' || has_control(request->path) ||
		strpbrk(request->path, "?#") != NULL)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the path is not an encoded one");
	if (has_control(request->query) ||
		strpbrk(request->query, "?# ") != NULL)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the query is not an encoded one");
	if (!is_word(keys->access_key_id))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the access key id is not a word");
	if (strlen(keys->secret_access_key) > MAX_SECRET_LENGTH)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "the secret access key has more than %d bytes",
						 MAX_SECRET_LENGTH);
	return true;
}

/* Sign a request. */
bool
sfdw_sigv4_sign(const SfdwSigv4Request *request, const SfdwAwsKeys *keys,
				const SfdwSha256 *sha256, SfdwSignature *signature,
				SfdwStatus *status)
{
	SignedHeaders headers;
	Digest		key;
	bool		is_ok;

	if (!check_request(request, keys, status) ||
		!collect_headers(request, keys, &headers, status) ||
		!build_canonical_request(request, &headers,
								 &signature->canonical_request, status) ||
		!build_string_to_sign(request, sha256, signature, status))
		return false;
	is_ok = (derive_key(request, keys, sha256, key) &&
			 extend_key(sha256, key, signature->string_to_sign.data,
						signature->string_to_sign.length)) ||
		fail_sha256(status);
	is_ok = is_ok &&
		build_authorization(request, keys->access_key_id, &headers, key,
							&signature->authorization, status);
	sfdw_wipe(key, sizeof(key));
	return is_ok;
}
