/*-------------------------------------------------------------------------
 * profile.c
 *		Profiles of AWS's shared config and credentials files
 *
 * Pure.  See profile.h.
 *-------------------------------------------------------------------------
 */
#include "aws/profile.h"

#include <string.h>
#include <strings.h>

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A piece of a file. */
typedef struct Text
{
	const char *data;
	size_t		length;
} Text;

/* Where a file's reader is. */
typedef struct Reader
{
	bool		is_config;
	const char *start;			/* of the file */
	Text		rest;
	bool		is_wanted;		/* inside the profile that is looked for */
	bool		has_section;	/* some section began */
	bool		has_full_title; /* "[profile default]" came */
	bool		has_key;		/* a key came that nested lines may belong to */
	bool		has_value;		/* it was one of ours, which goes on in no line */
} Reader;

/* A key, and the field that it goes to; a size of 0 refuses it. */
typedef struct Key
{
	const char *name;
	size_t		offset;
	size_t		size;
} Key;

#define FIELD(member) offsetof(SfdwProfile, member), sizeof(((SfdwProfile *) 0)->member)

static const Key keys[] = {
	{"region", FIELD(region)},
	{"aws_access_key_id", FIELD(access_key_id)},
	{"aws_secret_access_key", FIELD(secret_access_key)},
	{"aws_session_token", FIELD(session_token)},
	{"role_arn", FIELD(role_arn)},
	{"role_session_name", FIELD(role_session_name)},
	{"external_id", FIELD(external_id)},
	{"duration_seconds", FIELD(duration_seconds)},
	{"source_profile", FIELD(source_profile)},
	{"credential_source", FIELD(credential_source)},
	{"web_identity_token_file", FIELD(web_identity_token_file)},
	{"credential_process", 0, 0},
	{"sso_session", 0, 0},
	{"sso_start_url", 0, 0},
	{"sso_account_id", 0, 0},
	{"login_session", 0, 0},
};

typedef struct SourceRow
{
	const char *name;
	SfdwProfileSource source;
} SourceRow;

static const SourceRow sources[] = {
	{"Environment", SFDW_PROFILE_ENVIRONMENT},
	{"EcsContainer", SFDW_PROFILE_CONTAINER},
	{"Ec2InstanceMetadata", SFDW_PROFILE_METADATA},
};

/* Whether a character is a blank. */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Take the blanks off both ends. */
static Text
trim(Text text)
{
	while (text.length > 0 && is_blank(text.data[0]))
	{
		text.data++;
		text.length--;
	}
	while (text.length > 0 && is_blank(text.data[text.length - 1]))
		text.length--;
	return text;
}

/* Whether a piece is this string. */
static bool
is_text(Text text, const char *string)
{
	return text.length == strlen(string) &&
		memcmp(text.data, string, text.length) == 0;
}

/* Whether a piece is this name of a key, whatever its case. */
static bool
is_key(Text text, const char *name)
{
	return text.length == strlen(name) &&
		strncasecmp(text.data, name, text.length) == 0;
}

/* Cut a value before a comment: "#" or ";" behind a blank. */
static Text
cut_comment(Text text)
{
	for (size_t i = 0; i < text.length; i++)
	{
		if ((text.data[i] == '#' || text.data[i] == ';') && i > 0 &&
			is_blank(text.data[i - 1]))
			text.length = i;
	}
	return trim(text);
}

/* Take the next line off the rest; false at the end. */
static bool
next_line(Reader *reader, Text *line)
{
	const char *end;

	if (reader->rest.length == 0)
		return false;
	*line = reader->rest;
	end = memchr(line->data, '\n', line->length);
	if (end != NULL)
		line->length = (size_t) (end - line->data);
	reader->rest.data += line->length + (end != NULL);
	reader->rest.length -= line->length + (end != NULL);
	return true;
}

/* A failure at a line, which is counted by bytes. */
static bool
fail_line(const Reader *reader, Text line, const char *what,
		  SfdwStatus *status)
{
	return sfdw_fail(status, SFDW_MALFORMED,
					 (uint64_t) (line.data - reader->start),
					 "a line of the %s file %s",
					 reader->is_config ? "config" : "credentials", what);
}

/* The profile that a section's title names; empty for another kind. */
static Text
profile_of_title(const Reader *reader, Text title)
{
	static const char word[] = "profile";
	size_t		word_length = sizeof(word) - 1;
	Text		none = {title.data, 0};

	if (!reader->is_config || is_text(title, "default"))
		return title;
	if (title.length <= word_length ||
		memcmp(title.data, word, word_length) != 0 ||
		!is_blank(title.data[word_length]))
		return none;
	title.data += word_length;
	title.length -= word_length;
	return trim(title);
}

/*
 * Whether a section is the wanted profile.  In the config file
 * "[profile default]" takes the place of "[default]", wherever they stand.
 */
