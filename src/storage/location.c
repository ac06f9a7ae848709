/*-------------------------------------------------------------------------
 * location.c
 *		The grammar of locations and keys
 *
 * Pure.  See location.h.
 *-------------------------------------------------------------------------
 */
#include "storage/location.h"

#include <string.h>

/* What stands between scheme and host. */
#define SEPARATOR "://"

/* Copy the scheme; false unless it is one to eight small letters or digits. */
static bool
parse_scheme(const char *url, const char *end, SfdwLocation *location)
{
	size_t		length = (size_t) (end - url);

	if (length == 0 || length > SFDW_MAX_SCHEME_LENGTH)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if (!((url[i] >= 'a' && url[i] <= 'z') ||
			  (url[i] >= '0' && url[i] <= '9')))
			return false;
	}
	memcpy(location->scheme, url, length);
	location->scheme[length] = '\0';
	return true;
}

/* Whether a string has a character below space, or DEL. */
static bool
has_control_character(const char *text)
{
	for (; *text != '\0'; text++)
	{
		if ((unsigned char) *text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

/* Whether a path segment means something other than a name. */
static bool
is_special_segment(const char *segment, size_t length)
{
	return length == 0 || (length == 1 && segment[0] == '.') ||
		(length == 2 && segment[0] == '.' && segment[1] == '.');
}

/* Check the segments between slashes; the last one may be empty if allowed. */
static bool
check_segments(const char *path, bool may_end_in_slash, SfdwStatus *status)
{
	const char *segment = path;

	for (;;)
	{
		size_t		length = strcspn(segment, "/");

		if (length == 0 && segment[0] == '\0' && may_end_in_slash)
			return true;
		if (is_special_segment(segment, length))
			return sfdw_fail(status, SFDW_MALFORMED,
							 (uint64_t) (segment - path),
							 "a path segment is empty, \".\" or \"..\"");
		if (strncmp(segment, SFDW_PURGE_FOLDER_PREFIX,
					strlen(SFDW_PURGE_FOLDER_PREFIX)) == 0)
			return sfdw_fail(status, SFDW_MALFORMED,
							 (uint64_t) (segment - path),
							 "a path segment is reserved for deletion");
		if (segment[length] == '\0')
			return true;
		segment += length + 1;
	}
}

/* Take an URL apart. */
bool
sfdw_location_parse(const char *url, SfdwLocation *location,
					SfdwStatus *status)
{
	const char *separator = strstr(url, SEPARATOR);
	bool		is_file;

	memset(location, 0, sizeof(*location));
	if (strlen(url) > SFDW_MAX_LOCATION_LENGTH)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0, "more than %d bytes",
						 SFDW_MAX_LOCATION_LENGTH);
	if (separator == NULL || !parse_scheme(url, separator, location))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "it does not start with a scheme such as \"file://\"");
	if (has_control_character(url))
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "it contains a control character");
	location->host = separator + strlen(SEPARATOR);
	location->host_length = strcspn(location->host, "/");
	location->path = location->host + location->host_length;
	if (location->path[0] != '/')
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "no \"/\" follows the host or bucket");
	is_file = strcmp(location->scheme, "file") == 0;
	if (is_file && location->host_length > 0)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "a host is given; write \"file:///folder/\"");
	if (!is_file && location->host_length == 0)
		return sfdw_fail(status, SFDW_MALFORMED, 0, "the bucket is missing");
	return !is_file || check_segments(location->path + 1, true, status);
}

/* Check a key by the rules of folders. */
bool
sfdw_location_check_key(const char *key, SfdwStatus *status)
{
	if (strlen(key) > SFDW_MAX_KEY_LENGTH)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0, "more than %d bytes",
						 SFDW_MAX_KEY_LENGTH);
	return check_segments(key, false, status);
}

/* Whether url starts with location, up to its last "/". */
bool
sfdw_location_contains(const char *location, const char *url)
{
	size_t		length = strlen(location);

	if (strncmp(location, url, length) == 0)
		return true;
	/* The folder itself, written without its last slash. */
	return length > 0 && location[length - 1] == '/' &&
		strlen(url) == length - 1 && strncmp(location, url, length - 1) == 0;
}
