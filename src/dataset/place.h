/*-------------------------------------------------------------------------
 * place.h
 *		The folder that a data set publishes to, as it is now
 *
 * In place, readers read whatever lies in it, so it is listed whole, and the
 * listing serves whoever looks for something there.  In versions, what lies in
 * it are the folders of runs, so only the owner's object is listed.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PLACE_H
#define SFDW_PLACE_H

#include "dataset/definition.h"
#include "dataset/run_record.h"
#include "storage/storage.h"

typedef struct SfdwPlace
{
	const char *dataset;
	SfdwStorage *storage;
	char	   *path;			/* below its location; "" or ends in "/" */
	bool		is_versioned;
	List	   *versions;		/* SfdwVersion, as sfdw_storage_list has them */
} SfdwPlace;

/* List the place of a data set as it is defined, or the one of a run. */
extern SfdwPlace *sfdw_place_of_dataset(SfdwDataset *dataset,
										SfdwStorageUse use);
extern SfdwPlace *sfdw_place_of_run(SfdwRun *run, SfdwStorageUse use);

/* The folder of a run's place below its destination: "" or ends in "/". */
extern char *sfdw_place_path(SfdwRun *run);

/*
 * The current version of a key (below the storage's location) that was listed,
 * or NULL.
 */
extern SfdwVersion *sfdw_place_find(SfdwPlace *place, const char *key);

/* The key of the object that names the owner; palloc'd. */
extern char *sfdw_place_owner_key(SfdwPlace *place);

#endif							/* SFDW_PLACE_H */
