/*-------------------------------------------------------------------------
 * signed.c
 *		One attempt of a request: where it goes, signed, on its way
 *
 * Path and query are encoded once; those bytes are signed, and those are sent.
 *-------------------------------------------------------------------------
 */
#include "aws/signed.h"

#include "aws/digest.h"
#include "core/errors.h"
#include "core/memory_pg.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"

/* Host, owner, payer, and the four that the signer adds. */
#define OWN_HEADERS 7

/* Room for a path and a query with every byte encoded. */
#define MAX_PATH (SFDW_ENDPOINT_MAX_BUCKET_LENGTH + 3 * SFDW_URI_MAX_KEY_LENGTH + 8)
#define MAX_QUERY (32 * 1024)

/* An attempt that is being put together. */
typedef struct Attempt
{
	const SfdwRequestSpec *spec;
	SfdwEndpoint endpoint;
	char	   *path;
	char	   *query;
	SfdwHttpHeader headers[SFDW_SIGV4_MAX_HEADERS];
	size_t		count;
	char		hash[SFDW_SHA256_HEX_SIZE];
	char		timestamp[SFDW_SIGV4_TIME_SIZE];
} Attempt;

/* Raise what a pure file said. */
static void
raise_status(const SfdwRequestSpec *spec, const SfdwStatus *status)
{
	ereport(ERROR,
			errcode(sfdw_errcode_of(status->code)),
			errmsg("could not make a request for \"%s\": %s", spec->subject,
				   status->message));
}

