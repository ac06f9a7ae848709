/*-------------------------------------------------------------------------
 * uri.c
 *		Percent encoding of object keys and queries, as AWS signs them
 *
 * Pure.  See uri.h.
 *-------------------------------------------------------------------------
 */
#include "aws/uri.h"

#include <string.h>

#define MAX_PORT 65535
#define MAX_LABEL_LENGTH 63

/* Whether a byte is a letter or digit of ASCII, whatever the locale says. */
static bool
is_alphanumeric(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9');
}

/* Whether a byte stands for itself (RFC 3986, "unreserved"). */
static bool
is_unreserved(unsigned char c)
{
	return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* The value of a hexadecimal digit, or -1. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Append the encoded form of bytes. */
bool
sfdw_uri_encode(SfdwBuffer *out, const char *bytes, size_t length,
				bool is_path, SfdwStatus *status)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) bytes[i];
		char		encoded[3] = {'%', digits[c >> 4], digits[c & 15]};
		bool		is_kept = is_unreserved(c) || (is_path && c == '/');

		if (!sfdw_buffer_append(out, is_kept ? &bytes[i] : encoded,
								is_kept ? 1 : 3, status))
			return false;
	}
	return true;
}

/* Append the bytes that an encoded text stands for. */
bool
sfdw_uri_decode(SfdwBuffer *out, const char *text, size_t length,
				bool plus_is_space, SfdwStatus *status)
{
	for (size_t i = 0; i < length; i++)
	{
		char		c = text[i];

		if (c == '+' && plus_is_space)
			c = ' ';
		else if (c == '%')
		{
			int			high = i + 2 < length ? hex_value(text[i + 1]) : -1;
			int			low = high >= 0 ? hex_value(text[i + 2]) : -1;

			if (low < 0)
				return sfdw_fail(status, SFDW_MALFORMED, i,
								 "a \"%%\" without two hexadecimal digits");
			c = (char) (high * 16 + low);
			if (c == '\0')
				return sfdw_fail(status, SFDW_BAD_ENCODING, i,
								 "an encoded NUL");
			i += 2;
		}
		if (!sfdw_buffer_append(out, &c, 1, status))
			return false;
	}
	return true;
}

/*
 * Compare two texts as their encoded forms compare.  "%" sorts before every
 * byte that stands for itself, and capital digits sort as the bytes do.
 */
static int
compare_encoded(const char *a, const char *b)
{
	unsigned char x;
	unsigned char y;

	while (*a != '\0' && *a == *b)
	{
		a++;
		b++;
	}
	x = (unsigned char) *a;
	y = (unsigned char) *b;
	if (x != '\0' && y != '\0' && is_unreserved(x) != is_unreserved(y))
		return is_unreserved(x) ? 1 : -1;
	return (int) x - (int) y;
}

/* Compare two parameters by name, then value. */
static int
compare_parameters(const SfdwUriParameter *a, const SfdwUriParameter *b)
{
	int			order = compare_encoded(a->name, b->name);

	return order != 0 ? order : compare_encoded(a->value, b->value);
}

/* Append "name=value", after "&" unless it is the first. */
static bool
append_parameter(SfdwBuffer *out, const SfdwUriParameter *parameter,
				 bool is_first, SfdwStatus *status)
{
	return (is_first || sfdw_buffer_append(out, "&", 1, status)) &&
		sfdw_uri_encode(out, parameter->name, strlen(parameter->name), false,
						status) &&
		sfdw_buffer_append(out, "=", 1, status) &&
		sfdw_uri_encode(out, parameter->value, strlen(parameter->value),
						false, status);
}

/* Append a query; a request has few parameters, so they are sorted by insertion. */
bool
sfdw_uri_query(SfdwBuffer *out, const SfdwUriParameter *parameters,
			   size_t count, SfdwStatus *status)
{
	const SfdwUriParameter *sorted[SFDW_URI_MAX_PARAMETERS];

	if (count > SFDW_URI_MAX_PARAMETERS)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "more than %d parameters", SFDW_URI_MAX_PARAMETERS);
	for (size_t i = 0; i < count; i++)
	{
		size_t		at = i;

		while (at > 0 && compare_parameters(sorted[at - 1], &parameters[i]) > 0)
		{
			sorted[at] = sorted[at - 1];
			at--;
		}
		sorted[at] = &parameters[i];
	}
	for (size_t i = 0; i < count; i++)
	{
		if (!append_parameter(out, sorted[i], i == 0, status))
			return false;
	}
	return true;
}

