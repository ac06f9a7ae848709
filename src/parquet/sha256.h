/*-------------------------------------------------------------------------
 * sha256.h
 *		The SHA-256 of a file's bytes, as sha256sum prints it
 *
 * A CRC finds accidents; this also shows that nobody changed a published file,
 * and anybody can compute it.  Call order: create, update*, finish.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SHA256_H
#define SFDW_SHA256_H

#include "parquet/writer.h"

typedef struct SfdwSha256 SfdwSha256;

/*
 * Start a digest.  It belongs to the current resource owner, which releases it
 * when an error leaves it behind.
 */
extern SfdwSha256 *sfdw_sha256_create(void);

/* Take bytes into account. */
extern void sfdw_sha256_update(SfdwSha256 *digest, const char *data,
							   size_t length);

/* Write the digits, and release the digest. */
extern void sfdw_sha256_finish(SfdwSha256 *digest,
							   char text[SFDW_SHA256_TEXT_SIZE]);

#endif							/* SFDW_SHA256_H */
