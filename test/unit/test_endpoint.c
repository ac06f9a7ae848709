/* aws/endpoint.c: the host of each service, and what is never sent anywhere. */
#include "aws/endpoint.h"
#include "tap.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define S3 SFDW_SERVICE_S3
#define GLUE SFDW_SERVICE_GLUE
#define STS SFDW_SERVICE_STS

typedef struct EndpointCase
{
	SfdwEndpointWish wish;
	const char *url;			/* NULL: refused */
	SfdwCode	code;
} EndpointCase;

/* paths, dual stack, FIPS, http */
#define PLAIN false, false, false, false
#define PATHS true, false, false, false
#define DUAL false, true, false, false
#define FIPS false, false, true, false
#define DUAL_FIPS false, true, true, false
#define HTTP false, false, false, true

static const EndpointCase cases[] = {
	{{S3, "ca-central-1", "raw", NULL, PLAIN}, "https://raw.s3.ca-central-1.amazonaws.com"},
	{{S3, "us-east-1", "raw", NULL, PLAIN}, "https://raw.s3.us-east-1.amazonaws.com"},
	{{S3, "us-east-1", "raw", NULL, PATHS}, "https://s3.us-east-1.amazonaws.com/raw"},
	{{S3, "us-east-1", "raw.with.dots", NULL, PLAIN}, "https://s3.us-east-1.amazonaws.com/raw.with.dots"},
	{{S3, "us-west-2", "raw", NULL, DUAL}, "https://raw.s3.dualstack.us-west-2.amazonaws.com"},
	{{S3, "us-west-2", "raw", NULL, FIPS}, "https://raw.s3-fips.us-west-2.amazonaws.com"},
	{{S3, "us-west-2", "raw", NULL, DUAL_FIPS}, "https://raw.s3-fips.dualstack.us-west-2.amazonaws.com"},
	{{S3, "cn-north-1", "raw", NULL, PLAIN}, "https://raw.s3.cn-north-1.amazonaws.com.cn"},
	{{S3, "cn-north-1", "raw", NULL, DUAL}, "https://raw.s3.dualstack.cn-north-1.amazonaws.com.cn"},
	{{S3, "cn-north-1", "raw", NULL, FIPS}, NULL, SFDW_UNSUPPORTED},
	{{S3, "cn-north-1", "raw", NULL, DUAL_FIPS}, NULL, SFDW_UNSUPPORTED},
	{{S3, "us-gov-west-1", "raw", NULL, DUAL}, "https://raw.s3.dualstack.us-gov-west-1.amazonaws.com"},
	{{S3, "us-gov-east-1", "raw", NULL, DUAL_FIPS}, "https://raw.s3-fips.dualstack.us-gov-east-1.amazonaws.com"},
	{{S3, "us-iso-east-1", "raw", NULL, DUAL_FIPS}, NULL, SFDW_UNSUPPORTED},
	{{S3, "ca-central-1", "raw.with.dots", NULL, DUAL_FIPS}, "https://s3-fips.dualstack.ca-central-1.amazonaws.com/raw.with.dots"},
	{{S3, "us-gov-west-1", "raw", NULL, PLAIN}, "https://raw.s3.us-gov-west-1.amazonaws.com"},
	{{S3, "us-gov-west-1", "a.b.c", NULL, FIPS}, "https://s3-fips.us-gov-west-1.amazonaws.com/a.b.c"},
	{{S3, "us-iso-east-1", "raw", NULL, PLAIN}, "https://raw.s3.us-iso-east-1.c2s.ic.gov"},
	{{S3, "us-iso-east-1", "raw", NULL, DUAL}, NULL, SFDW_UNSUPPORTED},
	{{GLUE, "ca-central-1", NULL, NULL, PLAIN}, "https://glue.ca-central-1.amazonaws.com"},
	{{GLUE, "us-east-1", NULL, NULL, FIPS}, "https://glue-fips.us-east-1.amazonaws.com"},
	{{GLUE, "us-east-1", NULL, NULL, DUAL}, "https://glue.us-east-1.api.aws"},
	{{GLUE, "us-east-1", NULL, NULL, DUAL_FIPS}, "https://glue-fips.us-east-1.api.aws"},
	{{GLUE, "cn-northwest-1", NULL, NULL, PLAIN}, "https://glue.cn-northwest-1.amazonaws.com.cn"},
	{{GLUE, "cn-north-1", NULL, NULL, DUAL}, "https://glue.cn-north-1.api.amazonwebservices.com.cn"},
	{{GLUE, "us-isob-east-1", NULL, NULL, DUAL}, NULL, SFDW_UNSUPPORTED},
	{{GLUE, "us-gov-west-1", NULL, NULL, FIPS}, "https://glue-fips.us-gov-west-1.amazonaws.com"},
	{{GLUE, "us-iso-east-1", NULL, NULL, DUAL_FIPS}, NULL, SFDW_UNSUPPORTED},
	{{GLUE, "us-east-1", NULL, "https://glue.example.com", DUAL}, NULL, SFDW_UNSUPPORTED},
	{{STS, "us-isob-east-1", NULL, NULL, DUAL}, NULL, SFDW_UNSUPPORTED},
	{{STS, "cn-north-1", NULL, NULL, DUAL}, "https://sts.cn-north-1.api.amazonwebservices.com.cn"},
	{{STS, "eu-west-1", NULL, NULL, PLAIN}, "https://sts.eu-west-1.amazonaws.com"},
	{{STS, "us-gov-west-1", NULL, NULL, FIPS}, "https://sts.us-gov-west-1.amazonaws.com"},
	{{STS, "us-gov-west-1", NULL, NULL, DUAL_FIPS}, "https://sts-fips.us-gov-west-1.api.aws"},
	/* endpoints of one's own */
	{{S3, "us-east-1", "raw", "https://s3.example.com", PLAIN}, "https://raw.s3.example.com"},
	{{S3, "us-east-1", "raw", "https://S3.Example.com:9000/", PATHS}, "https://s3.example.com:9000/raw"},
	{{S3, "us-east-1", "raw", "https://s3.example.com:443", PLAIN}, "https://raw.s3.example.com"},
	{{S3, "us-east-1", "raw", "http://localhost:80", HTTP}, "http://raw.localhost"},
	{{S3, "us-east-1", "raw", "http://localhost:443", HTTP}, "http://raw.localhost:443"},
	{{S3, "us-east-1", "raw", "http://127.0.0.1:7070", HTTP}, "http://127.0.0.1:7070/raw"},
	{{S3, "us-east-1", "raw", "https://[fd12::1]:9000", PLAIN}, "https://[fd12::1]:9000/raw"},
	{{S3, "us-east-1", "raw", "https://2130706433", PLAIN}, "https://2130706433/raw"},
	{{GLUE, "us-east-1", NULL, "http://127.0.0.1:5000", HTTP}, "http://127.0.0.1:5000"},
	{{S3, "us-east-1", "raw", "http://s3.example.com", PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "us-east-1", "raw", "https://s3.example.com/path", PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "us-east-1", "raw", "https://user@s3.example.com", PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "us-east-1", "raw", "https://s3.example.com", DUAL}, NULL, SFDW_UNSUPPORTED},
	{{S3, "us-east-1", "raw", "https://s3.example.com", FIPS}, NULL, SFDW_UNSUPPORTED},
	/* buckets that are none */
	{{S3, "us-east-1", "evil.com#", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "us-east-1", "b--usw2-az1--x-s3", "https://s3.example.com", PLAIN}, NULL, SFDW_UNSUPPORTED},
	/* regions that are none */
	{{S3, "", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "us-east-1.evil.com", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "us-east-1/", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "evil.com#", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "US-EAST-1", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "us-east-1\r\n", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "-us-east-1", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "aws-global", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{S3, "a-region-that-is-longer-than-any-is", "raw", NULL, PLAIN}, NULL, SFDW_MALFORMED},
	{{GLUE, "x@evil.com", NULL, NULL, PLAIN}, NULL, SFDW_MALFORMED},
};

/* Every wish leads to its host, or is refused with its code. */
static void
test_hosts(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		SfdwEndpoint endpoint;
		SfdwStatus	status = {0};
		char		url[512] = "";
		bool		is_ok = sfdw_endpoint_find(&cases[i].wish, &endpoint, &status);

		if (is_ok)
			snprintf(url, sizeof(url), "%s://%s%s",
					 endpoint.is_https ? "https" : "http", endpoint.authority,
					 endpoint.path_prefix);
		TAP_OK(is_ok == (cases[i].url != NULL) && status.code == cases[i].code &&
			   (!is_ok || strcmp(url, cases[i].url) == 0),
			   "wish %zu: %s%s", i, url, status.message);
	}
}