/* Whether bytes can be an object's key. */
bool
sfdw_uri_check_key(const char *key, size_t length, SfdwStatus *status)
{
	const char *nul;

	if (length == 0)
		return sfdw_fail(status, SFDW_MALFORMED, 0, "the key is empty");
	if (length > SFDW_URI_MAX_KEY_LENGTH)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "the key has more than %d bytes",
						 SFDW_URI_MAX_KEY_LENGTH);
	nul = memchr(key, '\0', length);
	if (nul != NULL)
		return sfdw_fail(status, SFDW_BAD_ENCODING, (uint64_t) (nul - key),
						 "the key contains a NUL");
	return true;
}

/* Whether text can be the value of a header. */
bool
sfdw_uri_check_header(const char *text, size_t length, SfdwStatus *status)
{
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) text[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return sfdw_fail(status, SFDW_MALFORMED, i,
							 "a header contains a control character");
	}
	return true;
}

/* Whether text is a host name. */
bool
sfdw_uri_is_host(const char *text, size_t length)
{
	size_t		label = 0;		/* bytes of the label so far */

	if (length == 0 || length > SFDW_URI_MAX_HOST_LENGTH)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		bool		ends = i + 1 == length || text[i + 1] == '.';

		if (text[i] == '.')
		{
			if (label == 0 || i + 1 == length)
				return false;
			label = 0;
			continue;
		}
		if (!is_alphanumeric((unsigned char) text[i]) &&
			(text[i] != '-' || label == 0 || ends))
			return false;
		if (++label > MAX_LABEL_LENGTH)
			return false;
	}
	return true;
}

/* Set the port from ":digits", or leave it when there is nothing. */
static bool
parse_port(const char *text, size_t length, SfdwUriOrigin *origin)
{
	origin->port = 0;
	if (length == 0)
		return true;
	if (text[0] != ':' || length < 2 || length > 6)
		return false;
	for (size_t i = 1; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
		origin->port = origin->port * 10 + (text[i] - '0');
	}
	return origin->port >= 1 && origin->port <= MAX_PORT;
}

/* Whether text has the letters of an address of version 6, and no zone. */
static bool
is_bracket_content(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (hex_value(text[i]) < 0 && text[i] != ':' && text[i] != '.')
			return false;
	}
	return length >= 2 && length <= SFDW_URI_MAX_HOST_LENGTH &&
		memchr(text, ':', length) != NULL;
}

/* Keep the host in small letters, as it is signed and compared. */
static void
copy_host(const char *text, size_t length, SfdwUriOrigin *origin)
{
	for (size_t i = 0; i < length; i++)
		origin->host[i] = text[i] >= 'A' && text[i] <= 'Z' ?
			(char) (text[i] - 'A' + 'a') : text[i];
	origin->host[length] = '\0';
}

/* Take apart "host", "host:port", "[address]" or "[address]:port". */
static bool
parse_authority(const char *text, size_t length, SfdwUriOrigin *origin)
{
	const char *end;
	size_t		host_length;

	origin->is_bracketed = length > 0 && text[0] == '[';
	if (origin->is_bracketed)
	{
		text++;
		length--;
	}
	end = memchr(text, origin->is_bracketed ? ']' : ':', length);
	host_length = end == NULL ? length : (size_t) (end - text);
	if (origin->is_bracketed ?
		end == NULL || !is_bracket_content(text, host_length) :
		!sfdw_uri_is_host(text, host_length))
		return false;
	copy_host(text, host_length, origin);
	if (origin->is_bracketed)
		host_length++;
	return parse_port(text + host_length, length - host_length, origin);
}

/* Take apart the URL of a service. */
bool
sfdw_uri_parse_origin(const char *url, SfdwUriOrigin *origin,
					  SfdwStatus *status)
{
	size_t		length;

	memset(origin, 0, sizeof(*origin));
	origin->is_https = strncmp(url, "https://", 8) == 0;
	if (!origin->is_https && strncmp(url, "http://", 7) != 0)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "it starts neither with \"https://\" nor with \"http://\"");
	url += origin->is_https ? 8 : 7;
	length = strlen(url);
	if (length > 0 && url[length - 1] == '/')
		length--;
	if (!parse_authority(url, length, origin))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "it is not a host, maybe with a port, and nothing else");
	return true;
}
