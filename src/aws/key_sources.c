/*-------------------------------------------------------------------------
 * key_sources.c
 *		Where keys come from: the value of a server's option "credentials"
 *
 * Variables are those that the postmaster was started with.
 *-------------------------------------------------------------------------
 */
#include "aws/key_sources.h"

#include "aws/key_files.h"
#include "aws/metadata.h"
#include "aws/sts.h"
#include "foreign/foreign.h"

#define DEFAULT_PROFILE "default"

/* Where a container asks when it is told a path only. */
#define CONTAINER_HOST "http://169.254.170.2"

/* What a source works with. */
typedef struct Search
{
	const SfdwAwsServer *server;
	SfdwKeys   *out;
	char	   *source;			/* SFDW_KEYS_SOURCE_SIZE bytes */
	SfdwKeyFailure *failure;
	bool		has_assumed_role;	/* the server's role_arn is done with */
} Search;

typedef bool (*Source) (Search *search);

static void name_source(Search *search, const char *format,...)
			pg_attribute_printf(2, 3);

/* Say where the keys come from. */
static void
name_source(Search *search, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	vsnprintf(search->source, SFDW_KEYS_SOURCE_SIZE, format, arguments);
	va_end(arguments);
}

/* A variable's value, or NULL where it has none. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Copy a text into a field; false, with a failure that names it, if too long. */
static bool
copy_text(Search *search, char *to, size_t size, const char *text,
		  const char *name)
{
	if (strlcpy(to, text == NULL ? "" : text, size) < size)
		return true;
	return sfdw_key_fail(search->failure, SFDW_KEYS_REFUSED, "%s is too long",
						 name);
}

/* Keys from three texts, of which the last may be NULL. */
static bool
copy_keys(Search *search, const char *id, const char *secret,
		  const char *token)
{
	SfdwKeys   *out = search->out;

	out->expires_at = SFDW_KEYS_NEVER_EXPIRE;
	return copy_text(search, out->access_key_id, sizeof(out->access_key_id), id,
					 "the access key id") &&
		copy_text(search, out->secret_access_key,
				  sizeof(out->secret_access_key), secret,
				  "the secret access key") &&
		copy_text(search, out->session_token, sizeof(out->session_token), token,
				  "the session token");
}

/* The value of a mapping's option; raises when it must be there. */
static const char *
mapping_option(List *options, const char *name, const SfdwAwsServer *server)
{
	const char *value = sfdw_option_text(options, name, NULL);

	if (value == NULL)
		ereport(ERROR,
				errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				errmsg("user mapping for foreign server \"%s\" has no option \"%s\"",
					   server->name, name));
	return value;
}

/* The user's mapping. */
static bool
from_mapping(Search *search)
{
	const SfdwAwsServer *server = search->server;
	List	   *options = GetUserMapping(server->user, server->server)->options;

	name_source(search, "user mapping");
	return copy_keys(search, mapping_option(options, "access_key_id", server),
					 mapping_option(options, "secret_access_key", server),
					 sfdw_option_text(options, "session_token", NULL));
}

/* The environment. */
static bool
from_environment(Search *search)
{
	const char *id = variable("AWS_ACCESS_KEY_ID");
	const char *secret = variable("AWS_SECRET_ACCESS_KEY");

	name_source(search, "environment");
	if (id == NULL && secret == NULL)
		return sfdw_key_fail(search->failure, SFDW_KEYS_ABSENT,
							 "AWS_ACCESS_KEY_ID is not set");
	if (id == NULL || secret == NULL)
		return sfdw_key_fail(search->failure, SFDW_KEYS_REFUSED,
							 "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set");
	return copy_keys(search, id, secret, variable("AWS_SESSION_TOKEN"));
}

