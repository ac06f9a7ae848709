/*-------------------------------------------------------------------------
 * place.c
 *		The folder that a data set publishes to, as it is now
 *-------------------------------------------------------------------------
 */
#include "dataset/place.h"

#include "foreign/foreign.h"
#include "miscadmin.h"

/* Hidden from readers by its "_". */
#define OWNER_NAME "_owner.json"

/* Where the folders of runs in versions lie: see sfdw_dataset_object_key. */
#define RUN_FOLDER_FORMAT "_runs/%s/"

/* The key of the owner's object. */
char *
sfdw_place_owner_key(SfdwPlace *place)
{
	return psprintf("%s" OWNER_NAME, place->path);
}

/* List a place. */
static SfdwPlace *
look(const char *dataset, const char *destination, char *path,
	 bool is_versioned, SfdwStorageUse use)
{
	SfdwPlace  *place = palloc0(sizeof(SfdwPlace));

	place->dataset = dataset;
	place->storage = sfdw_storage_open(get_foreign_server_oid(destination,
															  false),
									   GetUserId(), use);
	place->path = path;
	place->is_versioned = is_versioned;
	place->versions = sfdw_storage_list(place->storage, is_versioned ?
										sfdw_place_owner_key(place) : path);
	return place;
}

/* Where the data set publishes. */
SfdwPlace *
sfdw_place_of_dataset(SfdwDataset *dataset, SfdwStorageUse use)
{
	return look(dataset->name, dataset->destination, dataset->path,
				dataset->publish_versioned, use);
}

/* The folder of a run's place. */
char *
sfdw_place_path(SfdwRun *run)
{
	char	   *path = sfdw_run_folder(run);

	if (sfdw_run_is_versioned(run))
		path[strlen(path) - strlen(psprintf(RUN_FOLDER_FORMAT, run->id))] = '\0';
	return path;
}

/* Where a run publishes: the data set may have another place by now. */
SfdwPlace *
sfdw_place_of_run(SfdwRun *run, SfdwStorageUse use)
{
	return look(run->dataset, run->destination, sfdw_place_path(run),
				sfdw_run_is_versioned(run), use);
}

/* The current version of a key. */
SfdwVersion *
sfdw_place_find(SfdwPlace *place, const char *key)
{
	ListCell   *cell;

	foreach(cell, place->versions)
	{
		SfdwVersion *version = lfirst(cell);

		if (version->is_latest && !version->is_delete_marker &&
			strcmp(version->key, key) == 0)
			return version;
	}
	return NULL;
}
