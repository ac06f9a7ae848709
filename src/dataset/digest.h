/*-------------------------------------------------------------------------
 * digest.h
 *		SHA-256 of an object's bytes, or of a text
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

/* The same of a text. */
extern char *sfdw_digest_text(const char *text);

#endif							/* SFDW_DIGEST_H */
