/* storage/location.c: which URLs and keys are ones, and what contains what. */
#include "storage/location.h"
#include "tap.h"

typedef struct UrlCase
{
	const char *url;
	SfdwCode	code;
	const char *scheme;
	const char *host;
	const char *path;
} UrlCase;

static const UrlCase url_cases[] = {
	{"file:///a/", SFDW_OK, "file", "", "/a/"},
	{"file:///", SFDW_OK, "file", "", "/"},
	{"file:///a/b", SFDW_OK, "file", "", "/a/b"},
	{"file:///a b/%20/\303\251/", SFDW_OK, "file", "", "/a b/%20/\303\251/"},
	{"file:///.hidden/..a/a../", SFDW_OK, "file", "", "/.hidden/..a/a../"},
	{"s3://bucket/", SFDW_OK, "s3", "bucket", "/"},
	{"s3://bucket/a//b/../", SFDW_OK, "s3", "bucket", "/a//b/../"},
	{"memory://m/x", SFDW_OK, "memory", "m", "/x"},
	{"", SFDW_MALFORMED},
	{"/a/", SFDW_MALFORMED},
	{"a/b", SFDW_MALFORMED},
	{"://a/", SFDW_MALFORMED},
	{"File:///a/", SFDW_MALFORMED},
	{"toolongscheme:///a/", SFDW_MALFORMED},
	{"s-3://a/", SFDW_MALFORMED},
	{"file://host/a/", SFDW_MALFORMED},
	{"file://", SFDW_MALFORMED},
	{"file:///a//b/", SFDW_MALFORMED},
	{"file:////a/", SFDW_MALFORMED},
	{"file:///a/../b/", SFDW_MALFORMED},
	{"file:///..", SFDW_MALFORMED},
	{"file:///./", SFDW_MALFORMED},
	{"file:///a\nb/", SFDW_MALFORMED},
	{"s3://bucket/a\r\nHost: evil/", SFDW_MALFORMED},
	{"s3://bucket\177/", SFDW_MALFORMED},
	{"s3:///a/", SFDW_MALFORMED},
	{"s3://bucket", SFDW_MALFORMED},
	{"file:///a/.salesforce_fdw_purge.1/", SFDW_MALFORMED},
};

/* Every URL is taken apart, or refused with its code. */
static void
test_urls(void)
{
	for (size_t i = 0; i < sizeof(url_cases) / sizeof(url_cases[0]); i++)
	{
		const UrlCase *expected = &url_cases[i];
		SfdwLocation location;
		SfdwStatus	status = {0};
		bool		is_parsed = sfdw_location_parse(expected->url, &location,
													&status);

		TAP_OK(is_parsed == (expected->code == SFDW_OK) &&
			   status.code == expected->code &&
			   (!is_parsed ||
				(strcmp(location.scheme, expected->scheme) == 0 &&
				 strlen(expected->host) == location.host_length &&
				 strncmp(location.host, expected->host,
						 location.host_length) == 0 &&
				 strcmp(location.path, expected->path) == 0)),
			   "URL %zu: %s", i, status.message);
	}
}

/* An URL beyond the limit is refused, one at the limit is not. */
static void
test_long_url(void)
{
	char		url[SFDW_MAX_LOCATION_LENGTH + 2];
	SfdwLocation location;
	SfdwStatus	status = {0};
	SfdwStatus	longer = {0};

	memset(url, 'a', sizeof(url));
	memcpy(url, "file:///", 8);
	url[SFDW_MAX_LOCATION_LENGTH] = '\0';
	TAP_OK(sfdw_location_parse(url, &location, &status), "longest URL");
	url[SFDW_MAX_LOCATION_LENGTH] = 'a';
	url[SFDW_MAX_LOCATION_LENGTH + 1] = '\0';
	TAP_OK(!sfdw_location_parse(url, &location, &longer) &&
		   longer.code == SFDW_TOO_LARGE, "one byte more");
}

/* Keys that a folder can hold, and others. */
static void
test_keys(void)
{
	static const char *const good[] = {"a", "a/b", ".a", "...", "..a/b..",
	"a b", "\303\251/%2F", "_staging/x", "-", "salesforce_fdw_purge.1"};
	static const char *const refused[] = {"", "/", "/a", "a/", "a//b", ".", "..", "../a",
		"a/..", "a/../b", "a/.", "./a", "a/./b", ".salesforce_fdw_purge.",
	".salesforce_fdw_purge.1/a", "a/.salesforce_fdw_purge.9/b"};
	char		key[SFDW_MAX_KEY_LENGTH + 2];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		SfdwStatus	status = {0};

		TAP_OK(sfdw_location_check_key(good[i], &status), "key \"%s\"",
			   good[i]);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
	{
		SfdwStatus	status = {0};

		TAP_OK(!sfdw_location_check_key(refused[i], &status) &&
			   status.code == SFDW_MALFORMED, "refused key \"%s\"", refused[i]);
	}
	memset(key, 'a', sizeof(key));
	key[SFDW_MAX_KEY_LENGTH + 1] = '\0';
	{
		SfdwStatus	status = {0};

		TAP_OK(!sfdw_location_check_key(key, &status) &&
			   status.code == SFDW_TOO_LARGE, "a key that is too long");
	}
}

/* A location contains what is below it, and no neighbour. */
static void
test_contains(void)
{
	TAP_OK(sfdw_location_contains("file:///a/", "file:///a/"), "itself");
	TAP_OK(sfdw_location_contains("file:///a/", "file:///a"), "without slash");
	TAP_OK(sfdw_location_contains("file:///a/", "file:///a/b"), "below");
	TAP_OK(sfdw_location_contains("file:///", "file:///a"), "of the root");
	TAP_OK(!sfdw_location_contains("file:///a/", "file:///ab"), "neighbour");
	TAP_OK(!sfdw_location_contains("file:///a/b/", "file:///a/"), "above");
	TAP_OK(!sfdw_location_contains("s3://a/", "file:///a/"), "another scheme");
}

int
main(void)
{
	test_urls();
	test_long_url();
	test_keys();
	test_contains();
	return tap_done();
}
