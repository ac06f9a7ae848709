/*-------------------------------------------------------------------------
 * credentials.c
 *		Keys to sign with, for a server and a user
 *-------------------------------------------------------------------------
 */
#include "aws/credentials.h"

#include "foreign/foreign.h"
#include "utils/memutils.h"

/* The keys that were given last, and for whom. */
static SfdwAwsKeys last_keys;
static Oid	last_server;
static Oid	last_user;

/* Raise for a server whose mapping has no keys. */
static const char *
require_key(List *options, const char *name, const SfdwAwsServer *server)
{
	const char *value = sfdw_option_text(options, name, NULL);

	if (value == NULL)
		ereport(ERROR,
				errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				errmsg("user mapping for foreign server \"%s\" has no option \"%s\"",
					   server->name, name));
	return value;
}

/* The keys of the user mapping. */
const SfdwAwsKeys *
sfdw_credentials_get(const SfdwAwsServer *server)
{
	UserMapping *mapping = GetUserMapping(server->user, server->server);
	SfdwAwsKeys *keys = palloc0(sizeof(SfdwAwsKeys));

	keys->access_key_id = require_key(mapping->options, "access_key_id", server);
	keys->secret_access_key = require_key(mapping->options,
										  "secret_access_key", server);
	keys->session_token = sfdw_option_text(mapping->options, "session_token",
										   NULL);
	last_keys.access_key_id = MemoryContextStrdup(TopMemoryContext,
												  keys->access_key_id);
	last_keys.secret_access_key = MemoryContextStrdup(TopMemoryContext,
													  keys->secret_access_key);
	last_keys.session_token = keys->session_token == NULL ? NULL :
		MemoryContextStrdup(TopMemoryContext, keys->session_token);
	last_server = server->server;
	last_user = server->user;
	return &last_keys;
}

/* The keys that were given last. */
const SfdwAwsKeys *
sfdw_credentials_cached(const SfdwAwsServer *server)
{
	return last_server == server->server && last_user == server->user ?
		&last_keys : NULL;
}

/* A mapping's keys cannot be refreshed. */
bool
sfdw_credentials_expired(const SfdwAwsServer *server)
{
	return false;
}
