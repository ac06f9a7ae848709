/* aws/profile.c: which profiles lead to credentials, and which are refused. */
#include "aws/profile.h"
#include "tap.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static SfdwProfileChain chain;	/* too large for the stack */
static SfdwStatus status;

/* Read the chain of a profile from two texts, either of which may be NULL. */
static SfdwCode
read_chain(const char *config, const char *credentials, const char *name)
{
	SfdwProfileFiles files = {config, config ? strlen(config) : 0,
	credentials, credentials ? strlen(credentials) : 0};

	sfdw_profile_wipe(&chain);
	memset(&status, 0, sizeof(status));
	if (sfdw_profile_read(&files, name, &chain, &status) !=
		(status.code == SFDW_OK))
		abort();
	return status.code;
}

#define KEYS "aws_access_key_id = AKIA\naws_secret_access_key = s/e+c=ret\n"

typedef struct KeysCase
{
	const char *claim;
	const char *config;
	const char *credentials;
	const char *name;
	const char *expected;		/* id, secret, token, region */
} KeysCase;

static const KeysCase keys_cases[] = {
	{"keys in the credentials file", NULL, "[default]\n" KEYS, "default",
	"AKIA s/e+c=ret  "},
	{"keys in the config file", "[profile a]\n" KEYS "region=ca-central-1", NULL,
	"a", "AKIA s/e+c=ret  ca-central-1"},
	{"default with the word profile", "[profile default]\n" KEYS, NULL, "default",
	"AKIA s/e+c=ret  "},
	{"the word profile first", "[profile default]\nregion = r1\n[default]\nregion = r2\n",
	"[default]\n" KEYS, "default", "AKIA s/e+c=ret  r1"},
	{"the word profile last", "[default]\nregion = r2\nrole_arn = x\n[profile default]\n"
		"[default]\nregion = r3\n[profile default]\n", "[default]\n" KEYS, "default",
	"AKIA s/e+c=ret  "},
	{"both files", "[profile a]\nregion = r1\naws_access_key_id=old\n"
		"aws_secret_access_key=old\n", "[a]\n" KEYS "aws_session_token = t==\n", "a",
	"AKIA s/e+c=ret t== r1"},
	{"blanks and line ends of Windows", NULL, "[ a ]\r\naws_access_key_id\t=\tAKIA  \r\n"
	"aws_secret_access_key=s\r\n\r\n", "a", "AKIA s  "},
	{"comments", "# [profile a]\n; x\n[profile a] # here\nregion = r1 # there\n", "[a];\n"
	"aws_access_key_id = AK#1\naws_secret_access_key = s;s ; c\n", "a",
	"AK#1 s;s  r1"},
	{"the last of equal keys", NULL, "[a]\n" KEYS "aws_access_key_id = later\n", "a",
	"later s/e+c=ret  "},
	{"a profile in two places", NULL, "[a]\naws_access_key_id = AKIA\n[b]\n"
	"aws_access_key_id = other\n[a]\naws_secret_access_key = s\n", "a", "AKIA s  "},
	{"nested lines", "[profile a]\ns3 =\n  region = wrong\n\tx = y\nregion = r1\n",
	"[a]\n" KEYS, "a", "AKIA s/e+c=ret  r1"},
	{"sections of another kind", "[sso-session a]\nregion = wrong\n[services a]\nx =\n  y = z\n"
		"[a]\nregion = wrong\n[profilea]\nregion = wrong\n[profile a]\nregion = r1\n",
	"[a]\n" KEYS, "a", "AKIA s/e+c=ret  r1"},
	{"the word profile in the credentials file", NULL, "[profile a]\naws_access_key_id = wrong\n"
	"[a]\n" KEYS, "a", "AKIA s/e+c=ret  "},
	{"a name with blanks and other letters", "[profile  b\303\274cher 1 ]\n" KEYS, NULL,
	"b\303\274cher 1", "AKIA s/e+c=ret  "},
	{"keys in capitals", NULL, "[a]\nAWS_ACCESS_KEY_ID = AKIA\nAws_Secret_Access_Key = s\n",
	"a", "AKIA s  "},
	{"keys that nobody knows", NULL, "[a]\noutput = json\n" KEYS "x=\n", "a",
	"AKIA s/e+c=ret  "},
	{"credential_process of another profile", "[profile b]\ncredential_process = rm\n",
	"[a]\n" KEYS, "a", "AKIA s/e+c=ret  "},
};

/* Keys and region are read from both files. */
static void
test_keys(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(keys_cases); i++)
	{
		const KeysCase *c = &keys_cases[i];
		char		text[sizeof(SfdwProfile)] = "";

		if (read_chain(c->config, c->credentials, c->name) == SFDW_OK)
			snprintf(text, sizeof(text), "%s %s %s %s",
					 chain.profiles[0].access_key_id,
					 chain.profiles[0].secret_access_key,
					 chain.profiles[0].session_token, chain.profiles[0].region);
		TAP_OK(strcmp(text, c->expected) == 0 && chain.count == 1 &&
			   chain.source == SFDW_PROFILE_KEYS && !chain.assumes_last_role,
			   "%s: %s", c->claim, status.message);
	}
}

