/*-------------------------------------------------------------------------
 * definition_url.c
 *		Which data set a file belongs to
 *
 * Knows folders of data sets and how a URL is compared with them.  A local
 * file is compared by its real path, so that a symbolic link does not lead
 * around the check.
 *-------------------------------------------------------------------------
 */
#include "dataset/definition_url.h"

#include <limits.h>
#include <stdlib.h>

#include "dataset/definition.h"
#include "storage/location.h"

#define FILE_SCHEME "file://"

/*
 * The real path of the deepest folder of path that exists, then what follows
 * it: a COPY may be about to make the rest.
 */
static char *
real_path(const char *path)
{
	char		resolved[PATH_MAX];
	char	   *head = pstrdup(path);
	char	   *slash;

	while (realpath(head, resolved) == NULL)
	{
		slash = strrchr(head, '/');
		if (slash == NULL || slash == head)
			return pstrdup(path);
		*slash = '\0';
	}
	return psprintf("%s%s%s", resolved, path[strlen(head)] == '\0' ? "" : "/",
					path + strlen(head) + strspn(path + strlen(head), "/"));
}

/* A URL in the form in which two can be compared. */
static char *
comparable(const char *url)
{
	if (strncmp(url, FILE_SCHEME, strlen(FILE_SCHEME)) == 0)
		url += strlen(FILE_SCHEME);
	if (url[0] == '/')
		return psprintf(FILE_SCHEME "%s", real_path(url));
	return pstrdup(url);
}

/* The same for a folder; resolving it may have cost it its last slash. */
static char *
comparable_folder(const char *folder)
{
	char	   *url = comparable(folder);
	size_t		length = strlen(url);

	if (length > 0 && url[length - 1] == '/')
		return url;
	return psprintf("%s/", url);
}

/* Each may be the one that contains the other. */
bool
sfdw_url_overlaps(const char *folder, const char *other)
{
	char	   *left = comparable_folder(folder);
	char	   *right = comparable_folder(other);

	return sfdw_location_contains(left, right) ||
		sfdw_location_contains(right, left);
}

/* Folders do not overlap, so the first that fits is the one. */
char *
sfdw_dataset_owning_url(const char *url)
{
	char	   *wanted = comparable(url);
	ListCell   *cell;

	foreach(cell, sfdw_dataset_list())
	{
		SfdwDataset *dataset = lfirst(cell);
		char	   *folder = sfdw_dataset_folder(dataset);

		if (folder != NULL &&
			sfdw_location_contains(comparable_folder(folder), wanted))
			return dataset->name;
	}
	return NULL;
}
