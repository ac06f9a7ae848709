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
describe(const char *server, SfdwVersioning versioning)
{
	if (versioning == SFDW_VERSIONING_OFF)
		return psprintf("the bucket of server \"%s\" keeps no versions", server);
	if (versioning == SFDW_VERSIONING_SUSPENDED)
		return psprintf("versioning of the bucket of server \"%s\" is suspended",
						server);
	return NULL;
}

/* Ask the bucket, with the rights to read. */
static SfdwVersioning
ask(Oid server, bool *needs_mfa)
{
	return sfdw_storage_versioning(sfdw_storage_open(server, GetUserId(),
													 SFDW_STORAGE_READ),
								   needs_mfa);
}

/* Why nothing may be deleted there. */
char *
sfdw_purge_unversioned(SfdwDataset *dataset, Oid server, const char **reason)
{
	bool		needs_mfa;
	const char *name = GetForeignServer(server)->servername;
	char	   *what = describe(name, ask(server, &needs_mfa));

	*reason = "unversioned";
	if (what != NULL &&
		sfdw_quality_gate_action(dataset->gates, GATE) == SFDW_ACTION_REFUSE)
		return what;
	*reason = "mfa";
	return !needs_mfa ? NULL :
		psprintf("the bucket of server \"%s\" has MFA delete, and deletes no version without a device's code",
				 name);
}

/* Find out before anything is read. */
bool
sfdw_purge_check_versioning(SfdwDataset *dataset, Oid server)
{
	bool		needs_mfa;
	char	   *what = describe(GetForeignServer(server)->servername,
								ask(server, &needs_mfa));

	if (what != NULL)
		ereport(sfdw_quality_gate_action(dataset->gates, GATE) == SFDW_ACTION_REFUSE ?
				ERROR : WARNING,
				errcode(SFDW_ERRCODE_QUALITY),
				errmsg("data set \"%s\" cannot be purged exactly: %s",
					   dataset->name, what),
				errdetail("A file that is replaced while it is published could be deleted in the place of the one that was read."),
				errhint("Enable versioning of the bucket, or set the gate \"%s\" to \"warn\".",
						GATE));
	return needs_mfa;
}