static bool
is_wanted(Reader *reader, Text title, SfdwProfile *profile)
{
	char		name[SFDW_PROFILE_NAME_SIZE];

	if (!is_text(profile_of_title(reader, title), profile->name))
		return false;
	if (!reader->is_config || strcmp(profile->name, "default") != 0)
		return true;
	if (is_text(title, "default"))
		return !reader->has_full_title;
	if (!reader->has_full_title)
	{
		/* Forget what "[default]" said; this file is the first one read. */
		memcpy(name, profile->name, sizeof(name));
		memset(profile, 0, sizeof(*profile));
		memcpy(profile->name, name, sizeof(name));
		reader->has_full_title = true;
	}
	return true;
}

/* A line "[title]" begins a section. */
static bool
read_title(Reader *reader, Text line, SfdwProfile *profile, bool *is_found,
		   SfdwStatus *status)
{
	Text		title = line;
	const char *end = memchr(line.data, ']', line.length);
	Text		behind;

	if (end == NULL)
		return fail_line(reader, line, "has no \"]\"", status);
	behind.data = end + 1;
	behind.length = line.length - (size_t) (behind.data - line.data);
	behind = trim(behind);
	if (behind.length > 0 && behind.data[0] != '#' && behind.data[0] != ';')
		return fail_line(reader, line, "goes on behind its \"]\"", status);
	title.data++;
	title.length = (size_t) (end - title.data);
	reader->has_section = true;
	reader->has_key = false;
	reader->is_wanted = is_wanted(reader, trim(title), profile);
	*is_found |= reader->is_wanted;
	return true;
}

/* Put a value into its field. */
static bool
set_value(SfdwProfile *profile, const Key *key, Text value, SfdwStatus *status)
{
	char	   *to = (char *) profile + key->offset;

	if (key->size == 0)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "profile \"%s\" has %s, which is not supported",
						 profile->name, key->name);
	if (value.length >= key->size)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "%s of profile \"%s\" has more than %zu bytes",
						 key->name, profile->name, key->size - 1);
	memset(to, 0, key->size);
	memcpy(to, value.data, value.length);
	return true;
}

/* A line "key = value" of the wanted profile. */
static bool
read_pair(Reader *reader, Text line, SfdwProfile *profile, SfdwStatus *status)
{
	const char *equals = memchr(line.data, '=', line.length);
	Text		name = line;
	Text		value;

	if (equals == NULL || equals == line.data)
		return fail_line(reader, line, "is no \"key = value\"", status);
	if (!reader->has_section)
		return fail_line(reader, line, "is in no section", status);
	reader->has_key = true;
	reader->has_value = false;
	if (!reader->is_wanted)
		return true;
	name.length = (size_t) (equals - line.data);
	name = trim(name);
	value.data = equals + 1;
	value.length = line.length - (size_t) (value.data - line.data);
	value = cut_comment(value);
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
	{
		reader->has_value = is_key(name, keys[i].name);
		if (reader->has_value)
			return set_value(profile, &keys[i], value, status);
	}
	return true;
}

/* Read one line. */
static bool
read_line(Reader *reader, Text line, SfdwProfile *profile, bool *is_found,
		  SfdwStatus *status)
{
	Text		trimmed = trim(line);
	bool		is_indented = line.length > 0 && is_blank(line.data[0]);

	if (memchr(line.data, '\0', line.length) != NULL)
		return fail_line(reader, line, "contains a NUL", status);
	if (trimmed.length == 0 || trimmed.data[0] == '#' || trimmed.data[0] == ';')
		return true;
	if (is_indented)
		return (reader->has_key && !reader->has_value) ||
			fail_line(reader, line, "is indented where it may not be", status);
	if (trimmed.data[0] == '[')
		return read_title(reader, trimmed, profile, is_found, status);
	return read_pair(reader, trimmed, profile, status);
}

/* Read what a file says of a profile; *is_found is set when it has it. */
static bool
read_file(const SfdwProfileFiles *files, bool is_config, SfdwProfile *profile,
		  bool *is_found, SfdwStatus *status)
{
	Reader		reader = {is_config};
	Text		line;

	reader.start = is_config ? files->config : files->credentials;
	reader.rest.data = reader.start;
	reader.rest.length = is_config ? files->config_length :
		files->credentials_length;
	if (reader.start == NULL)
		return true;
	if (reader.rest.length > SFDW_PROFILE_MAX_FILE_SIZE)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "the %s file has more than %d bytes",
						 is_config ? "config" : "credentials",
						 SFDW_PROFILE_MAX_FILE_SIZE);
	while (next_line(&reader, &line))
	{
		if (!read_line(&reader, line, profile, is_found, status))
			return false;
	}
	return true;
}

/* Whether a name can be a profile's, and be shown. */
static bool
is_profile_name(const char *name)
{
	size_t		length = strlen(name);

	if (length == 0 || length >= SFDW_PROFILE_NAME_SIZE)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if ((unsigned char) name[i] < ' ' || name[i] == 0x7f ||
			name[i] == ']' || name[i] == '[')
			return false;
	}
	return !is_blank(name[0]) && !is_blank(name[length - 1]);
}

