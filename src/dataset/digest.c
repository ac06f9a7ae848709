/*-------------------------------------------------------------------------
 * digest.c
 *		SHA-256 of an object's bytes
 *
 * Knows a source of bytes and PostgreSQL's hash functions.
 *-------------------------------------------------------------------------
 */
#include "dataset/digest.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Give the hash's memory back with the context that it was made in. */
static void
release_hash(void *arg)
{
	pg_cryptohash_free(arg);
}

/* A hash that an error does not leak. */
static pg_cryptohash_ctx *
open_hash(void)
{
	MemoryContextCallback *cleanup = palloc0(sizeof(MemoryContextCallback));
	pg_cryptohash_ctx *hash;

	cleanup->func = release_hash;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, cleanup);
	hash = pg_cryptohash_create(PG_SHA256);
	cleanup->arg = hash;
	if (hash == NULL || pg_cryptohash_init(hash) < 0)
		ereport(ERROR,
				errcode(ERRCODE_OUT_OF_MEMORY),
				errmsg("could not start a SHA-256 checksum"));
	return hash;
}

/* Hash every byte that a source gives. */
static void
hash_source(SfdwSource *source, uint8 *digest)
{
	pg_cryptohash_ctx *hash = open_hash();
	const char *data;
	size_t		length;
	bool		is_fine = true;

	while (sfdw_source_next(source, &data, &length))
	{
		CHECK_FOR_INTERRUPTS();
		is_fine = is_fine &&
			pg_cryptohash_update(hash, (const uint8 *) data, length) == 0;
	}
	if (!is_fine ||
		pg_cryptohash_final(hash, digest, PG_SHA256_DIGEST_LENGTH) < 0)
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not compute the SHA-256 checksum of \"%s\"",
					   source->name));
}

/* The digest of one version. */
char *
sfdw_digest_object(SfdwStorage *storage, const char *key,
				   const char *version_id)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext,
											   "salesforce_fdw digest",
											   ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	SfdwSource *source = sfdw_storage_open_version(storage, key, version_id);
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char	   *text;

	hash_source(source, digest);
	sfdw_source_close(source);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
	text = palloc(2 * PG_SHA256_DIGEST_LENGTH + 1);
	for (int i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return text;
}