/* A token in a file, for a role. */
static bool
from_token_file(Search *search, const char *path, const SfdwRole *role)
{
	char	   *token = sfdw_key_file_token(path, search->failure);
	bool		is_found;

	if (token == NULL)
	{
		search->failure->kind = SFDW_KEYS_REFUSED;
		return false;
	}
	is_found = sfdw_sts_assume_role_with_token(search->server, token, role,
											   search->out, search->failure);
	explicit_bzero(token, strlen(token));
	pfree(token);
	return is_found;
}

/* The role that the server's options say. */
static SfdwRole
server_role(const SfdwAwsServer *server)
{
	return (SfdwRole)
	{
		server->role_arn, server->role_session_name, server->external_id, NULL
	};
}

/* The token that the environment names, for its role or else the server's. */
static bool
from_web_identity(Search *search)
{
	const char *path = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
	SfdwRole	role = {
		variable("AWS_ROLE_ARN"), variable("AWS_ROLE_SESSION_NAME")
	};

	name_source(search, "web identity");
	if (path == NULL)
		return sfdw_key_fail(search->failure, SFDW_KEYS_ABSENT,
							 "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
	if (role.arn == NULL)
	{
		role = server_role(search->server);
		search->has_assumed_role = true;
	}
	if (role.arn == NULL)
		return sfdw_key_fail(search->failure, SFDW_KEYS_REFUSED,
							 "neither AWS_ROLE_ARN nor the server's option \"role_arn\" is set");
	return from_token_file(search, path, &role);
}

/* The container's authorization, copied: a variable's, or of a file that one names. */
static bool
container_authorization(Search *search, char **authorization)
{
	const char *path = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *text = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");

	*authorization = text == NULL || path != NULL ? NULL : pstrdup(text);
	if (path == NULL)
		return true;
	*authorization = sfdw_key_file_token(path, search->failure);
	if (*authorization == NULL)
		search->failure->kind = SFDW_KEYS_REFUSED;
	return *authorization != NULL;
}

/* The container's service. */
static bool
from_container(Search *search)
{
	const char *path = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *url = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	char	   *authorization;
	bool		is_found;

	name_source(search, "container");
	if (path == NULL && url == NULL)
		return sfdw_key_fail(search->failure, SFDW_KEYS_ABSENT,
							 "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
	if (path != NULL && path[0] != '/')
		return sfdw_key_fail(search->failure, SFDW_KEYS_REFUSED,
							 "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not start with \"/\"");
	if (path != NULL)
		url = psprintf(CONTAINER_HOST "%s", path);
	if (!container_authorization(search, &authorization))
		return false;
	is_found = sfdw_metadata_container_keys(url, authorization, search->out,
											search->failure);
	if (authorization != NULL)
		explicit_bzero(authorization, strlen(authorization));
	return is_found;
}

/* The instance's service. */
static bool
from_instance(Search *search)
{
	const char *disabled = variable("AWS_EC2_METADATA_DISABLED");

	name_source(search, "instance metadata");
	if (disabled != NULL && pg_strcasecmp(disabled, "true") == 0)
		return sfdw_key_fail(search->failure, SFDW_KEYS_ABSENT,
							 "AWS_EC2_METADATA_DISABLED is set");
	return sfdw_metadata_instance_keys(search->server->metadata_endpoint,
									   search->out, search->failure);
}

/* Where the last profile of a chain has its keys from. */
static bool
from_chain_source(Search *search, const SfdwProfileChain *chain)
{
	const SfdwProfile *last = &chain->profiles[chain->count - 1];
	SfdwRole	role = {last->role_arn, last->role_session_name};

	switch (chain->source)
	{
		case SFDW_PROFILE_KEYS:
			return copy_keys(search, last->access_key_id,
							 last->secret_access_key, last->session_token);
		case SFDW_PROFILE_WEB_IDENTITY:
			return from_token_file(search, last->web_identity_token_file, &role);
		case SFDW_PROFILE_ENVIRONMENT:
			return from_environment(search);
		case SFDW_PROFILE_CONTAINER:
			return from_container(search);
		case SFDW_PROFILE_METADATA:
			break;
	}
	return from_instance(search);
}

/* Assume a role with the keys found so far. */
static bool
assume(Search *search, const SfdwRole *role)
{
	SfdwKeys   *base = palloc(sizeof(SfdwKeys));
	bool		is_found;

	*base = *search->out;
	is_found = sfdw_sts_assume_role(search->server, base, role, search->out,
									search->failure);
	/* What the role is assumed with may be valid for a shorter time. */
	if (is_found)
		search->out->expires_at = Min(search->out->expires_at,
									  base->expires_at);
	explicit_bzero(base, sizeof(*base));
	pfree(base);
	return is_found;
}

/* Assume the roles of a chain, from its last profile to its first. */
static bool
assume_chain(Search *search, const SfdwProfileChain *chain)
{
	for (int i = chain->count - 1; i >= 0; i--)
	{
		const SfdwProfile *profile = &chain->profiles[i];
		SfdwRole	role = {
			profile->role_arn, profile->role_session_name,
			profile->external_id, profile->duration_seconds
		};

		if (i == chain->count - 1 && !chain->assumes_last_role)
			continue;
		if (!assume(search, &role))
			return false;
	}
	return true;
}

/* A profile of the shared files; an optional one may say nothing. */
static bool
from_profile(Search *search, const char *name, bool is_optional)
{
	SfdwProfileChain *chain = palloc0(sizeof(SfdwProfileChain));
	bool		is_found;

	is_found = sfdw_key_file_profile(name, chain, search->failure);
	if (is_found)
		is_found = from_chain_source(search, chain) &&
			assume_chain(search, chain);
	else if (is_optional && chain->is_silent)
		search->failure->kind = SFDW_KEYS_ABSENT;
	name_source(search, "profile \"%s\"", name);
	sfdw_profile_wipe(chain);
	pfree(chain);
	return is_found;
}

/* The profile that a chain takes: AWS_PROFILE's, else the default if any. */
static bool
from_chain_profile(Search *search)
{
	const char *name = variable("AWS_PROFILE");

	return from_profile(search, name == NULL ? DEFAULT_PROFILE : name,
						name == NULL);
}

/* The first source that is set up. */
static bool
from_first(Search *search)
{
	static const Source order[] = {
		from_environment, from_web_identity, from_chain_profile,
		from_container, from_instance
	};

	for (size_t i = 0; i < lengthof(order); i++)
	{
		if (order[i] (search))
			return true;
		if (search->failure->kind != SFDW_KEYS_ABSENT)
			return false;
	}
	name_source(search, "chain");
	return sfdw_key_fail(search->failure, SFDW_KEYS_ABSENT,
						 "none of its sources is set up");
}

/* The sources that one word names. */
static const struct
{
	const char *name;
	Source		get;
}			sources[] = {
	{SFDW_CREDENTIALS_MAPPING, from_mapping},
	{"environment", from_environment},
	{"web_identity", from_web_identity},
	{"container", from_container},
	{"imds", from_instance},
	{"chain", from_first},
};

/* Get keys from the server's source. */
static bool
get_from_source(Search *search)
{
	const char *name = search->server->credentials;

	for (size_t i = 0; i < lengthof(sources); i++)
	{
		if (strcmp(sources[i].name, name) == 0)
			return sources[i].get(search);
	}
	return from_profile(search, name + strlen(SFDW_CREDENTIALS_PROFILE), false);
}

/* Get keys, and assume the server's role. */
bool
sfdw_key_source_get(const SfdwAwsServer *server, SfdwKeys *out,
					char source[SFDW_KEYS_SOURCE_SIZE], SfdwKeyFailure *failure)
{
	Search		search = {server, out, source, failure};
	SfdwRole	role = server_role(server);
	size_t		length;

	if (!get_from_source(&search))
		return false;
	if (role.arn == NULL || search.has_assumed_role)
		return true;
	length = strlen(source);
	snprintf(source + length, SFDW_KEYS_SOURCE_SIZE - length, ", role \"%s\"",
			 role.arn);
	return assume(&search, &role);
}
