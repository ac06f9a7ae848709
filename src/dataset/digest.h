/*-------------------------------------------------------------------------
 * digest.h
 *		SHA-256 of an object's bytes
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DIGEST_H
#define SFDW_DIGEST_H

#include "storage/storage.h"

/*
 * The digest of one version in lower-case hexadecimal, palloc'd;
 * SFDW_ERRCODE_SUPERSEDED when the version is gone.
 */
extern char *sfdw_digest_object(SfdwStorage *storage, const char *key,
								const char *version_id);

#endif							/* SFDW_DIGEST_H */