/* Read a profile from both files. */
static bool
read_profile(const SfdwProfileFiles *files, const char *name,
			 SfdwProfile *profile, SfdwStatus *status)
{
	bool		is_found = false;

	memset(profile, 0, sizeof(*profile));
	if (!is_profile_name(name))
		return sfdw_fail(status, SFDW_BAD_VALUE, 0,
						 "a profile has a name that is none");
	strcpy(profile->name, name);
	if (!read_file(files, true, profile, &is_found, status) ||
		!read_file(files, false, profile, &is_found, status))
		return false;
	profile->is_missing = !is_found;
	if (!is_found)
		return sfdw_fail(status, SFDW_BAD_VALUE, 0,
						 "profile \"%s\" does not exist", name);
	if ((profile->access_key_id[0] == '\0') !=
		(profile->secret_access_key[0] == '\0'))
		return sfdw_fail(status, SFDW_BAD_VALUE, 0,
						 "profile \"%s\" has only one of aws_access_key_id and aws_secret_access_key",
						 name);
	return true;
}

/* End the chain at its last profile. */
static bool
end_chain(SfdwProfileChain *chain, SfdwProfileSource source,
		  bool assumes_last_role)
{
	chain->source = source;
	chain->assumes_last_role = assumes_last_role;
	return true;
}

/* End the chain at what credential_source names. */
static bool
end_at_named_source(SfdwProfileChain *chain, const SfdwProfile *profile,
					SfdwStatus *status)
{
	if (profile->source_profile[0] != '\0')
		return sfdw_fail(status, SFDW_BAD_VALUE, 0,
						 "profile \"%s\" has both source_profile and credential_source",
						 profile->name);
	for (size_t i = 0; i < ARRAY_LENGTH(sources); i++)
	{
		if (strcmp(sources[i].name, profile->credential_source) == 0)
			return end_chain(chain, sources[i].source, true);
	}
	return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
					 "profile \"%s\" has an unrecognized credential_source",
					 profile->name);
}

/* Refuse a chain that comes back to one of its profiles, or is too long. */
static bool
check_next(const SfdwProfileChain *chain, const char *next,
		   SfdwStatus *status)
{
	for (int i = 0; i < chain->count; i++)
	{
		if (strcmp(chain->profiles[i].name, next) == 0)
			return sfdw_fail(status, SFDW_BAD_VALUE, 0,
							 "the source_profile of profile \"%s\" leads back to it",
							 next);
	}
	if (chain->count == SFDW_PROFILE_MAX_CHAIN)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "more than %d profiles lead to credentials",
						 SFDW_PROFILE_MAX_CHAIN);
	return true;
}

/*
 * Read the chain of a profile.  A role stands above the profile's own keys,
 * unless it names itself as the source: then these keys assume the role.
 */
bool
sfdw_profile_read(const SfdwProfileFiles *files, const char *name,
				  SfdwProfileChain *chain, SfdwStatus *status)
{
	chain->count = 0;
	chain->is_silent = false;
	for (;;)
	{
		SfdwProfile *profile = &chain->profiles[chain->count];
		bool		has_keys;

		if (!check_next(chain, name, status))
			return false;
		if (!read_profile(files, name, profile, status))
		{
			chain->is_silent = chain->count == 0 && profile->is_missing;
			return false;
		}
		chain->count++;
		has_keys = profile->access_key_id[0] != '\0';
		chain->is_silent = chain->count == 1 && !has_keys &&
			profile->role_arn[0] == '\0';
		if (profile->role_arn[0] == '\0')
			return has_keys ? end_chain(chain, SFDW_PROFILE_KEYS, false) :
				sfdw_fail(status, SFDW_BAD_VALUE, 0,
						  "profile \"%s\" has no credentials", name);
		if (profile->web_identity_token_file[0] != '\0')
			return end_chain(chain, SFDW_PROFILE_WEB_IDENTITY, false);
		if (profile->credential_source[0] != '\0')
			return end_at_named_source(chain, profile, status);
		if (profile->source_profile[0] == '\0')
			return sfdw_fail(status, SFDW_BAD_VALUE, 0,
							 "profile \"%s\" has role_arn without source_profile or credential_source",
							 name);
		if (strcmp(profile->source_profile, name) == 0 && has_keys)
			return end_chain(chain, SFDW_PROFILE_KEYS, true);
		name = profile->source_profile;
	}
}

/* Overwrite a chain in a way that no compiler leaves out. */
void
sfdw_profile_wipe(SfdwProfileChain *chain)
{
	volatile unsigned char *bytes = (volatile unsigned char *) chain;

	for (size_t i = 0; i < sizeof(*chain); i++)
		bytes[i] = 0;
}
