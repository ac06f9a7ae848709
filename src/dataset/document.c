/*-------------------------------------------------------------------------
 * document.c
 *		Small JSON documents that lie beside the data: manifest, owner, evidence
 *
 * Knows how they are read and compared, and nothing of what stands in them.
 *-------------------------------------------------------------------------
 */
#include "dataset/document.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

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
sfdw_document_read(SfdwStorage *storage, const char *key, int64 limit)
{
	SfdwVersion *version = sfdw_storage_find(storage, key);

	return version == NULL ? NULL :
		sfdw_document_text(storage, version, limit);
}

/* By the members of here. */
char *
sfdw_document_members(const json_t *there, json_t *here)
{
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

/* As texts. */
char *
sfdw_document_difference(const char *stored, const char *expected,
						 const char *name)
{
	return sfdw_document_members(sfdw_json_parse(stored, name),
								 sfdw_json_parse(expected, name));
}
