/*-------------------------------------------------------------------------
 * as_of.h
 *		The versions that were current at a time
 *
 * Of each key the newest version or delete marker that is not younger.  The
 * times are the storage's own: S3 counts them in seconds, a folder has those of
 * its files.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_AS_OF_H
#define SFDW_AS_OF_H

#include "core/compat.h"
#include "storage/storage.h"

/*
 * The version of key that was current at a time.  There is none when the time
 * is to come (ERRCODE_INVALID_PARAMETER_VALUE), when the object did not exist
 * or was deleted then (ERRCODE_UNDEFINED_FILE), and when the version of then is
 * not there any more, or a folder has only a younger file
 * (SFDW_ERRCODE_SUPERSEDED): an error, or NULL when missing_ok.
 */
extern SfdwVersion *sfdw_as_of_find(SfdwStorage *storage, const char *key,
									TimestampTz time, bool missing_ok);

/*
 * Those of all keys that start with prefix.  Keys whose version of then cannot
 * be read are left out, and counted in a WARNING.
 */
extern List *sfdw_as_of_list(SfdwStorage *storage, const char *prefix,
							 TimestampTz time);

#endif							/* SFDW_AS_OF_H */