/* Find the host of the service. */
static void
find_endpoint(Attempt *attempt, const char *region)
{
	const SfdwRequestSpec *spec = attempt->spec;
	const SfdwAwsServer *server = spec->server;
	SfdwStatus	status = {0};
	SfdwEndpointWish wish = {
		.service = spec->service,
		.region = region,
		.uses_paths = server->uses_paths,
		.uses_dual_stack = server->uses_dual_stack,
		.uses_fips = server->uses_fips,
		.allows_http = server->allow_http,
	};

	if (spec->service == SFDW_SERVICE_S3)
	{
		wish.bucket = server->bucket;
		wish.endpoint = server->endpoint;
	}
	else
		wish.endpoint = spec->service == SFDW_SERVICE_GLUE ?
			server->glue_endpoint : server->sts_endpoint;
	if (!sfdw_endpoint_find(&wish, &attempt->endpoint, &status))
		ereport(ERROR,
				errcode(status.code == SFDW_UNSUPPORTED ?
						ERRCODE_FEATURE_NOT_SUPPORTED :
						ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
				errmsg("cannot send requests of foreign server \"%s\": %s",
					   server->name, status.message),
				errhint("Check the server's options \"location\", \"region\", \"endpoint\", \"glue_endpoint\", \"sts_endpoint\", \"use_dualstack\", \"use_fips\" and \"allow_http\"."));
}

/* Encode path and query. */
static void
encode(Attempt *attempt)
{
	const SfdwRequestSpec *spec = attempt->spec;
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	SfdwBuffer	path;
	SfdwBuffer	query;
	SfdwStatus	status = {0};

	sfdw_buffer_init(&path, &memory, MAX_PATH);
	sfdw_buffer_init(&query, &memory, MAX_QUERY);
	sfdw_buffer_append(&path, attempt->endpoint.path_prefix,
					   strlen(attempt->endpoint.path_prefix), &status);
	sfdw_buffer_append(&path, "/", 1, &status);
	if (spec->key != NULL &&
		sfdw_uri_check_key(spec->key, strlen(spec->key), &status))
		sfdw_uri_encode(&path, spec->key, strlen(spec->key), true, &status);
	sfdw_uri_query(&query, spec->parameters, spec->parameter_count, &status);
	if (status.code != SFDW_OK)
		raise_status(spec, &status);
	attempt->path = pnstrdup(path.data, path.length);
	attempt->query = query.length == 0 ? "" : pnstrdup(query.data, query.length);
	sfdw_buffer_free(&path);
	sfdw_buffer_free(&query);
}

/* Add a header. */
static void
add_header(Attempt *attempt, const char *name, const char *value)
{
	attempt->headers[attempt->count++] = (SfdwHttpHeader)
	{
		name, value
	};
}

/* The operation's headers and those that every request of the server has. */
static void
collect_headers(Attempt *attempt)
{
	const SfdwRequestSpec *spec = attempt->spec;

	if (spec->header_count + OWN_HEADERS > SFDW_SIGV4_MAX_HEADERS)
		elog(ERROR, "too many headers");
	add_header(attempt, "host", attempt->endpoint.authority);
	for (size_t i = 0; i < spec->header_count; i++)
		add_header(attempt, spec->headers[i].name, spec->headers[i].value);
	if (spec->service != SFDW_SERVICE_S3)
		return;
	if (spec->server->expected_bucket_owner != NULL)
		add_header(attempt, "x-amz-expected-bucket-owner",
				   spec->server->expected_bucket_owner);
	if (spec->server->request_payer)
		add_header(attempt, "x-amz-request-payer", "requester");
}

/* Sign, and add the headers that the signature consists of. */
static void
sign(Attempt *attempt, const SfdwAwsKeys *keys, const char *region)
{
	const SfdwRequestSpec *spec = attempt->spec;
	bool		is_s3 = spec->service == SFDW_SERVICE_S3;
	SfdwMemory	memory = sfdw_memory_secret(CurrentMemoryContext);
	SfdwSignature signature;
	SfdwStatus	status = {0};
	SfdwSigv4Request request = {
		.method = spec->method,
		.path = attempt->path,
		.query = attempt->query,
		.headers = attempt->headers,
		.header_count = attempt->count,
		.payload_hash = attempt->hash,
		.timestamp = attempt->timestamp,
		.region = region,
		.service = attempt->endpoint.service,
		.sends_payload_hash = is_s3,
		.normalizes_path = !is_s3,
		.encodes_path_again = !is_s3,
	};

	sfdw_signature_init(&signature, &memory);
	if (!sfdw_sigv4_sign(&request, keys, &sfdw_digest_sha256, &signature,
						 &status))
	{
		sfdw_signature_free(&signature);
		raise_status(spec, &status);
	}
	add_header(attempt, "x-amz-date", attempt->timestamp);
	if (is_s3)
		add_header(attempt, "x-amz-content-sha256", attempt->hash);
	if (keys->session_token != NULL)
		add_header(attempt, "x-amz-security-token", keys->session_token);
	add_header(attempt, "authorization",
			   pnstrdup(signature.authorization.data,
						signature.authorization.length));
	sfdw_signature_free(&signature);
}

/* Put it on its way. */
static SfdwHttp *
start(const Attempt *attempt)
{
	const SfdwRequestSpec *spec = attempt->spec;
	const SfdwAwsServer *server = spec->server;
	SfdwHttpRequest request = {
		.method = spec->method,
		.headers = attempt->headers,
		.header_count = attempt->count,
		.body = spec->body,
		.body_length = spec->body_length,
		.max_body = Max(spec->max_body, SFDW_REQUEST_MAX_ERROR),
		.ca_file = server->tls_ca_file,
		.proxy = server->proxy,
		.allows_http = server->allow_http,
		.reach = server->allow_local_endpoint ? SFDW_HTTP_REACH_LOCAL :
			SFDW_HTTP_REACH_NETWORK,
		.timeout_ms = spec->timeout_ms,
		.is_sent_once = spec->repeat == SFDW_REPEAT_DIFFERS,
		.may_be_slow = spec->is_slow,
		.is_secret = spec->is_secret,
	};

	if (spec->timeout_ms == 0 && !spec->is_large)
		request.timeout_ms = spec->is_slow ? SFDW_HTTP_SLOW_TIMEOUT_MS :
			SFDW_HTTP_CONTROL_TIMEOUT_MS;
	request.url = psprintf("%s://%s%s%s%s",
						   attempt->endpoint.is_https ? "https" : "http",
						   attempt->endpoint.authority, attempt->path,
						   attempt->query[0] == '\0' ? "" : "?", attempt->query);
	return sfdw_http_start(&request);
}

/* Start one attempt. */
SfdwHttp *
sfdw_signed_start(const SfdwRequestSpec *spec, const SfdwAwsKeys *keys,
				  const char *region, int64 time)
{
	Attempt    *attempt = palloc0(sizeof(Attempt));
	SfdwStatus	status = {0};

	attempt->spec = spec;
	find_endpoint(attempt, region);
	encode(attempt);
	collect_headers(attempt);
	if (keys != NULL)
	{
		if (!sfdw_sigv4_format_time(time, attempt->timestamp, &status))
			raise_status(spec, &status);
		if (spec->body_hash != NULL)
			strlcpy(attempt->hash, spec->body_hash, sizeof(attempt->hash));
		else
			sfdw_digest_hex(spec->body, spec->body_length, attempt->hash);
		sign(attempt, keys, region);
	}
	return start(attempt);
}