typedef struct ChainCase
{
	const char *claim;
	const char *config;
	int			count;
	SfdwProfileSource source;
	bool		assumes_last_role;
	const char *last;			/* the last profile's name */
} ChainCase;

#define ROLE(name, more) "[profile " name "]\nrole_arn = arn:" name "\n" more "\n"

static const ChainCase chain_cases[] = {
	{"a role by another profile's keys", ROLE("a", "source_profile = b")
	"[profile b]\n" KEYS, 2, SFDW_PROFILE_KEYS, false, "b"},
	{"roles by roles", ROLE("a", "source_profile = b") ROLE("b", "source_profile = c")
	"[profile c]\n" KEYS, 3, SFDW_PROFILE_KEYS, false, "c"},
	{"a role by the profile's own keys", ROLE("a", "source_profile = a\n" KEYS), 1,
	SFDW_PROFILE_KEYS, true, "a"},
	{"a role above the profile's keys", ROLE("a", "source_profile = b\n" KEYS)
	"[profile b]\n" KEYS, 2, SFDW_PROFILE_KEYS, false, "b"},
	{"web identity", ROLE("a", "web_identity_token_file = /t"), 1,
	SFDW_PROFILE_WEB_IDENTITY, false, "a"},
	{"a role by web identity", ROLE("a", "source_profile = b")
		ROLE("b", "web_identity_token_file = /t"), 2, SFDW_PROFILE_WEB_IDENTITY,
	false, "b"},
	{"a role by the instance", ROLE("a", "credential_source = Ec2InstanceMetadata"),
	1, SFDW_PROFILE_METADATA, true, "a"},
	{"a role by the container", ROLE("a", "credential_source=EcsContainer"), 1,
	SFDW_PROFILE_CONTAINER, true, "a"},
	{"a role by the environment", ROLE("a", "source_profile = b")
		ROLE("b", "credential_source = Environment"), 2, SFDW_PROFILE_ENVIRONMENT,
	true, "b"},
	{"the longest chain", ROLE("a", "source_profile = b") ROLE("b", "source_profile = c")
		ROLE("c", "source_profile = d") ROLE("d", "source_profile = e")
	"[profile e]\n" KEYS, 5, SFDW_PROFILE_KEYS, false, "e"},
};

/* Roles lead through profiles to a source. */
static void
test_chains(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(chain_cases); i++)
	{
		const ChainCase *c = &chain_cases[i];

		TAP_OK(read_chain(c->config, NULL, "a") == SFDW_OK &&
			   chain.count == c->count && chain.source == c->source &&
			   chain.assumes_last_role == c->assumes_last_role &&
			   strcmp(chain.profiles[chain.count - 1].name, c->last) == 0,
			   "%s: %s", c->claim, status.message);
	}
	read_chain(ROLE("a", "source_profile = b\nexternal_id = x,1\n"
					"role_session_name = n\nduration_seconds = 900")
			   "[profile b]\n" KEYS, NULL, "a");
	TAP_OK(strcmp(chain.profiles[0].role_arn, "arn:a") == 0 &&
		   strcmp(chain.profiles[0].external_id, "x,1") == 0 &&
		   strcmp(chain.profiles[0].role_session_name, "n") == 0 &&
		   strcmp(chain.profiles[0].duration_seconds, "900") == 0,
		   "what a role is assumed with");
}

typedef struct RefusedCase
{
	const char *claim;
	const char *config;
	const char *name;
	SfdwCode	code;
} RefusedCase;

