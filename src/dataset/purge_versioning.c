/*-------------------------------------------------------------------------
 * purge_versioning.c
 *		Whether a bucket is one from which exactly what was listed is deleted
 *-------------------------------------------------------------------------
 */
#include "dataset/purge_versioning.h"

#include "core/errors.h"
#include "dataset/quality.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/storage.h"

#define GATE "purge_versioning"

/* What a bucket that keeps no versions is said to do; NULL for all others. */
static char *
describe(SfdwStorage *storage)
{
	const char *name = GetForeignServer(storage->server)->servername;
	SfdwVersioning versioning = sfdw_storage_versioning(storage);

	if (versioning == SFDW_VERSIONING_OFF)
		return psprintf("the bucket of server \"%s\" keeps no versions", name);
	if (versioning == SFDW_VERSIONING_SUSPENDED)
		return psprintf("versioning of the bucket of server \"%s\" is suspended",
						name);
	return NULL;
}

/* The server's location. */
static SfdwStorage *
location_of(Oid server)
{
	return sfdw_storage_open(server, GetUserId(), SFDW_STORAGE_READ);
}

/* Why nothing may be deleted there. */
char *
sfdw_purge_unversioned(SfdwDataset *dataset, Oid server)
{
	if (sfdw_quality_gate_action(dataset->gates, GATE) != SFDW_ACTION_REFUSE)
		return NULL;
	return describe(location_of(server));
}

/* Find out before anything is read. */
void
sfdw_purge_check_versioning(SfdwDataset *dataset, Oid server)
{
	SfdwStorage *storage = location_of(server);
	char	   *what = describe(storage);

	if (sfdw_storage_has_object_lock(storage))
		ereport(WARNING,
				errmsg("the bucket of server \"%s\" has Object Lock",
					   GetForeignServer(server)->servername),
				errdetail("Versions that are retained or under legal hold cannot be purged before that ends."));
	if (what == NULL)
		return;
	ereport(sfdw_quality_gate_action(dataset->gates, GATE) == SFDW_ACTION_REFUSE ?
			ERROR : WARNING,
			errcode(SFDW_ERRCODE_QUALITY),
			errmsg("data set \"%s\" cannot be purged exactly: %s",
				   dataset->name, what),
			errdetail("A file that is replaced while it is published could be deleted in the place of the one that was read."),
			errhint("Enable versioning of the bucket, or set the gate \"%s\" to \"warn\".",
					GATE));
}
