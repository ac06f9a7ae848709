/* aws/uri.c: what keys and queries become, and which hosts are none. */
#include "aws/uri.h"
#include "tap.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static SfdwBuffer out;

/* Whether the buffer holds text; empties it. */
static bool
out_is(const char *text)
{
	bool		is_equal = out.length == strlen(text) &&
		(out.length == 0 || memcmp(out.data, text, out.length) == 0);

	sfdw_buffer_reset(&out);
	return is_equal;
}

typedef struct TextCase
{
	const char *text;
	const char *expected;		/* NULL: refused */
	SfdwCode	code;
} TextCase;

/* Keys are bytes, and come back as they were. */
static void
test_encoding(void)
{
	static const TextCase cases[] = {
		{"", ""}, {"Account.csv", "Account.csv"}, {"a b", "a%20b"},
		{"+%=:@", "%2B%25%3D%3A%40"}, {"\303\274", "%C3%BC"},
		{"a//b/../c", "a//b/../c"}, {"-._~", "-._~"}, {"\r\n", "%0D%0A"},
		{"\xff\x01\x7f", "%FF%01%7F"}, {"!*'();&$,?#[]",
		"%21%2A%27%28%29%3B%26%24%2C%3F%23%5B%5D"}, {"%2F", "%252F"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		SfdwStatus	status = {0};

		TAP_OK(sfdw_uri_encode(&out, cases[i].text, strlen(cases[i].text), true,
							   &status) && out_is(cases[i].expected),
			   "encode %zu", i);
		TAP_OK(sfdw_uri_decode(&out, cases[i].expected,
							   strlen(cases[i].expected), false, &status) &&
			   out_is(cases[i].text), "decode %zu", i);
	}
	TAP_OK(sfdw_uri_encode(&out, "a/b", 3, false, &(SfdwStatus) {0}) &&
		   out_is("a%2Fb"), "a slash in a query");
	TAP_OK(sfdw_uri_encode(&out, "a\0b", 3, false, &(SfdwStatus) {0}) &&
		   out_is("a%00b"), "a NUL among bytes");
}

/* The keys of listings; a cut or odd escape is refused. */
static void
test_decoding(void)
{
	static const TextCase cases[] = {
		{"a+b%2Bc", "a b+c"}, {"%c3%bc", "\303\274"}, {"%", NULL, SFDW_MALFORMED},
		{"%4", NULL, SFDW_MALFORMED}, {"%4g", NULL, SFDW_MALFORMED},
		{"%g4", NULL, SFDW_MALFORMED}, {"a%00", NULL, SFDW_BAD_ENCODING},
		{"%%41", NULL, SFDW_MALFORMED}, {"%41", "A"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		SfdwStatus	status = {0};
		bool		is_ok = sfdw_uri_decode(&out, cases[i].text,
											strlen(cases[i].text), true, &status);

		TAP_OK(is_ok == (cases[i].expected != NULL) &&
			   status.code == cases[i].code &&
			   (!is_ok || out_is(cases[i].expected)), "listed key %zu", i);
		sfdw_buffer_reset(&out);
	}
}

/* Queries are sorted by their encoded bytes, and always written with "=". */
static void
test_queries(void)
{
	static const SfdwUriParameter listing[] = {
		{"versions", ""}, {"prefix", "a b/\303\274"}, {"max-keys", "1000"},
		{"key-marker", "x+y=="}, {"encoding-type", "url"},
	};
	static const SfdwUriParameter order[] = {
		{"a-b", "1"}, {"a", "2"}, {"a", "1"}, {"a", ""}, {"a", "\303\274"},
		{"A", "z"}, {"a\303\274", "1"}, {"aa", "1"}, {"a", "\302"}, {"", "e"},
	};
	SfdwUriParameter many[SFDW_URI_MAX_PARAMETERS + 1];
	SfdwStatus	status = {0};

	TAP_OK(sfdw_uri_query(&out, listing, ARRAY_LENGTH(listing), &status) &&
		   out_is("encoding-type=url&key-marker=x%2By%3D%3D&max-keys=1000&"
				  "prefix=a%20b%2F%C3%BC&versions="), "a listing");
	TAP_OK(sfdw_uri_query(&out, order, ARRAY_LENGTH(order), &status) &&
		   out_is("=e&A=z&a=&a=%C2&a=%C3%BC&a=1&a=2&a%C3%BC=1&a-b=1&aa=1"),
		   "the order of parameters");
	TAP_OK(sfdw_uri_query(&out, NULL, 0, &status) && out_is(""), "no parameter");
	for (size_t i = 0; i < ARRAY_LENGTH(many); i++)
		many[i] = listing[0];
	TAP_OK(sfdw_uri_query(&out, many, SFDW_URI_MAX_PARAMETERS, &status),
		   "as many parameters as fit");
	TAP_OK(!sfdw_uri_query(&out, many, SFDW_URI_MAX_PARAMETERS + 1, &status) &&
		   status.code == SFDW_TOO_LARGE, "one more");
	sfdw_buffer_reset(&out);
}

/* Keys and header values that can be sent. */
static void
test_checks(void)
{
	char		key[SFDW_URI_MAX_KEY_LENGTH + 1];
	SfdwStatus	status[5] = {{0}};

	memset(key, 'k', sizeof(key));
	TAP_OK(sfdw_uri_check_key(key, SFDW_URI_MAX_KEY_LENGTH, &status[0]),
		   "the longest key");
	TAP_OK(!sfdw_uri_check_key(key, sizeof(key), &status[0]) &&
		   status[0].code == SFDW_TOO_LARGE, "a longer key");
	TAP_OK(!sfdw_uri_check_key("", 0, &status[1]) &&
		   status[1].code == SFDW_MALFORMED, "an empty key");
	TAP_OK(!sfdw_uri_check_key("a\0b", 3, &status[2]) &&
		   status[2].code == SFDW_BAD_ENCODING && status[2].offset == 1,
		   "a key with a NUL");
	TAP_OK(sfdw_uri_check_header("a\t\303\274", 4, &status[3]),
		   "a header with a tab and UTF-8");
	TAP_OK(!sfdw_uri_check_header("ab\r\nHost: evil", 13, &status[3]) &&
		   status[3].offset == 2, "a header with a line end");
	TAP_OK(!sfdw_uri_check_header("\0", 1, &status[4]), "a header with a NUL");
}

typedef struct OriginCase
{
	const char *url;
	const char *host;			/* NULL: refused */
	int			port;
} OriginCase;

/* URLs of services; nothing but a host and a port gets through. */
static void
test_origins(void)
{
	static const OriginCase cases[] = {
		{"https://s3.example.com", "s3.example.com", 0},
		{"http://LocalHost:9000/", "localhost", 9000},
		{"https://127.0.0.1:1", "127.0.0.1", 1},
		{"https://[fd00:ec2::254]", "fd00:ec2::254", 0},
		{"http://[::1]:65535/", "::1", 65535}, {"http://2852039166", "2852039166", 0},
		{"http://[::ffff:1.2.3.4]", "::ffff:1.2.3.4", 0},
		{"ftp://host"}, {"host"}, {""}, {"https://"}, {"https:///"},
		{"HTTPS://host"}, {"https://host:"}, {"https://host:0"},
		{"https://host:65536"}, {"https://host:99999999"}, {"https://host:+1"},
		{"https://host:1a"}, {"https://user@host"}, {"https://user:pw@host"},
		{"https://host/path"}, {"https://host//"}, {"https://host?x"},
		{"https://host#x"}, {"https://host\\evil"}, {"https://ho st"},
		{"https://host\r\nHost: evil"}, {"https://host%2eevil"},
		{"https://[::1"}, {"https://::1"}, {"https://[fe80::1%25eth0]"},
		{"https://[::1]x"}, {"https://[]"}, {"https://[abc]"}, {"https://a..b"},
		{"https://.a"}, {"https://a."}, {"https://-a"}, {"https://a-"},
		{"https://a-.b"}, {"https://a_b"}, {"https://\303\274"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		SfdwUriOrigin origin;
		SfdwStatus	status = {0};
		bool		is_ok = sfdw_uri_parse_origin(cases[i].url, &origin, &status);

		TAP_OK(is_ok == (cases[i].host != NULL) &&
			   status.code == (is_ok ? SFDW_OK : SFDW_MALFORMED) &&
			   (!is_ok || (strcmp(origin.host, cases[i].host) == 0 &&
						   origin.port == cases[i].port &&
						   origin.is_bracketed == (strchr(cases[i].url, '[') != NULL) &&
						   origin.is_https == (cases[i].url[4] == 's'))),
			   "origin %zu", i);
	}
}

/* Labels and whole names up to DNS's limits. */
static void
test_long_hosts(void)
{
	char		host[SFDW_URI_MAX_HOST_LENGTH + 2];

	memset(host, 'a', sizeof(host));
	TAP_OK(sfdw_uri_is_host(host, 63), "the longest label");
	TAP_OK(!sfdw_uri_is_host(host, 64), "a longer label");
	for (size_t i = 49; i < sizeof(host); i += 50)
		host[i] = '.';
	TAP_OK(sfdw_uri_is_host(host, SFDW_URI_MAX_HOST_LENGTH), "the longest host");
	TAP_OK(!sfdw_uri_is_host(host, SFDW_URI_MAX_HOST_LENGTH + 1), "a longer host");
}

int
main(void)
{
	sfdw_buffer_init(&out, &tap_memory, 65536);
	test_encoding();
	test_decoding();
	test_queries();
	test_checks();
	test_origins();
	test_long_hosts();
	sfdw_buffer_free(&out);
	return tap_done();
}
