/*-------------------------------------------------------------------------
 * s3_delete.c
 *		Deletion of exactly the versions that are named
 *
 * Versions go in one request.  What is not in one of a bucket with versions
 * ("null"), and keys that XML cannot carry, go one by one.
 *-------------------------------------------------------------------------
 */
#include "aws/s3.h"

#include "aws/answer_pg.h"
#include "aws/digest.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

/* The status of an answer to who may not; an error within 200 is another. */
#define HTTP_FORBIDDEN 403

/* The folder of the key that is never written. */
#define PROBE_FOLDER "_salesforce_fdw_probe/"

/* Whether XML can carry a key: valid UTF-8, no control characters. */
static bool
fits_xml(const char *key)
{
	for (const char *c = key; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' && *c != '\t' && *c != '\n' && *c != '\r')
			return false;
	}
	return pg_verify_mbstr(PG_UTF8, key, (int) strlen(key), true);
}

/* Whether a version is deleted in a request of its own. */
static bool
goes_alone(const SfdwS3Deletion *deletion)
{
	return strcmp(deletion->version_id, SFDW_S3_NULL_VERSION) == 0 || !fits_xml(deletion->key);
}

/* Append a text of XML; line ends too would be read as something else. */
static void
append_escaped(StringInfo xml, const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (strchr("&<>\"'\t\r\n", *text) != NULL)
			appendStringInfo(xml, "&#%d;", *text);
		else
			appendStringInfoChar(xml, *text);
	}
}

/* The body that names the versions; NULL when there are none. */
static char *
name_versions(const SfdwS3Deletion *deletions, int count)
{
	StringInfoData xml;
	bool		has_any = false;

	initStringInfo(&xml);
	appendStringInfoString(&xml, "<Delete>");
	for (int i = 0; i < count; i++)
	{
		if (goes_alone(&deletions[i]))
			continue;
		has_any = true;
		appendStringInfoString(&xml, "<Object><Key>");
		append_escaped(&xml, deletions[i].key);
		appendStringInfoString(&xml, "</Key><VersionId>");
		append_escaped(&xml, deletions[i].version_id);
		appendStringInfoString(&xml, "</VersionId></Object>");
	}
	appendStringInfoString(&xml, "</Delete>");
	return has_any ? xml.data : NULL;
}

/* The deletion that an item of the answer is about; NULL for none of ours. */
static SfdwS3Deletion *
find_deletion(SfdwS3Deletion *deletions, int count, const char *key,
			  const char *version_id, int start)
{
	for (int i = 0; i < count; i++)
	{
		SfdwS3Deletion *deletion = &deletions[(start + i) % count];

		if (!deletion->is_answered && strcmp(deletion->key, key) == 0 &&
			strcmp(deletion->version_id, version_id) == 0)
			return deletion;
	}
	return NULL;
}

/* Note what an answer says of each version; others are not ours to note. */
static void
note_answer(SfdwRequest *request, SfdwS3Deletion *deletions, int count)
{
	SfdwAnswerPg *answer = sfdw_answer_pg_read(request, SFDW_ANSWER_DELETION);

	for (int i = 0; i < answer->fields.item_count; i++)
	{
		const SfdwItem *item = &answer->items[i];
		SfdwS3Deletion *deletion = find_deletion(deletions, count, item->key,
												 item->id, i);

		if (deletion == NULL)
			continue;
		deletion->is_answered = true;
		deletion->is_deleted = item->kind == SFDW_ITEM_DELETED;
		if (!deletion->is_deleted)
			deletion->code = pstrdup(item->code);
	}
	sfdw_answer_pg_free(answer);
}

/* Whether a code says that one may not, rather than who one is not. */
static bool
is_denial(const char *code)
{
	return code != NULL && (strcmp(code, "AccessDenied") == 0 ||
							strcmp(code, "AllAccessDisabled") == 0);
}

/* Note that none of what went into the request was deleted. */
static void
note_denial(SfdwS3Deletion *deletions, int count, const char *code)
{
	for (int i = 0; i < count; i++)
	{
		if (goes_alone(&deletions[i]))
			continue;
		deletions[i].is_answered = true;
		deletions[i].code = pstrdup(code);
	}
}

