/*-------------------------------------------------------------------------
 * digest.c
 *		The SHA-256 of a file's bytes, as sha256sum prints it
 *-------------------------------------------------------------------------
 */
#include "parquet/digest.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "utils/builtins.h"

struct SfdwDigest
{
	pg_cryptohash_ctx *hash;
};

/* Raise the error for a step that the cryptographic library refused. */
static void
check_step(SfdwDigest *digest, int result)
{
	if (result < 0)
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not compute %s: %s", "SHA-256",
					   pg_cryptohash_error(digest->hash)));
}

/* Start a digest. */
SfdwDigest *
sfdw_digest_create(void)
{
	SfdwDigest *digest = palloc0(sizeof(SfdwDigest));

	digest->hash = pg_cryptohash_create(PG_SHA256);
	check_step(digest, pg_cryptohash_init(digest->hash));
	return digest;
}

/* Take bytes into account. */
void
sfdw_digest_update(SfdwDigest *digest, const char *data, size_t length)
{
	check_step(digest, pg_cryptohash_update(digest->hash,
											(const uint8 *) data, length));
}

/* Write the digits, and release the digest. */
void
sfdw_digest_finish(SfdwDigest *digest, char text[SFDW_SHA256_TEXT_SIZE])
{
	uint8		bytes[PG_SHA256_DIGEST_LENGTH];

	check_step(digest, pg_cryptohash_final(digest->hash, bytes,
										   sizeof(bytes)));
	pg_cryptohash_free(digest->hash);
	hex_encode((const char *) bytes, sizeof(bytes), text);
	text[2 * sizeof(bytes)] = '\0';
	pfree(digest);
}
