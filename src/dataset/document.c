/*-------------------------------------------------------------------------
 * document.c
 *		Small JSON documents that lie beside the data: manifest, owner, evidence
 *
 * Knows how they are read and compared, and nothing of what stands in them.
 *-------------------------------------------------------------------------
 */
#include "dataset/document.h"

#include "dataset/json_owner.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parquet/sha256.h"

/* Read it whole. */
char *
sfdw_document_text(SfdwStorage *storage, const SfdwVersion *version,
				   int64 limit)
{
	StringInfoData text;
	SfdwSource *source;
	const char *data;
	size_t		length;

	if (version->size > limit)
		return NULL;
	initStringInfo(&text);
	source = sfdw_storage_open_version(storage, version->key,
									   version->version_id);
	while (sfdw_source_next(source, &data, &length))
	{
		CHECK_FOR_INTERRUPTS();
		appendBinaryStringInfo(&text, data, (int) length);
	}
	sfdw_source_close(source);
	return text.data;
}

/* The text of an object. */
char *
sfdw_document_read(SfdwStorage *storage, const char *key)
{
	SfdwVersion *version = sfdw_storage_find(storage, key);

	return version == NULL ? NULL :
		sfdw_document_text(storage, version, SFDW_MAX_DOCUMENT_LENGTH);
}

/* SHA-256 of a text. */
char *
sfdw_document_sha256(const char *text)
{
	SfdwSha256 *digest = sfdw_sha256_create();
	char		hexadecimal[SFDW_SHA256_TEXT_SIZE];

	sfdw_sha256_update(digest, text, strlen(text));
	sfdw_sha256_finish(digest, hexadecimal);
	return pstrdup(hexadecimal);
}

/* What stored lacks, or says otherwise. */
char *
sfdw_document_difference(const char *stored, const char *expected,
						 const char *name)
{
	json_t	   *there = sfdw_json_parse(stored, name);
	json_t	   *here = sfdw_json_parse(expected, name);
	const char *member;
	json_t	   *value;
	char	   *members = NULL;

	json_object_foreach(here, member, value)
	{
		if (!json_equal(value, json_object_get(there, member)))
			members = members == NULL ? pstrdup(member) :
				psprintf("%s, %s", members, member);
	}
	return members;
}
