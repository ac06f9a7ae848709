/*-------------------------------------------------------------------------
 * url.c
 *		URLs of objects, and what contains what
 *
 * Local files are compared by their real paths, so that a symbolic link does
 * not lead around a check.
 *-------------------------------------------------------------------------
 */
#include "storage/storage.h"

#include <stdlib.h>

#include "storage/location.h"

/* What stands before the path of a local file or folder. */
#define FILE_SCHEME "file://"

/* location + key. */
char *
sfdw_storage_url(SfdwStorage *storage, const char *key)
{
	return psprintf("%s%s", storage->location, key);
}

/*
 * The real path of the deepest part of path that exists, then what follows it:
 * the rest may be about to be made.
 */
char *
sfdw_storage_real_path(const char *path)
{
	char	   *head = pstrdup(path);
	char	   *resolved;
	char	   *result;
	const char *rest;

	while ((resolved = realpath(head, NULL)) == NULL)
	{
		char	   *slash = strrchr(head, '/');

		if (slash == NULL || slash == head)
			return pstrdup(path);
		*slash = '\0';
	}
	rest = path + strlen(head);
	rest += strspn(rest, "/");
	result = psprintf("%s%s%s", resolved,
					  resolved[strlen(resolved) - 1] == '/' ? "" : "/", rest);
	free(resolved);
	return result;
}

/* An URL, or an absolute path. */
char *
sfdw_storage_comparable(const char *url)
{
	if (strncmp(url, FILE_SCHEME, strlen(FILE_SCHEME)) == 0)
		url += strlen(FILE_SCHEME);
	if (url[0] == '/')
		return psprintf("%s%s", FILE_SCHEME, sfdw_storage_real_path(url));
	return pstrdup(url);
}

/* The same for a folder, with a "/" at its end. */
static char *
comparable_folder(const char *folder)
{
	char	   *url = sfdw_storage_comparable(folder);
	size_t		length = strlen(url);

	return length > 0 && url[length - 1] == '/' ? url : psprintf("%s/", url);
}

/* Whether url is the folder or below it. */
bool
sfdw_storage_contains(const char *folder, const char *url)
{
	return sfdw_location_contains(comparable_folder(folder), sfdw_storage_comparable(url));
}

/* Each may be the one that contains the other. */
bool
sfdw_storage_overlaps(const char *location, const char *other)
{
	char	   *left = comparable_folder(location);
	char	   *right = comparable_folder(other);

	return sfdw_location_contains(left, right) ||
		sfdw_location_contains(right, left);
}
