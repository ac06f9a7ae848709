/*-------------------------------------------------------------------------
 * s3_list.c
 *		What a bucket has: versions and unfinished uploads, page by page
 *-------------------------------------------------------------------------
 */
#include "aws/s3.h"

#include "aws/answer_pg.h"
#include "miscadmin.h"

/* An answer of this size has more than a page's items. */
#define MAX_LISTING SFDW_XML_MAX_SIZE

/* The status of an answer to who may not ask. */
#define HTTP_FORBIDDEN 403

/* What a listing's request asks for. */
typedef struct Listing
{
	const char *operation;
	const char *permission;
	const char *parameter;		/* "versions", "uploads" */
	const char *id_marker;		/* the name of the second marker */
	const char *limit;			/* the name of the page's size */
	SfdwAnswerKind kind;
} Listing;

static const Listing versions_listing = {
	"ListObjectVersions", "s3:ListBucketVersions", "versions",
	"version-id-marker", "max-keys", SFDW_ANSWER_VERSIONS
};
static const Listing uploads_listing = {
	"ListMultipartUploads", "s3:ListBucketMultipartUploads", "uploads",
	"upload-id-marker", "max-uploads", SFDW_ANSWER_UPLOADS
};

/* The bucket's URL, for messages. */
static const char *
bucket_url(const SfdwAwsServer *server)
{
	return psprintf("s3://%s/", server->bucket);
}

/*
 * Raise for a listing that does not go on, which would never end.  Keys come
 * in the order of their bytes.  Within a key, ids have no order: one of them is
 * remembered at each power of two, so that a circle meets it.
 */
static void
check_progress(const SfdwAwsServer *server, SfdwS3Page *page,
			   const char *next_key, const char *next_id)
{
	int			order = page->key_marker == NULL ? 1 :
		strcmp(next_key, page->key_marker);

	if (order > 0)
	{
		page->turns = 0;
		page->seen_id = pstrdup(next_id);
		return;
	}
	if (order < 0 || strcmp(next_id, page->seen_id) == 0)
		ereport(ERROR,
				errcode(ERRCODE_PROTOCOL_VIOLATION),
				errmsg("the listing of \"%s\" does not go on",
					   bucket_url(server)));
	page->turns++;
	if ((page->turns & (page->turns - 1)) == 0)
		page->seen_id = pstrdup(next_id);
}

/* Note where the next page starts. */
static void
turn_page(const SfdwAwsServer *server, SfdwS3Page *page,
		  const SfdwAnswer *answer)
{
	char	   *next_key;

	page->done = !answer->is_truncated;
	if (page->done)
		return;
	next_key = sfdw_answer_pg_key(answer, answer->next_key, bucket_url(server));
	check_progress(server, page, next_key, answer->next_id);
	page->key_marker = next_key;
	page->id_marker = pstrdup(answer->next_id);
}

/*
 * Ask for a page; its keys are decoded by the caller.  NULL, with *is_denied
 * set, where one may not ask and is_denied is not NULL.
 */
static SfdwAnswerPg *
ask_page(const SfdwAwsServer *server, const Listing *listing,
		 const char *prefix, SfdwS3Page *page, bool *is_denied)
{
	SfdwUriParameter parameters[6] = {
		{listing->parameter, ""},
		{"prefix", prefix},
		{"encoding-type", "url"},
		{listing->limit, "1000"},
	};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = listing->operation,
		.permission = listing->permission,
		.subject = bucket_url(server),
		.method = "GET",
		.parameters = parameters,
		.parameter_count = 4,
		.max_body = MAX_LISTING,
		.repeat = SFDW_REPEAT_SAME,
		.checks_body = true,
	};
	SfdwRequest *request;
	SfdwAnswerPg *answer;

	if (page->key_marker != NULL)
	{
		parameters[spec.parameter_count++] =
			(SfdwUriParameter) {"key-marker", page->key_marker};
		if (page->id_marker[0] != '\0')
			parameters[spec.parameter_count++] =
				(SfdwUriParameter) {listing->id_marker, page->id_marker};
	}
	request = sfdw_request_start(&spec);
	if (is_denied != NULL && sfdw_request_finish(request)->status == HTTP_FORBIDDEN)
	{
		sfdw_request_free(request);
		*is_denied = true;
		page->done = true;
		return NULL;
	}
	if (sfdw_request_finish(request)->end != SFDW_REQUEST_OK)
		sfdw_request_raise(request);
	answer = sfdw_answer_pg_read(request, listing->kind);
	sfdw_request_free(request);
	turn_page(server, page, &answer->fields);
	return answer;
}

/* A page of versions. */
List *
sfdw_s3_list_versions(const SfdwAwsServer *server, const char *prefix,
					  SfdwS3Page *page)
{
	SfdwAnswerPg *answer = ask_page(server, &versions_listing, prefix, page, NULL);
	List	   *versions = NIL;

	for (int i = 0; i < answer->fields.item_count; i++)
	{
		const SfdwItem *item = &answer->items[i];
		SfdwS3Version *version = palloc0(sizeof(SfdwS3Version));

		CHECK_FOR_INTERRUPTS();
		version->key = sfdw_answer_pg_key(&answer->fields, item->key,
										  bucket_url(server));
		version->version_id = pstrdup(item->id[0] == '\0' ? SFDW_S3_NULL_VERSION : item->id);
		version->etag = pstrdup(item->etag);
		version->size = item->size;
		version->last_modified = sfdw_answer_pg_time(item->time);
		version->is_latest = item->is_latest;
		version->is_delete_marker = item->kind == SFDW_ITEM_DELETE_MARKER;
		versions = lappend(versions, version);
	}
	sfdw_answer_pg_free(answer);
	return versions;
}

/* A page of unfinished uploads. */
List *
sfdw_s3_list_uploads(const SfdwAwsServer *server, const char *prefix,
					 SfdwS3Page *page, bool *is_denied)
{
	SfdwAnswerPg *answer = ask_page(server, &uploads_listing, prefix, page,
									is_denied);
	List	   *uploads = NIL;

	if (answer == NULL)
		return NIL;
	for (int i = 0; i < answer->fields.item_count; i++)
	{
		const SfdwItem *item = &answer->items[i];
		SfdwS3Upload *upload = palloc0(sizeof(SfdwS3Upload));

		upload->key = sfdw_answer_pg_key(&answer->fields, item->key,
										 bucket_url(server));
		upload->upload_id = pstrdup(item->id);
		upload->initiated = sfdw_answer_pg_time(item->time);
		uploads = lappend(uploads, upload);
	}
	sfdw_answer_pg_free(answer);
	return uploads;
}