/* Regions of one partition, and of different ones. */
static void
test_partitions(void)
{
	static const char *const regions[] = {
		"eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1",
		"us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1"
	};

	for (size_t i = 0; i < ARRAY_LENGTH(regions); i++)
	{
		for (size_t j = 0; j < ARRAY_LENGTH(regions); j++)
		{
			bool		are_same = i == j || (i < 2 && j < 2);

			TAP_OK(sfdw_endpoint_same_partition(regions[i], regions[j]) == are_same,
				   "%s and %s", regions[i], regions[j]);
		}
	}
}

typedef struct BucketCase
{
	const char *name;
	SfdwCode	code;
} BucketCase;

/* Names that would be another host, or are not a general purpose bucket's. */
static void
test_buckets(void)
{
	static const BucketCase buckets[] = {
		{"abc"}, {"a-b"}, {"a.b.c"}, {"123"}, {"my-bucket.1"},
		{"a--b"}, {"x-s3"}, {"ab", SFDW_MALFORMED}, {"", SFDW_MALFORMED},
		{"Abc", SFDW_MALFORMED}, {"a_b", SFDW_MALFORMED},
		{"evil.com#", SFDW_MALFORMED}, {"a.b/../c", SFDW_MALFORMED},
		{"x@host", SFDW_MALFORMED}, {"a:b", SFDW_MALFORMED},
		{"a?b", SFDW_MALFORMED}, {"a%2eb", SFDW_MALFORMED},
		{"a\\b", SFDW_MALFORMED}, {"a b", SFDW_MALFORMED},
		{"abc\r\nHost: evil", SFDW_MALFORMED}, {"abc\n", SFDW_MALFORMED},
		{"a..b", SFDW_MALFORMED}, {".abc", SFDW_MALFORMED},
		{"abc.", SFDW_MALFORMED}, {"-abc", SFDW_MALFORMED},
		{"abc-", SFDW_MALFORMED}, {"a.-b", SFDW_MALFORMED},
		{"a-.b", SFDW_MALFORMED}, {"192.168.5.4", SFDW_MALFORMED},
		{"0x7f.1", SFDW_MALFORMED}, {"b\303\274cher", SFDW_MALFORMED},
		{"arn:aws:s3:us-west-2:123456789012:accesspoint:p", SFDW_UNSUPPORTED},
		{"arn:aws:s3-outposts:us-west-2:123456789012:outpost:o:bucket:b", SFDW_UNSUPPORTED},
		{"arn:aws:s3:::bucket", SFDW_UNSUPPORTED},
		{"point-abcdef-s3alias", SFDW_UNSUPPORTED},
		{"lambda-abc--ol-s3", SFDW_UNSUPPORTED},
		{"b--usw2-az1--x-s3", SFDW_UNSUPPORTED},
		{"p--usw2-az1--xa-s3", SFDW_UNSUPPORTED},
		{"test-o0b1d75431d83bebd--op-s3", SFDW_UNSUPPORTED},
		{"t--table-s3", SFDW_UNSUPPORTED}, {"abc.mrap", SFDW_UNSUPPORTED},
		{"xn--abc", SFDW_UNSUPPORTED}, {"sthree-abc", SFDW_UNSUPPORTED},
	};
	char		longest[SFDW_ENDPOINT_MAX_BUCKET_LENGTH + 2];

	for (size_t i = 0; i < ARRAY_LENGTH(buckets); i++)
	{
		SfdwStatus	status = {0};

		TAP_OK(sfdw_endpoint_check_bucket(buckets[i].name, &status) ==
			   (buckets[i].code == SFDW_OK) && status.code == buckets[i].code,
			   "bucket %zu: %s", i, status.message);
	}
	memset(longest, 'b', sizeof(longest));
	longest[SFDW_ENDPOINT_MAX_BUCKET_LENGTH] = '\0';
	TAP_OK(sfdw_endpoint_check_bucket(longest, &(SfdwStatus) {0}),
		   "the longest name");
	longest[SFDW_ENDPOINT_MAX_BUCKET_LENGTH] = 'b';
	longest[SFDW_ENDPOINT_MAX_BUCKET_LENGTH + 1] = '\0';
	TAP_OK(!sfdw_endpoint_check_bucket(longest, &(SfdwStatus) {0}),
		   "a longer name");
}

/* A bucket before the longest host does not fit. */
static void
test_long_endpoint(void)
{
	char		url[300] = "https://";
	SfdwEndpointWish wish = {S3, "us-east-1", "raw", url, PLAIN};
	SfdwEndpoint endpoint;
	SfdwStatus	status = {0};

	for (int i = 0; i < 25; i++)
		strcat(url, "label.abc.");
	strcat(url, "abc");
	TAP_OK(!sfdw_endpoint_find(&wish, &endpoint, &status) &&
		   status.code == SFDW_TOO_LARGE, "bucket and host are too long");
	wish.uses_paths = true;
	memset(&status, 0, sizeof(status));
	TAP_OK(sfdw_endpoint_find(&wish, &endpoint, &status) &&
		   strcmp(endpoint.authority, url + strlen("https://")) == 0,
		   "the longest host with the bucket in the path");
}

int
main(void)
{
	test_hosts();
	test_partitions();
	test_buckets();
	test_long_endpoint();
	return tap_done();
}
