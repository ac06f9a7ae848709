/*-------------------------------------------------------------------------
 * purge_output.c
 *		Whether what was published is still there when raw files are to go
 *
 * A purge may come days after its run, and the raw files are then the only
 * other copy of what somebody has deleted or replaced meanwhile.
 *-------------------------------------------------------------------------
 */
#include "dataset/purge_output.h"

#include "dataset/publish.h"
#include "dataset/stage.h"

/* The newest published run when it has published before; else NULL. */
static SfdwRun *
find_run(SfdwDataset *dataset, TimestampTz before)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_time(before)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT run, published_at < $2"
							" FROM salesforce_fdw.ledger_run"
							" WHERE dataset = $1 AND is_published"
							" ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	if (rows.count == 0 || rows.values[0][1] == NULL ||
		rows.values[0][1][0] != 't')
		return NULL;
	return sfdw_run_load(rows.values[0][0]);
}

/* Why no raw version may be deleted. */
char *
sfdw_purge_output_refusal(SfdwDataset *dataset, TimestampTz since)
{
	SfdwRun    *run = find_run(dataset, since);
	SfdwStorage *storage;
	SfdwVersion *found;

	if (run == NULL)
		return NULL;
	storage = sfdw_stage_open(run);
	found = sfdw_storage_find(storage, run->target_key);
	if (found == NULL)
		return psprintf("published object \"%s\" is not there any more",
						sfdw_storage_url(storage, run->target_key));
	if ((run->published_version != NULL &&
		 strcmp(found->version_id, run->published_version) == 0) ||
		sfdw_publish_is_done(run))
		return NULL;
	return psprintf("published object \"%s\" is another one by now",
					sfdw_storage_url(storage, run->target_key));
}
