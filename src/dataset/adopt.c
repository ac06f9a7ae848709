/*-------------------------------------------------------------------------
 * adopt.c
 *		The catalog's table lies where a run that the ledger lost has put it
 *
 * In place, publish.c compares the bytes of the one object; in versions, there
 * is only a folder that the manifest in it speaks for.
 *-------------------------------------------------------------------------
 */
#include "dataset/adopt.h"

#include "core/names.h"
#include "dataset/manifest.h"
#include "dataset/stage.h"

/* The folder of an URL when it lies beside the run's own; else NULL. */
static char *
folder_beside(SfdwRun *run, const char *location, const char *url)
{
	char	   *folder = psprintf("%s%s", location, sfdw_run_folder(run));
	size_t		length = strlen(folder) - 1;
	const char *slash;

	/* Both end in a slash; up to the one before, they are the same. */
	while (length > 0 && folder[length - 1] != '/')
		length--;
	if (strncmp(folder, url, length) != 0)
		return NULL;
	slash = strchr(url + length, '/');
	if (slash == NULL || slash == url + length || slash[1] != '\0')
		return NULL;
	return pstrdup(url + strlen(location));
}

/* Adopt the folder of the catalog's table. */
void
sfdw_adopt_location(SfdwRun *run, SfdwTableFacts *facts)
{
	char	   *url = sfdw_table_location(facts->present);
	SfdwStorage *storage;
	char	   *folder;

	if (url == NULL || !sfdw_run_is_versioned(run) ||
		sfdw_names_have(facts->own_locations, url))
		return;
	storage = sfdw_stage_open(run);
	folder = folder_beside(run, storage->location, url);
	if (folder == NULL ||
		sfdw_manifest_read(storage, folder, run->dataset,
						   NULL).owner != SFDW_MANIFEST_OURS)
		return;
	sfdw_run_event(run->dataset, NULL, "adopts", url);
	facts->own_locations = lappend(facts->own_locations, url);
}
