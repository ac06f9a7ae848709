/*-------------------------------------------------------------------------
 * sha256.c
 *		The SHA-256 of a file's bytes, as sha256sum prints it
 *-------------------------------------------------------------------------
 */
#include "parquet/sha256.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "utils/builtins.h"

struct SfdwSha256
{
	pg_cryptohash_ctx *hash;
};

/* Raise the error for a step that the cryptographic library refused. */
static void
check_step(SfdwSha256 *digest, int result)
{
	if (result < 0)
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not compute %s: %s", "SHA-256",
					   pg_cryptohash_error(digest->hash)));
}

/* Start a digest. */
SfdwSha256 *
sfdw_sha256_create(void)
{
	SfdwSha256 *digest = palloc0(sizeof(SfdwSha256));

	digest->hash = pg_cryptohash_create(PG_SHA256);
	check_step(digest, pg_cryptohash_init(digest->hash));
	return digest;
}

/* Take bytes into account. */
void
sfdw_sha256_update(SfdwSha256 *digest, const char *data, size_t length)
{
	check_step(digest, pg_cryptohash_update(digest->hash,
											(const uint8 *) data, length));
}

/* Write the digits, and release the digest. */
void
sfdw_sha256_finish(SfdwSha256 *digest, char text[SFDW_SHA256_TEXT_SIZE])
{
	uint8		bytes[PG_SHA256_DIGEST_LENGTH];

	check_step(digest, pg_cryptohash_final(digest->hash, bytes,
										   sizeof(bytes)));
	pg_cryptohash_free(digest->hash);
	hex_encode((const char *) bytes, sizeof(bytes), text);
	text[2 * sizeof(bytes)] = '\0';
	pfree(digest);
}
