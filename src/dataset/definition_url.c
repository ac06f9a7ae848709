/*-------------------------------------------------------------------------
 * definition_url.c
 *		Which data set a file belongs to
 *-------------------------------------------------------------------------
 */
#include "dataset/definition.h"

#include "storage/storage.h"

/* Folders do not overlap, so the first that fits is the one. */
char *
sfdw_dataset_owning_url(const char *url)
{
	ListCell   *cell;

	foreach(cell, sfdw_dataset_list())
	{
		SfdwDataset *dataset = lfirst(cell);
		char	   *folder = sfdw_dataset_folder(dataset);

		if (folder != NULL && sfdw_storage_contains(folder, url))
			return dataset->name;
	}
	return NULL;
}
