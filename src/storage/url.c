/*-------------------------------------------------------------------------
 * url.c
 *		URLs of objects, and whether locations overlap
 *-------------------------------------------------------------------------
 */
#include "storage/storage.h"

#include <stdlib.h>

#include "storage/location.h"

/* location + key. */
char *
sfdw_storage_url(SfdwStorage *storage, const char *key)
{
	return psprintf("%s%s", storage->location, key);
}

/*
 * The folder of a file:// location without links and with a "/" at its end;
 * other locations, and folders that are not there, as they are.
 */
static char *
resolve_location(const char *location)
{
	static const char file_scheme[] = "file://";
	char	   *folder;
	char	   *result;

	if (strncmp(location, file_scheme, strlen(file_scheme)) != 0)
		return pstrdup(location);
	folder = realpath(location + strlen(file_scheme), NULL);
	if (folder == NULL)
		return pstrdup(location);
	result = psprintf("%s%s%s", file_scheme, folder,
					  strcmp(folder, "/") == 0 ? "" : "/");
	free(folder);
	return result;
}

/* Compare as written and, for folders, as they are. */
bool
sfdw_storage_overlaps(const char *location, const char *other)
{
	char	   *resolved = resolve_location(location);
	char	   *resolved_other = resolve_location(other);

	return sfdw_location_contains(location, other) ||
		sfdw_location_contains(other, location) ||
		sfdw_location_contains(resolved, resolved_other) ||
		sfdw_location_contains(resolved_other, resolved);
}
