/*-------------------------------------------------------------------------
 * location.h
 *		The grammar of locations and keys
 *
 * Pure.  A location is SCHEME://HOST/PATH/ and ends in "/"; nothing in it is
 * decoded: "%20" is three characters of a name, as it is in a key.
 *
 *		file:///folder/			HOST is empty, /folder/ is an absolute path
 *		s3://bucket/prefix/		HOST is the bucket
 *		memory://name/			HOST is any name (test build)
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_LOCATION_H
#define SFDW_LOCATION_H

#include <stddef.h>

#include "core/status.h"

/* As S3 limits keys; a folder's own limits are below it. */
#define SFDW_MAX_KEY_LENGTH 1024
#define SFDW_MAX_LOCATION_LENGTH 2048
#define SFDW_MAX_SCHEME_LENGTH 8

/*
 * Where a file is put between leaving its name and being deleted: a folder of
 * this name and a number, beside it.  No key may name one.
 */
#define SFDW_PURGE_FOLDER_PREFIX ".salesforce_fdw_purge."

/* The parts of a location or an URL; pointers into what was parsed. */
typedef struct SfdwLocation
{
	char		scheme[SFDW_MAX_SCHEME_LENGTH + 1];
	const char *host;
	size_t		host_length;
	const char *path;			/* with its leading "/" */
} SfdwLocation;

/*
 * Take an URL apart.  SFDW_MALFORMED for what has no scheme, "file" with a
 * host, others without one, control characters, no path, or for "file" path
 * segments "", "." and ".."; SFDW_TOO_LARGE beyond the limit.
 */
extern bool sfdw_location_parse(const char *url, SfdwLocation *location,
								SfdwStatus *status);

/*
 * Whether a key is one that a folder can hold and that stays in it:
 * SFDW_MALFORMED for an empty key, a leading or trailing "/", a segment "",
 * "." or "..", or one of a purge folder.
 */
extern bool sfdw_location_check_key(const char *key, SfdwStatus *status);

/* Whether url is location, or something below it; location ends in "/". */
extern bool sfdw_location_contains(const char *location, const char *url);

#endif							/* SFDW_LOCATION_H */
