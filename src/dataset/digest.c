/*-------------------------------------------------------------------------
 * digest.c
 *		SHA-256 of an object's bytes, or of a text
 *
 * Knows sources of bytes, and nothing of runs or what a digest is for.
 *-------------------------------------------------------------------------
 */
#include "dataset/digest.h"

#include "miscadmin.h"
#include "parquet/sha256.h"
#include "utils/memutils.h"

/* Hash every byte that a source gives. */
static void
hash_source(SfdwSource *source, char text[SFDW_SHA256_TEXT_SIZE])
{
	SfdwSha256 *digest = sfdw_sha256_create();
	const char *data;
	size_t		length;

	while (sfdw_source_next(source, &data, &length))
	{
		CHECK_FOR_INTERRUPTS();
		sfdw_sha256_update(digest, data, length);
	}
	sfdw_sha256_finish(digest, text);
}

/* The source's buffers go with a context of their own. */
char *
sfdw_digest_object(SfdwStorage *storage, const char *key,
				   const char *version_id)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext,
											   "salesforce_fdw digest",
											   ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	SfdwSource *source = sfdw_storage_open_version(storage, key, version_id);
	char		text[SFDW_SHA256_TEXT_SIZE];

	hash_source(source, text);
	sfdw_source_close(source);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
	return pstrdup(text);
}

/* What is all there already. */
char *
sfdw_digest_text(const char *text)
{
	SfdwSha256 *digest = sfdw_sha256_create();
	char		hexadecimal[SFDW_SHA256_TEXT_SIZE];

	sfdw_sha256_update(digest, text, strlen(text));
	sfdw_sha256_finish(digest, hexadecimal);
	return pstrdup(hexadecimal);
}
