/* aws/sigv4.c: AWS's published signatures, what is refused, what runs out. */
#include "aws/sigv4.h"
#include "aws/uri.h"
#include "sha256_openssl.h"
#include "tap.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_CASE_HEADERS 6

static const SfdwAwsKeys example_keys = {
	"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL
};
static const SfdwAwsKeys iam_keys = {
	"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL
};

typedef struct Published
{
	const char *name;
	const SfdwAwsKeys *keys;
	const char *method;
	const char *key;			/* not encoded */
	SfdwUriParameter parameters[3];
	SfdwHttpHeader headers[MAX_CASE_HEADERS];
	const char *payload_hash;
	const char *timestamp;
	const char *service;
	const char *signed_headers;
	const char *signature;
} Published;

#define S3_HOST {"Host", "examplebucket.s3.amazonaws.com"}
#define S3_TIME "20130524T000000Z"

/* From the S3 API reference, and the last one from the IAM user guide. */
static const Published published[] = {
	{"GET of a range", &example_keys, "GET", "test.txt", {{NULL}},
		{S3_HOST, {"Range", "bytes=0-9"}},
		SFDW_SIGV4_EMPTY_PAYLOAD, S3_TIME, "s3",
		"host;range;x-amz-content-sha256;x-amz-date",
	"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
	{"PUT of a key with \"$\"", &example_keys, "PUT", "test$file.text", {{NULL}},
		{S3_HOST, {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
		{"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
		"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
		S3_TIME, "s3",
		"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
	"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
	{"GET of a parameter without a value", &example_keys, "GET", "",
		{{"lifecycle", ""}}, {S3_HOST}, SFDW_SIGV4_EMPTY_PAYLOAD, S3_TIME, "s3",
		"host;x-amz-content-sha256;x-amz-date",
	"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
	{"list", &example_keys, "GET", "", {{"prefix", "J"}, {"max-keys", "2"}},
		{S3_HOST}, SFDW_SIGV4_EMPTY_PAYLOAD, S3_TIME, "s3",
		"host;x-amz-content-sha256;x-amz-date",
	"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
	{"IAM ListUsers", &iam_keys, "GET", "",
		{{"Version", "2010-05-08"}, {"Action", "ListUsers"}},
		{{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"Host", "iam.amazonaws.com"}},
		SFDW_SIGV4_EMPTY_PAYLOAD, "20150830T123600Z", "iam",
		"content-type;host;x-amz-date",
	"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
};

/* Count a list that ends in a name of NULL. */
#define COUNT_NAMED(list) count_named((list)[0].name == NULL ? 0 : 1, \
	(const char *const *) &(list)[0].name, sizeof((list)[0]), ARRAY_LENGTH(list))

static size_t
count_named(size_t count, const char *const *names, size_t stride, size_t size)
{
	while (count > 0 && count < size &&
		   *(const char *const *) ((const char *) names + count * stride) != NULL)
		count++;
	return count;
}

/* Append a NUL, so that a buffer is a string. */
static void
end_string(SfdwBuffer *buffer, SfdwStatus *status)
{
	if (!sfdw_buffer_append(buffer, "", 1, status))
		abort();
}

/* Sign one published request, and compare header and signature. */
static void
check_published(const Published *c)
{
	SfdwStatus	status = {0};
	SfdwBuffer	path;
	SfdwBuffer	query;
	SfdwSignature signature;
	SfdwSigv4Request request = {c->method};
	char		expected[512];
	bool		is_s3 = strcmp(c->service, "s3") == 0;

	sfdw_buffer_init(&path, &tap_memory, 4096);
	sfdw_buffer_init(&query, &tap_memory, 4096);
	sfdw_signature_init(&signature, &tap_memory);
	sfdw_buffer_append(&path, "/", 1, &status);
	sfdw_uri_encode(&path, c->key, strlen(c->key), true, &status);
	end_string(&path, &status);
	sfdw_uri_query(&query, c->parameters, COUNT_NAMED(c->parameters), &status);
	end_string(&query, &status);
	request.path = path.data;
	request.query = query.data;
	request.headers = c->headers;
	request.header_count = COUNT_NAMED(c->headers);
	request.payload_hash = c->payload_hash;
	request.timestamp = c->timestamp;
	request.region = "us-east-1";
	request.service = c->service;
	request.sends_payload_hash = is_s3;
	request.normalizes_path = !is_s3;
	request.encodes_path_again = !is_s3;
	snprintf(expected, sizeof(expected), "AWS4-HMAC-SHA256 "
			 "Credential=%s/%.8s/us-east-1/%s/aws4_request, SignedHeaders=%s, "
			 "Signature=%s", c->keys->access_key_id, c->timestamp, c->service,
			 c->signed_headers, c->signature);
	TAP_OK(sfdw_sigv4_sign(&request, c->keys, &openssl_sha256, &signature,
						   &status) &&
		   strcmp(signature.authorization.data, expected) == 0,
		   "published: %s", c->name);
	sfdw_signature_free(&signature);
	sfdw_buffer_free(&path);
	sfdw_buffer_free(&query);
}

/* A request that is signed; the tests below spoil one thing of it each. */
static const SfdwHttpHeader base_headers[] = {
	{"Host", "b.s3.amazonaws.com"}, {"Range", "bytes=0-1"}
};
static const SfdwSigv4Request base_request = {
	"GET", "/k", "a=b", base_headers, 2, SFDW_SIGV4_UNSIGNED_PAYLOAD,
	"20260102T030405Z", "ca-central-1", "s3", true, false, false
};

/* Sign with a header more than the base request has. */
static SfdwCode
sign_with(SfdwSigv4Request request, const SfdwAwsKeys *keys,
		  const SfdwHttpHeader *extra, SfdwSignature *signature)
{
	SfdwHttpHeader headers[3] = {base_headers[0], base_headers[1]};
	SfdwStatus	status = {0};

	if (extra != NULL)
	{
		headers[2] = *extra;
		request.headers = headers;
		request.header_count = 3;
	}
	if (sfdw_sigv4_sign(&request, keys, &openssl_sha256, signature, &status) !=
		(status.code == SFDW_OK))
		abort();
	return status.code;
}

/* Headers by which a second one could be smuggled in, and the signer's own. */
static void
test_refused_headers(void)
{
	static const SfdwHttpHeader refused[] = {
		{"x-a", "b\r\nHost: evil"}, {"x-a", "b\nc"}, {"x-a", "b\rc"},
		{"x-a", "b\177"}, {"x-a", "\001"}, {"", "b"}, {"x a", "b"},
		{"x:a", "b"}, {"x\r\na", "b"}, {"Authorization", "b"},
		{"X-Amz-Date", "20260102T030405Z"}, {"x-amz-security-token", "t"},
		{"X-AMZ-CONTENT-SHA256", "b"},
	};
	SfdwSignature signature;

	sfdw_signature_init(&signature, &tap_memory);
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
		TAP_OK(sign_with(base_request, &example_keys, &refused[i],
						 &signature) == SFDW_MALFORMED,
			   "refused header %zu", i);
	sfdw_signature_free(&signature);
}

#define SPOIL(field, text) \
	do { \
		SfdwSigv4Request request = base_request; \
		request.field = (text); \
		TAP_OK(sign_with(request, &example_keys, NULL, &signature) == \
			   SFDW_MALFORMED, "refused " #field " %s", #text); \
	} while (0)

/* Texts that would make the canonical request or the scope mean another. */
static void
test_refused_texts(void)
{
	static const SfdwAwsKeys bad_keys[] = {
		{"AKIA/x", "s", NULL}, {"", "s", NULL}, {"A\r\nb", "s", NULL},
		{"A, SignedHeaders=host", "s", NULL}, {"AKIA", "s", "t\r\nHost: evil"},
	};
	SfdwSignature signature;

	sfdw_signature_init(&signature, &tap_memory);
	SPOIL(path, "k");
	SPOIL(path, "");
	SPOIL(path, "/k?x=y");
	SPOIL(path, "/k\r\n");
	SPOIL(query, "a=b#c");
	SPOIL(query, "a=b HTTP/1.1");
	SPOIL(query, "a=b\nhost:x");
	SPOIL(method, "GET /");
	SPOIL(method, "");
	SPOIL(region, "us-east-1/s3");
	SPOIL(region, "");
	SPOIL(service, "s3\n");
	SPOIL(payload_hash, "a\nb");
	SPOIL(timestamp, "20260102T03040Z");
	SPOIL(timestamp, "20260102 030405Z");
	SPOIL(timestamp, "2026-01-02T0304Z");
	for (size_t i = 0; i < ARRAY_LENGTH(bad_keys); i++)
		TAP_OK(sign_with(base_request, &bad_keys[i], NULL, &signature) ==
			   SFDW_MALFORMED, "refused keys %zu", i);
	sfdw_signature_free(&signature);
}

/* A request without "host", and one with too many headers. */
static void
test_header_counts(void)
{
	SfdwHttpHeader many[SFDW_SIGV4_MAX_HEADERS];
	SfdwSigv4Request request = base_request;
	SfdwSignature signature;

	sfdw_signature_init(&signature, &tap_memory);
	request.headers = base_headers + 1;
	request.header_count = 1;
	TAP_OK(sign_with(request, &example_keys, NULL, &signature) ==
		   SFDW_MALFORMED, "a request without host");
	for (size_t i = 0; i < SFDW_SIGV4_MAX_HEADERS; i++)
		many[i] = base_headers[0];
	request.headers = many;
	request.header_count = SFDW_SIGV4_MAX_HEADERS - 2;
	TAP_OK(sign_with(request, &example_keys, NULL, &signature) == SFDW_OK,
		   "as many headers as fit");
	request.header_count++;
	TAP_OK(sign_with(request, &example_keys, NULL, &signature) ==
		   SFDW_TOO_LARGE, "one header more");
	sfdw_signature_free(&signature);
}

/* The canonical form of headers, byte for byte; user-agent is not signed. */
static void
test_canonical_headers(void)
{
	static const SfdwHttpHeader headers[] = {
		{"X-Amz-Meta-B", "  two   words\t\there "}, {"host", "h"},
		{"X-AMZ-META-A", "1"}, {"User-Agent", "x"}, {"x-amz-meta-a", " 2"},
		{"Expect", ""}, {"x-amz-meta-empty", ""}, {"x-amz-meta", "\303\274"},
	};
	SfdwAwsKeys keys = {"AKIA", "secret", "to/ken=="};
	SfdwSigv4Request request = base_request;
	SfdwSignature signature;

	sfdw_signature_init(&signature, &tap_memory);
	request.headers = headers;
	request.header_count = ARRAY_LENGTH(headers);
	TAP_OK(sign_with(request, &keys, NULL, &signature) == SFDW_OK &&
		   strcmp(signature.canonical_request.data,
				  "GET\n/k\na=b\n"
				  "host:h\n"
				  "x-amz-content-sha256:UNSIGNED-PAYLOAD\n"
				  "x-amz-date:20260102T030405Z\n"
				  "x-amz-meta:\303\274\n"
				  "x-amz-meta-a:1,2\n"
				  "x-amz-meta-b:two words here\n"
				  "x-amz-meta-empty:\n"
				  "x-amz-security-token:to/ken==\n"
				  "\n"
				  "host;x-amz-content-sha256;x-amz-date;x-amz-meta;x-amz-meta-a;"
				  "x-amz-meta-b;x-amz-meta-empty;x-amz-security-token\n"
				  "UNSIGNED-PAYLOAD") == 0, "canonical headers");
	sfdw_signature_free(&signature);
}

typedef struct PathCase
{
	const char *path;
	const char *normalized;		/* and encoded once more */
} PathCase;

/* S3's path stays as it is; another service's is normalised and encoded. */
static void
test_paths(void)
{
	static const PathCase cases[] = {
		{"/", "/"}, {"//", "/"}, {"/a", "/a"}, {"/a/", "/a/"},
		{"/a//b", "/a/b"}, {"/./a", "/a"}, {"/a/.", "/a/"}, {"/a/..", "/"},
		{"/a/../b", "/b"}, {"/../..", "/"}, {"/a/b/../../c", "/c"},
		{"/%20/%C3%BC", "/%2520/%25C3%25BC"}, {"/...", "/..."},
		{"/a/..b/", "/a/..b/"},
	};
	SfdwSigv4Request request = base_request;
	SfdwSignature signature;

	sfdw_signature_init(&signature, &tap_memory);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		char		once[64];
		char		twice[64];
		SfdwCode	code;

		snprintf(once, sizeof(once), "GET\n%s\na=b\n", cases[i].path);
		snprintf(twice, sizeof(twice), "GET\n%s\na=b\n", cases[i].normalized);
		request.path = cases[i].path;
		request.normalizes_path = request.encodes_path_again = false;
		code = sign_with(request, &example_keys, NULL, &signature);
		TAP_OK(code == SFDW_OK && strncmp(signature.canonical_request.data,
										  once, strlen(once)) == 0,
			   "S3 signs \"%s\" as it is", cases[i].path);
		request.normalizes_path = request.encodes_path_again = true;
		code = sign_with(request, &example_keys, NULL, &signature);
		TAP_OK(code == SFDW_OK && strncmp(signature.canonical_request.data,
										  twice, strlen(twice)) == 0,
			   "others sign \"%s\" as \"%s\"", cases[i].path,
			   cases[i].normalized);
	}
	sfdw_signature_free(&signature);
}

/* Every allocation, and every call of SHA-256, may fail. */
static void
test_failures(void)
{
	SfdwSignature signature;
	SfdwStatus	status = {SFDW_OUT_OF_MEMORY};
	int			count;

	for (count = 0; status.code == SFDW_OUT_OF_MEMORY; count++)
	{
		memset(&status, 0, sizeof(status));
		sfdw_signature_init(&signature, &tap_memory);
		tap_memory_left = count;
		sfdw_sigv4_sign(&base_request, &example_keys, &openssl_sha256,
						&signature, &status);
		tap_memory_left = -1;
		sfdw_signature_free(&signature);
	}
	TAP_OK(status.code == SFDW_OK && count > 3,
		   "each of %d allocations may fail", count - 1);
	status.code = SFDW_UNSUPPORTED;
	for (count = 0; status.code == SFDW_UNSUPPORTED; count++)
	{
		int			calls_left = count;
		SfdwSha256	failing = {openssl_hash, openssl_hmac, &calls_left};

		memset(&status, 0, sizeof(status));
		sfdw_signature_init(&signature, &tap_memory);
		sfdw_sigv4_sign(&base_request, &example_keys, &failing, &signature,
						&status);
		sfdw_signature_free(&signature);
	}
	TAP_OK(status.code == SFDW_OK && count == 7,
		   "each of %d calls of SHA-256 may fail", count - 1);
}

/*
 * Requests of every length around the limit: one that does not fit is refused
 * wherever the text ends, and the longest secret is signed with.
 */
static void
test_sizes(void)
{
	static char value[65600];
	char		secret[258];
	SfdwHttpHeader header = {"x-amz-meta-a", value};
	SfdwAwsKeys keys = {"AKIA", secret, NULL};
	SfdwSignature signature;
	int			refused_count = 0;

	sfdw_signature_init(&signature, &tap_memory);
	for (size_t length = 65000; length < 65540; length++)
	{
		memset(value, 'v', length);
		value[length] = '\0';
		refused_count += sign_with(base_request, &example_keys, &header,
								   &signature) == SFDW_TOO_LARGE;
	}
	TAP_OK(refused_count > 200 && refused_count < 540, "%d of 540 lengths are too long",
		   refused_count);
	memset(secret, 's', sizeof(secret));
	secret[256] = '\0';
	TAP_OK(sign_with(base_request, &keys, NULL, &signature) == SFDW_OK,
		   "the longest secret");
	secret[256] = 's';
	secret[257] = '\0';
	TAP_OK(sign_with(base_request, &keys, NULL, &signature) == SFDW_TOO_LARGE,
		   "a longer secret");
	sfdw_signature_free(&signature);
}

/* Timestamps, at the borders of days, leap years and of what is allowed. */
static void
test_times(void)
{
	static const struct
	{
		int64_t		seconds;
		const char *timestamp;
	}			cases[] = {
		{0, "19700101T000000Z"}, {951782399, "20000228T235959Z"},
		{951782400, "20000229T000000Z"}, {951868800, "20000301T000000Z"},
		{1440938160, "20150830T123600Z"}, {1767225599, "20251231T235959Z"},
		{1767225600, "20260101T000000Z"}, {4107542400, "21000301T000000Z"},
		{253402300799, "99991231T235959Z"}, {-1, NULL}, {253402300800, NULL},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		char		timestamp[SFDW_SIGV4_TIME_SIZE];
		SfdwStatus	status = {0};
		bool		is_ok = sfdw_sigv4_format_time(cases[i].seconds, timestamp,
												   &status);

		TAP_OK(is_ok == (cases[i].timestamp != NULL) &&
			   (!is_ok || strcmp(timestamp, cases[i].timestamp) == 0),
			   "time %zu", i);
	}
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(published); i++)
		check_published(&published[i]);
	test_refused_headers();
	test_refused_texts();
	test_header_counts();
	test_canonical_headers();
	test_paths();
	test_failures();
	test_sizes();
	test_times();
	return tap_done();
}