/* Delete many in one request. */
static void
delete_batch(const SfdwAwsServer *server, SfdwS3Deletion *deletions, int count)
{
	SfdwUriParameter parameter = {"delete", ""};
	char		checksum[SFDW_CRC32C_BASE64_SIZE];
	SfdwHttpHeader headers[2] = {
		{"content-type", "application/xml"},
		{"x-amz-checksum-crc32c", checksum},
	};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "DeleteObjects",
		.permission = "s3:DeleteObjectVersion",
		.subject = psprintf("s3://%s/", server->bucket),
		.method = "POST",
		.parameters = &parameter,
		.parameter_count = 1,
		.headers = headers,
		.header_count = 2,
		.body = name_versions(deletions, count),
		.max_body = SFDW_XML_MAX_SIZE,
		.repeat = SFDW_REPEAT_SAME,
		.checks_body = true,
	};
	SfdwRequest *request;
	const SfdwRequestResult *result;

	if (spec.body == NULL)
		return;
	spec.body_length = strlen(spec.body);
	sfdw_digest_crc32c(spec.body, spec.body_length, checksum);
	request = sfdw_request_start(&spec);
	result = sfdw_request_finish(request);
	if (result->end == SFDW_REQUEST_OK)
		note_answer(request, deletions, count);
	else if (result->status == HTTP_FORBIDDEN && is_denial(result->code))
		note_denial(deletions, count, result->code);
	else if (result->end == SFDW_REQUEST_ERROR)
		sfdw_request_raise(request);
	sfdw_request_free(request);
}

/* Delete one; a "null" version only while it is what was seen. */
static void
delete_one(const SfdwAwsServer *server, SfdwS3Deletion *deletion)
{
	SfdwUriParameter parameter = {"versionId", deletion->version_id};
	SfdwHttpHeader condition = {"if-match", deletion->etag};
	bool		is_null = strcmp(deletion->version_id, SFDW_S3_NULL_VERSION) == 0;
	bool		has_condition = is_null && deletion->etag != NULL &&
		deletion->etag[0] != '\0';
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "DeleteObject",
		.permission = "s3:DeleteObjectVersion",
		.subject = psprintf("s3://%s/%s", server->bucket, deletion->key),
		.method = "DELETE",
		.key = deletion->key,
		.parameters = &parameter,
		.parameter_count = 1,
		.headers = &condition,
		.header_count = has_condition ? 1 : 0,
		.repeat = SFDW_REPEAT_SAME,
	};
	SfdwRequest *request;
	const SfdwRequestResult *result;
	SfdwS3Object *object = NULL;

	if (has_condition)
		object = sfdw_s3_head(server, deletion->key, SFDW_S3_NULL_VERSION);
	if (has_condition &&
		(object == NULL || strcmp(object->etag, deletion->etag) != 0))
		return;					/* not there any more: list again */
	request = sfdw_request_start(&spec);
	result = sfdw_request_finish(request);
	deletion->is_answered = result->end == SFDW_REQUEST_OK ||
		result->end == SFDW_REQUEST_ERROR;
	deletion->is_deleted = result->end == SFDW_REQUEST_OK;
	if (result->end == SFDW_REQUEST_ERROR)
		deletion->code = pstrdup(result->code);
	sfdw_request_free(request);
}

/* Delete versions. */
void
sfdw_s3_delete(const SfdwAwsServer *server, SfdwS3Deletion *deletions,
			   int count)
{
	Assert(count <= SFDW_S3_MAX_DELETIONS);
	delete_batch(server, deletions, count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (goes_alone(&deletions[i]))
			delete_one(server, &deletions[i]);
	}
}

/*
 * Whether one may delete versions.  The name is random, so nobody can have
 * written it, and the id is another key's, so even then nothing would be met.
 */
char *
sfdw_s3_delete_refusal(const SfdwAwsServer *server, const char *prefix,
					   const char *version_id)
{
	SfdwS3Deletion probe = {
		.key = psprintf("%s" PROBE_FOLDER "%s", prefix, sfdw_s3_token()),
		.version_id = version_id
	};

	delete_one(server, &probe);
	return is_denial(probe.code) ? probe.code : NULL;
}
