/*-------------------------------------------------------------------------
 * definition_url.c
 *		Which data set a file belongs to
 *
 * Knows folders of data sets and how a URL is compared with them.  A local
 * file is compared by its real path, so that a symbolic link does not lead
 * around the check.
 *-------------------------------------------------------------------------
 */
#include "dataset/definition.h"

#include <limits.h>
#include <stdlib.h>

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
		char	   *real;

		if (folder == NULL)
			continue;
		real = comparable(folder);
		if (real[0] != '\0' && real[strlen(real) - 1] != '/')
			real = psprintf("%s/", real);
		if (strncmp(wanted, real, strlen(real)) == 0)
			return dataset->name;
	}
	return NULL;
}
