/*
 * Run the pure files of src/aws over cases from standard input, for the
 * differential tests.
 *
 * usage: driver_aws sign | endpoint
 *
 * A case is a number of fields, then the fields, each a line with its length
 * and so many bytes and a line feed.
 * sign:	method, path as sent, timestamp, region, service, flags (h: sends
 *			the payload's hash, n: normalises, e: encodes again), payload hash,
 *			access key, secret, token ("" for none), number of parameters,
 *			their names and values, then names and values of the headers
 *			answers three fields, or "E code"
 * endpoint: service (0 S3, 1 Glue, 2 STS), region, bucket, endpoint ("" for
 *			none), flags (p: paths, d: dual stack, f: FIPS, h: http allowed)
 *			answers the URL, or "E code"
 */
#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "aws/uri.h"
#include "sha256_openssl.h"
#include "tap.h"

#define MAX_FIELDS 160

static char *fields[MAX_FIELDS];
static size_t field_count;

/* Read the next case into fields; false at the end. */
static bool
read_case(void)
{
	for (size_t i = 0; i < field_count; i++)
		free(fields[i]);
	field_count = 0;
	if (scanf("%zu", &field_count) != 1)
		return false;
	if (field_count > MAX_FIELDS)
		abort();
	for (size_t i = 0; i < field_count; i++)
	{
		size_t		length;

		if (scanf("%zu", &length) != 1 || getchar() != '\n')
			abort();
		fields[i] = calloc(1, length + 1);
		if (fread(fields[i], 1, length, stdin) != length)
			abort();
	}
	return true;
}

/* Print a field as they are read. */
static void
put_field(const SfdwBuffer *buffer)
{
	printf("%zu\n", buffer->length);
	fwrite(buffer->data, 1, buffer->length, stdout);
	putchar('\n');
}

/* Sign the case's request. */
static void
sign_case(void)
{
	SfdwStatus	status = {0};
	SfdwUriParameter parameters[MAX_FIELDS / 2];
	SfdwHttpHeader headers[MAX_FIELDS / 2];
	size_t		parameter_count = (size_t) atoi(fields[10]);
	size_t		at = 11;
	SfdwBuffer	query;
	SfdwSignature signature;
	SfdwAwsKeys keys = {fields[7], fields[8], fields[9][0] ? fields[9] : NULL};
	SfdwSigv4Request request = {.method = fields[0], .path = fields[1],
		.timestamp = fields[2], .region = fields[3], .service = fields[4],
		.sends_payload_hash = strchr(fields[5], 'h') != NULL,
		.normalizes_path = strchr(fields[5], 'n') != NULL,
		.encodes_path_again = strchr(fields[5], 'e') != NULL,
	.payload_hash = fields[6], .headers = headers};

	for (size_t i = 0; i < parameter_count; i++, at += 2)
		parameters[i] = (SfdwUriParameter) {fields[at], fields[at + 1]};
	for (; at < field_count; at += 2)
		headers[request.header_count++] =
			(SfdwHttpHeader) {fields[at], fields[at + 1]};
	sfdw_buffer_init(&query, &tap_memory, 65536);
	sfdw_signature_init(&signature, &tap_memory);
	if (!sfdw_uri_query(&query, parameters, parameter_count, &status) ||
		!sfdw_buffer_append(&query, "", 1, &status))
		abort();
	request.query = query.data;
	if (sfdw_sigv4_sign(&request, &keys, &openssl_sha256, &signature, &status))
	{
		put_field(&signature.canonical_request);
		put_field(&signature.string_to_sign);
		put_field(&signature.authorization);
	}
	else
		printf("E %d\n", (int) status.code);
	sfdw_signature_free(&signature);
	sfdw_buffer_free(&query);
}

/* Find the case's host. */
static void
find_endpoint(void)
{
	SfdwStatus	status = {0};
	SfdwEndpoint endpoint;
	SfdwEndpointWish wish = {(SfdwAwsService) atoi(fields[0]), fields[1],
		fields[2], fields[3][0] ? fields[3] : NULL,
		strchr(fields[4], 'p') != NULL, strchr(fields[4], 'd') != NULL,
	strchr(fields[4], 'f') != NULL, strchr(fields[4], 'h') != NULL};

	if (sfdw_endpoint_find(&wish, &endpoint, &status))
		printf("%s://%s%s\n", endpoint.is_https ? "https" : "http",
			   endpoint.authority, endpoint.path_prefix);
	else
		printf("E %d\n", (int) status.code);
}

int
main(int argc, char **argv)
{
	bool		signs = argc == 2 && strcmp(argv[1], "sign") == 0;

	if (!signs && !(argc == 2 && strcmp(argv[1], "endpoint") == 0))
		return EXIT_FAILURE;
	while (read_case())
	{
		if (signs)
			sign_case();
		else
			find_endpoint();
	}
	return EXIT_SUCCESS;
}
