/*-------------------------------------------------------------------------
 * clear.c
 *		Delete everything below a prefix that only runs write to
 *-------------------------------------------------------------------------
 */
#include "dataset/clear.h"

/* Delete all versions. */
int
sfdw_clear(SfdwStorage *storage, const char *prefix)
{
	List	   *versions = sfdw_storage_list(storage, prefix);
	int			count = list_length(versions);
	SfdwVersion **array = palloc(sizeof(SfdwVersion *) * Max(count, 1));
	SfdwDeleteResult *results = palloc0(sizeof(SfdwDeleteResult) * Max(count, 1));
	ListCell   *cell;
	int			left = 0;

	foreach(cell, versions)
		array[foreach_current_index(cell)] = lfirst(cell);
	sfdw_storage_delete(storage, array, count, results);
	for (int i = 0; i < count; i++)
		if (results[i].outcome != SFDW_DELETED &&
			results[i].outcome != SFDW_DELETE_GONE)
			left++;
	return left;
}
