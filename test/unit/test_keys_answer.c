/* aws/keys_answer.c: keys of STS and of services for credentials. */
#include "aws/keys_answer.h"
#include "tap.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define XML(keys) "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>" \
	"<Credentials>" keys "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
#define ID "<AccessKeyId>ASIA1</AccessKeyId>"
#define SECRET "<SecretAccessKey>s/+=</SecretAccessKey>"
#define TOKEN "<SessionToken>t/+==</SessionToken>"
#define EXPIRY "<Expiration>2026-11-23T08:00:00Z</Expiration>"

static SfdwKeys keys;

/* Read an answer, XML or JSON by its first character. */
static SfdwCode
read_keys(const char *text)
{
	SfdwStatus	status = {0};
	bool		is_read = text[0] == '<' ?
		sfdw_keys_read_xml(&tap_memory, text, strlen(text), &keys, &status) :
		sfdw_keys_read_json(text, strlen(text), &keys, &status);

	if (is_read != (status.code == SFDW_OK) ||
		strstr(status.message, "s/+=") != NULL)
		abort();
	return status.code;
}

/* Answers that are refused. */
static const struct
{
	const char *claim;
	const char *text;
	SfdwCode	code;
}			refused[] = {
	{"no secret", XML(ID TOKEN EXPIRY), SFDW_MALFORMED},
	{"no id", XML(SECRET TOKEN EXPIRY), SFDW_MALFORMED},
	{"a time that is none", XML(ID SECRET "<Expiration>soon</Expiration>"), SFDW_MALFORMED},
	{"half an answer", "<AssumeRoleResponse><AssumeRoleResult>" ID SECRET, SFDW_MALFORMED},
	{"HTML", "<html><body>log in", SFDW_MALFORMED},
	{"a document type", "<!DOCTYPE x [<!ENTITY a \"b\">]>" XML(ID SECRET), SFDW_UNSUPPORTED},
	{"an empty object", "{}", SFDW_MALFORMED},
	{"a list", "[]", SFDW_MALFORMED},
	{"no JSON", "AKIA", SFDW_MALFORMED},
	{"keys twice", "{\"AccessKeyId\": \"a\", \"AccessKeyId\": \"b\", \"SecretAccessKey\": \"c\"}", SFDW_MALFORMED},
	{"a number for a key", "{\"AccessKeyId\": 1, \"SecretAccessKey\": \"c\"}", SFDW_MALFORMED},
	{"a code that is no success", "{\"Code\": \"Failed\", \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"c\"}", SFDW_BAD_VALUE},
	{"only a code", "{\"Code\": \"AssumeRoleUnauthorizedAccess\", \"Message\": \"no\"}", SFDW_BAD_VALUE},
};

/* Times. */
static const struct
{
	const char *text;
	int64_t		seconds;		/* -1: refused */
}			times[] = {
	{"1970-01-01T00:00:00Z", 0},
	{"2000-02-29T23:59:59Z", 951868799},
	{"2026-11-23T08:00:00Z", 1795420800},
	{"2026-11-23T08:00:00.123Z", 1795420800},
	{"2100-03-01T00:00:00+00:00", 4107542400},
	{"2026-02-29T00:00:00Z", -1},
	{"2100-02-29T00:00:00Z", -1},
	{"2026-13-01T00:00:00Z", -1},
	{"2026-00-01T00:00:00Z", -1},
	{"2026-01-01T24:00:00Z", -1},
	{"2026-01-01T00:00:00", -1},
	{"2026-01-01T00:00:00-05:00", -1},
	{"2026-01-01 00:00:00Z", -1},
	{"26-01-01T00:00:00Z", -1},
	{"2026-01-01T00:00:00Zx", -1},
	{"2026-1-01T00:00:00Z", -1},
	{"2026-01-01T0:00:00Z", -1},
	{"", -1},
};

/* Who the keys belong to. */
static void
test_identity(void)
{
	const char *text = "<GetCallerIdentityResponse><GetCallerIdentityResult><UserId>AIDA</UserId>"
		"<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/a</Arn>"
		"</GetCallerIdentityResult></GetCallerIdentityResponse>";
	SfdwIdentity identity;
	SfdwStatus	status = {0};

	TAP_OK(sfdw_identity_read(&tap_memory, text, strlen(text), &identity, &status) &&
		   strcmp(identity.account, "123456789012") == 0 &&
		   strcmp(identity.arn, "arn:aws:iam::123456789012:user/a") == 0 &&
		   strcmp(identity.user_id, "AIDA") == 0, "an identity is read");
	TAP_OK(!sfdw_identity_read(&tap_memory, "<a/>", 4, &identity, &status),
		   "nobody is no identity");
}

/* Texts beyond their fields. */
static void
test_long(void)
{
	static char text[3 * SFDW_KEYS_TOKEN_SIZE];
	char		token[SFDW_KEYS_TOKEN_SIZE + 1];

	memset(token, 'x', sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	snprintf(text, sizeof(text), "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"b\", \"Token\": \"%s\"}", token);
	TAP_OK(read_keys(text) == SFDW_TOO_LARGE, "a token that is too long is refused");
	token[sizeof(token) - 2] = '\0';
	snprintf(text, sizeof(text), "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"b\", \"Token\": \"%s\"}", token);
	TAP_OK(read_keys(text) == SFDW_OK && strlen(keys.session_token) == SFDW_KEYS_TOKEN_SIZE - 1,
		   "the longest one is read");
}

int
main(void)
{
	SfdwAwsKeys signer;

	TAP_OK(read_keys(XML(ID SECRET TOKEN EXPIRY)) == SFDW_OK &&
		   strcmp(keys.access_key_id, "ASIA1") == 0 &&
		   strcmp(keys.secret_access_key, "s/+=") == 0 &&
		   strcmp(keys.session_token, "t/+==") == 0 &&
		   keys.expires_at == 1795420800, "keys of STS are read");
	signer = sfdw_keys_to_sign_with(&keys);
	TAP_OK(strcmp(signer.session_token, "t/+==") == 0, "... and signed with");
	TAP_OK(read_keys("{\"Code\": \"Success\", \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"s/+=\", \"Token\": null}") == SFDW_OK &&
		   keys.expires_at == SFDW_KEYS_NEVER_EXPIRE, "keys of a service are read");
	signer = sfdw_keys_to_sign_with(&keys);
	TAP_OK(signer.session_token == NULL, "... and no token is none");
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
		TAP_OK(read_keys(refused[i].text) == refused[i].code, "refused: %s", refused[i].claim);
	for (size_t i = 0; i < ARRAY_LENGTH(times); i++)
	{
		SfdwStatus	status = {0};
		int64_t		seconds = -1;
		bool		is_time = sfdw_keys_read_time(times[i].text, &seconds, &status);

		TAP_OK(is_time == (times[i].seconds >= 0) &&
			   (!is_time || seconds == times[i].seconds), "time \"%s\"", times[i].text);
	}
	test_long();
	test_identity();
	return tap_done();
}
