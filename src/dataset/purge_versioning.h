/*-------------------------------------------------------------------------
 * purge_versioning.h
 *		Whether a bucket is one from which exactly what was listed is deleted
 *
 * Where a bucket keeps no versions, a file that was replaced a moment ago has
 * the same version as the one that was read, and would be deleted in its
 * place.  The gate purge_versioning says what to do about it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PURGE_VERSIONING_H
#define SFDW_PURGE_VERSIONING_H

#include "dataset/definition.h"

/*
 * Why nothing may be deleted from the bucket of a server, or NULL: it keeps no
 * versions (any more), and the gate refuses that; or it has MFA delete.
 * *reason is one word for it.  Asks the bucket; folders are never refused.
 */
extern char *sfdw_purge_unversioned(SfdwDataset *dataset, Oid server,
									const char **reason);

/*
 * Before anything is read: raise an error when a data set that purges reads
 * from a bucket that keeps no versions; a WARNING where the gate says so.  True
 * when the bucket has MFA delete.
 */
extern bool sfdw_purge_check_versioning(SfdwDataset *dataset, Oid server);

#endif							/* SFDW_PURGE_VERSIONING_H */
