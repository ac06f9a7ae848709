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

/* The run of the data set that has put this version there, or NULL. */
static char *
find_writer(SfdwDataset *dataset, SfdwRun *run, SfdwVersion *found)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset->name),
		sfdw_param_text(run->destination),
		sfdw_param_text(found->key),
		sfdw_param_text(found->version_id)
	};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT o.run FROM salesforce_fdw.ledger_output o"
							" JOIN salesforce_fdw.ledger_run r ON r.run = o.run"
							" WHERE r.dataset = $1 AND o.server = $2"
							" AND o.kind = 'published' AND o.key = $3"
							" AND o.version_id = $4 LIMIT 1",
							lengthof(params), params);
	return rows.count == 0 ? NULL : rows.values[0][0];
}

/* Why no raw version may be deleted. */
char *
sfdw_purge_output_refusal(SfdwDataset *dataset, TimestampTz since,
						  const char **reason)
{
	SfdwRun    *run = find_run(dataset, since);
	SfdwStorage *storage;
	SfdwVersion *found;
	char	   *writer;

	*reason = "unpublished";
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
	writer = find_writer(dataset, run, found);
	if (writer != NULL)
	{
		*reason = "rolled_back";
		return psprintf("published object \"%s\" is that of run \"%s\" again",
						sfdw_storage_url(storage, run->target_key), writer);
	}
	return psprintf("published object \"%s\" is another one by now",
					sfdw_storage_url(storage, run->target_key));
}
