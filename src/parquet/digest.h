/*-------------------------------------------------------------------------
 * digest.h
 *		The SHA-256 of a file's bytes, as sha256sum prints it
 *
 * A CRC finds accidents; this also shows that nobody changed a published file,
 * and anybody can compute it.  Call order: create, update*, finish.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_DIGEST_H
#define SFDW_PARQUET_DIGEST_H

#include "parquet/writer.h"

typedef struct SfdwDigest SfdwDigest;

/*
 * Start a digest.  It belongs to the current resource owner, which releases it
 * when an error leaves it behind.
 */
extern SfdwDigest *sfdw_digest_create(void);

/* Take bytes into account. */
extern void sfdw_digest_update(SfdwDigest *digest, const char *data,
							   size_t length);

/* Write the digits, and release the digest. */
extern void sfdw_digest_finish(SfdwDigest *digest,
							   char text[SFDW_SHA256_TEXT_SIZE]);

#endif							/* SFDW_PARQUET_DIGEST_H */