static const RefusedCase refused[] = {
	{"no profile", "[profile b]\n" KEYS, "a", SFDW_BAD_VALUE},
	{"an empty file", "", "a", SFDW_BAD_VALUE},
	{"a profile without credentials", "[profile a]\nregion = r\n", "a", SFDW_BAD_VALUE},
	{"an id alone", "[profile a]\naws_access_key_id = AKIA\n", "a", SFDW_BAD_VALUE},
	{"a secret alone", "[profile a]\naws_secret_access_key = s\n", "a", SFDW_BAD_VALUE},
	{"an empty secret", "[profile a]\naws_access_key_id = AKIA\naws_secret_access_key =\n", "a", SFDW_BAD_VALUE},
	{"credential_process", "[profile a]\ncredential_process = /bin/sh -c x\n", "a", SFDW_UNSUPPORTED},
	{"credential_process beside keys", "[profile a]\n" KEYS "credential_process = x\n", "a", SFDW_UNSUPPORTED},
	{"credential_process of the source", ROLE("a", "source_profile = b") "[profile b]\n"
	"credential_process = x\n", "a", SFDW_UNSUPPORTED},
	{"single sign-on", "[profile a]\nsso_session = s\n", "a", SFDW_UNSUPPORTED},
	{"old single sign-on", "[profile a]\nsso_start_url = s\n", "a", SFDW_UNSUPPORTED},
	{"a role without a source", ROLE("a", ""), "a", SFDW_BAD_VALUE},
	{"a role whose source is missing", ROLE("a", "source_profile = b"), "a", SFDW_BAD_VALUE},
	{"a role by itself without keys", ROLE("a", "source_profile = a"), "a", SFDW_BAD_VALUE},
	{"a loop of two", ROLE("a", "source_profile = b") ROLE("b", "source_profile = a"), "a", SFDW_BAD_VALUE},
	{"a loop behind the first", ROLE("a", "source_profile = b") ROLE("b", "source_profile = c")
	ROLE("c", "source_profile = b"), "a", SFDW_BAD_VALUE},
	{"a chain that is too long", ROLE("a", "source_profile = b") ROLE("b", "source_profile = c")
		ROLE("c", "source_profile = d") ROLE("d", "source_profile = e")
	ROLE("e", "source_profile = f") "[profile f]\n" KEYS, "a", SFDW_TOO_LARGE},
	{"two sources", ROLE("a", "source_profile = b\ncredential_source = EcsContainer"), "a", SFDW_BAD_VALUE},
	{"a source that nobody knows", ROLE("a", "credential_source = Process"), "a", SFDW_UNSUPPORTED},
	{"a line without \"=\"", "[profile a]\nregion\n" KEYS, "a", SFDW_MALFORMED},
	{"a line without a key", "[profile a]\n= x\n" KEYS, "a", SFDW_MALFORMED},
	{"a key before all sections", "region = r\n[profile a]\n" KEYS, "a", SFDW_MALFORMED},
	{"a title without its end", "[profile a\n" KEYS, "a", SFDW_MALFORMED},
	{"a title with more behind it", "[profile a] x\n" KEYS, "a", SFDW_MALFORMED},
	{"a nested line below a title", "[profile a]\n  region = r\n" KEYS, "a", SFDW_MALFORMED},
	{"a secret that goes on", "[profile a]\n" KEYS "  more\n", "a", SFDW_MALFORMED},
	{"an empty name", "[profile a]\n" KEYS, "", SFDW_BAD_VALUE},
	{"a name with a line end", "[profile a]\n" KEYS, "a]\n[profile b", SFDW_BAD_VALUE},
	{"a name with blanks around it", "[profile a]\n" KEYS, " a", SFDW_BAD_VALUE},
};

/* No credentials come out, and no message has a value in it. */
static void
test_refused(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
		TAP_OK(read_chain(refused[i].config, NULL, refused[i].name) ==
			   refused[i].code && strstr(status.message, "s/e+c") == NULL,
			   "%s: %s", refused[i].claim, status.message);
}

/* Values, names and files beyond their limits, and a NUL. */
static void
test_limits(void)
{
	static char text[SFDW_PROFILE_MAX_FILE_SIZE + 2];
	SfdwProfileFiles files = {NULL, 0, text, 0};
	SfdwStatus	limits[3] = {{0}};
	size_t		start;

	strcpy(text, "[a]\n" KEYS "region = ");
	start = strlen(text);
	memset(text + start, 'r', SFDW_PROFILE_WORD_SIZE - 1);
	TAP_OK(read_chain(NULL, text, "a") == SFDW_OK, "the longest value");
	text[start + SFDW_PROFILE_WORD_SIZE - 1] = 'r';
	TAP_OK(read_chain(NULL, text, "a") == SFDW_TOO_LARGE, "a longer value");
	strcpy(text, "[a]\n" KEYS);
	start = strlen(text);
	memset(text + start, '\n', sizeof(text) - start);
	files.credentials_length = SFDW_PROFILE_MAX_FILE_SIZE;
	TAP_OK(sfdw_profile_read(&files, "a", &chain, &limits[0]),
		   "the longest file");
	files.credentials_length++;
	TAP_OK(!sfdw_profile_read(&files, "a", &chain, &limits[1]) &&
		   limits[1].code == SFDW_TOO_LARGE, "a longer file");
	text[start + 1] = '\0';
	files.credentials_length = start + 2;
	TAP_OK(!sfdw_profile_read(&files, "a", &chain, &limits[2]) &&
		   limits[2].code == SFDW_MALFORMED && limits[2].offset == start + 1,
		   "a NUL in a file");
	memset(text, 'n', SFDW_PROFILE_NAME_SIZE);
	text[SFDW_PROFILE_NAME_SIZE] = '\0';
	TAP_OK(read_chain("", NULL, text) == SFDW_BAD_VALUE, "a name that is too long");
}

/* Nothing is left of a chain that was wiped. */
static void
test_wipe(void)
{
	static const SfdwProfileChain nothing;

	read_chain(NULL, "[a]\n" KEYS, "a");
	sfdw_profile_wipe(&chain);
	TAP_OK(memcmp(&chain, &nothing, sizeof(chain)) == 0, "a wiped chain");
}

int
main(void)
{
	test_keys();
	test_chains();
	test_refused();
	test_limits();
	test_wipe();
	return tap_done();
}
