/*-------------------------------------------------------------------------
 * s3_list.c
 *		What a bucket has: listings, one object, versioning, Object Lock
 *-------------------------------------------------------------------------
 */
#include "aws/s3.h"

#include "aws/answer_pg.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

/* An answer of this size has more than a page's items. */
#define MAX_LISTING SFDW_XML_MAX_SIZE

/* The metadata by which a writer recognises its object. */
#define TOKEN_HEADER "x-amz-meta-salesforce-fdw-token"

/* The version of objects in a bucket that keeps none. */
#define NULL_VERSION "null"

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
		version->version_id = pstrdup(item->id[0] == '\0' ? NULL_VERSION : item->id);
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

/* A header's value in the current context, or the fallback. */
static char *
header_text(SfdwRequest *request, const char *name, const char *fallback)
{
	const char *value = sfdw_request_header(request, name);

	return pstrdup(value == NULL ? fallback : value);
}

/* What the headers of a HEAD say. */
static SfdwS3Object *
read_object(SfdwRequest *request)
{
	SfdwS3Object *object = palloc0(sizeof(SfdwS3Object));
	const char *date = sfdw_request_header(request, "last-modified");
	int64_t		seconds = 0;

	object->token = header_text(request, TOKEN_HEADER, "");
	object->version_id = header_text(request, "x-amz-version-id", NULL_VERSION);
	object->etag = header_text(request, "etag", "");
	object->size = strtoll(header_text(request, "content-length", "0"), NULL, 10);
	if (date != NULL && sfdw_retry_parse_date(date, &seconds))
		object->last_modified = time_t_to_timestamptz(seconds);
	return object;
}

/*
 * The answer to a HEAD has no body, so a refusal does not say why: a GET of one
 * byte does, and is repeated as the reason asks for (other credentials,
 * another clock).  Raises when that is refused too.
 */
static void
learn_reason(const SfdwAwsServer *server, const char *key,
			 const char *version_id)
{
	SfdwRequest *request = sfdw_s3_get_start(server, key, version_id, NULL, 0, 1);
	const SfdwRequestResult *result = sfdw_request_finish(request);

	if (result->end != SFDW_REQUEST_OK && result->status != 404 &&
		result->status != 416)
		sfdw_request_raise(request);
	sfdw_request_free(request);
}

/* Ask for what is under a key. */
static SfdwRequest *
ask_head(const SfdwAwsServer *server, const char *key, const char *version_id)
{
	SfdwUriParameter *parameter = palloc(sizeof(SfdwUriParameter));
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = "HeadObject",
		.permission = version_id == NULL ? "s3:GetObject" : "s3:GetObjectVersion",
		.subject = psprintf("s3://%s/%s", server->bucket, key),
		.method = "HEAD",
		.key = key,
		.parameters = parameter,
		.parameter_count = version_id == NULL ? 0 : 1,
		.repeat = SFDW_REPEAT_SAME,
	};
	SfdwRequest *request;

	*parameter = (SfdwUriParameter) {"versionId", version_id};
	request = sfdw_request_start(&spec);
	sfdw_request_finish(request);
	return request;
}

/* Whether HEAD says that there is nothing: no object, or a delete marker. */
static bool
is_absent(const SfdwRequestResult *result)
{
	return result->status == 404 || result->status == 405;
}

/* What is under a key, by this version or the current one. */
static SfdwS3Object *
head(const SfdwAwsServer *server, const char *key, const char *version_id)
{
	SfdwRequest *request = ask_head(server, key, version_id);
	const SfdwRequestResult *result = sfdw_request_finish(request);
	SfdwS3Object *object = NULL;

	if (result->end == SFDW_REQUEST_ERROR && !is_absent(result))
	{
		learn_reason(server, key, version_id);
		sfdw_request_free(request);
		request = ask_head(server, key, version_id);
		result = sfdw_request_finish(request);
	}
	if (result->end == SFDW_REQUEST_OK)
		object = read_object(request);
	else if (!is_absent(result))
		sfdw_request_raise(request);
	sfdw_request_free(request);
	return object;
}

/*
 * What is under a key.  Where a bucket has no versions, not every server knows
 * its objects by the version "null", so the current one is asked for first.
 */
SfdwS3Object *
sfdw_s3_head(const SfdwAwsServer *server, const char *key,
			 const char *version_id)
{
	SfdwS3Object *current;

	if (version_id == NULL || strcmp(version_id, NULL_VERSION) != 0)
		return head(server, key, version_id);
	current = head(server, key, NULL);
	if (current != NULL && strcmp(current->version_id, NULL_VERSION) == 0)
		return current;
	return head(server, key, version_id);
}

/* Ask a question about the bucket whose answer has a state. */
static SfdwRequest *
ask_bucket(const SfdwAwsServer *server, const char *operation,
		   const char *permission, const char *parameter_name)
{
	SfdwUriParameter parameter = {parameter_name, ""};
	SfdwRequestSpec spec = {
		.server = server,
		.service = SFDW_SERVICE_S3,
		.operation = operation,
		.permission = permission,
		.subject = bucket_url(server),
		.method = "GET",
		.parameters = &parameter,
		.parameter_count = 1,
		.max_body = SFDW_REQUEST_MAX_ERROR,
		.repeat = SFDW_REPEAT_SAME,
	};
	SfdwRequest *request = sfdw_request_start(&spec);

	sfdw_request_finish(request);
	return request;
}

/* Whether the bucket keeps versions. */
SfdwS3Versioning
sfdw_s3_versioning(const SfdwAwsServer *server)
{
	SfdwRequest *request = ask_bucket(server, "GetBucketVersioning",
									  "s3:GetBucketVersioning", "versioning");
	SfdwS3Versioning versioning = SFDW_S3_UNVERSIONED;
	SfdwAnswerPg *answer;

	if (sfdw_request_finish(request)->end != SFDW_REQUEST_OK)
		sfdw_request_raise(request);
	answer = sfdw_answer_pg_read(request, SFDW_ANSWER_VERSIONING);
	if (strcmp(answer->fields.state, "Enabled") == 0)
		versioning = SFDW_S3_ENABLED;
	else if (strcmp(answer->fields.state, "Suspended") == 0)
		versioning = SFDW_S3_SUSPENDED;
	sfdw_answer_pg_free(answer);
	sfdw_request_free(request);
	return versioning;
}

/* Whether the bucket has Object Lock. */
bool
sfdw_s3_has_object_lock(const SfdwAwsServer *server)
{
	SfdwRequest *request = ask_bucket(server, "GetObjectLockConfiguration",
									  "s3:GetBucketObjectLockConfiguration",
									  "object-lock");
	bool		has_lock = false;

	if (sfdw_request_finish(request)->end == SFDW_REQUEST_OK)
	{
		SfdwAnswerPg *answer = sfdw_answer_pg_read(request,
												   SFDW_ANSWER_OBJECT_LOCK);

		has_lock = strcmp(answer->fields.state, "Enabled") == 0;
		sfdw_answer_pg_free(answer);
	}
	sfdw_request_free(request);
	return has_lock;
}
