/*-------------------------------------------------------------------------
 * credentials.c
 *		Keys to sign with, for a server and a user
 *
 * The copies live in a context of their own, so that there is one place to
 * overwrite.
 *-------------------------------------------------------------------------
 */
#include "aws/credentials.h"

#include "foreign/foreign.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* A statement reads from one server and writes to another; rarely more. */
#define MAX_ENTRIES 8

/* The keys of a server and a user. */
typedef struct Entry
{
	Oid			server;
	Oid			user;
	SfdwAwsKeys keys;
} Entry;

static Entry entries[MAX_ENTRIES];
static int	entry_count = 0;

static MemoryContext context = NULL;

/* Overwrite a secret. */
static void
wipe(const char *text)
{
	if (text != NULL)
		explicit_bzero(unconstify(char *, text), strlen(text));
}

/* Forget all keys. */
static void
forget(void)
{
	for (int i = 0; i < entry_count; i++)
	{
		wipe(entries[i].keys.access_key_id);
		wipe(entries[i].keys.secret_access_key);
		wipe(entries[i].keys.session_token);
	}
	memset(entries, 0, sizeof(entries));
	entry_count = 0;
	if (context != NULL)
		MemoryContextReset(context);
}

/* A mapping or a server was changed. */
static void
on_change(Datum argument, int cache, uint32 hash)
{
	forget();
}

/*
 * Make the context, and be told of changes.  User mappings are looked up by
 * user and server, and by OID where they are altered.
 */
static void
prepare(void)
{
	if (context != NULL)
		return;
	context = AllocSetContextCreate(TopMemoryContext,
									"salesforce_fdw credentials",
									ALLOCSET_SMALL_SIZES);
	CacheRegisterSyscacheCallback(USERMAPPINGOID, on_change, (Datum) 0);
	CacheRegisterSyscacheCallback(USERMAPPINGUSERSERVER, on_change, (Datum) 0);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, on_change, (Datum) 0);
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
	return MemoryContextStrdup(context, value);
}

/* The keys of the user mapping. */
const SfdwAwsKeys *
sfdw_credentials_get(const SfdwAwsServer *server)
{
	const SfdwAwsKeys *keys = sfdw_credentials_cached(server);
	List	   *options;
	Entry		entry = {server->server, server->user};
	const char *token;

	if (keys != NULL)
		return keys;
	prepare();
	options = GetUserMapping(server->user, server->server)->options;
	if (entry_count == MAX_ENTRIES)
		forget();
	entry.keys.access_key_id = mapping_option(options, "access_key_id", server);
	entry.keys.secret_access_key = mapping_option(options, "secret_access_key",
												  server);
	token = sfdw_option_text(options, "session_token", NULL);
	if (token != NULL)
		entry.keys.session_token = MemoryContextStrdup(context, token);
	entries[entry_count] = entry;
	return &entries[entry_count++].keys;
}

/* The keys at hand. */
const SfdwAwsKeys *
sfdw_credentials_cached(const SfdwAwsServer *server)
{
	for (int i = 0; i < entry_count; i++)
	{
		if (entries[i].server == server->server && entries[i].user == server->user)
			return &entries[i].keys;
	}
	return NULL;
}

/* A mapping's keys cannot be refreshed. */
bool
sfdw_credentials_expired(const SfdwAwsServer *server)
{
	forget();
	return false;
}
