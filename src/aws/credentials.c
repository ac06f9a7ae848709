/*-------------------------------------------------------------------------
 * credentials.c
 *		Keys to sign with, for a server and a user
 *
 * The copies live in a context of their own, so that there is one place to
 * overwrite.  Who may use the machine's keys is asked at each use: a role may
 * be revoked while a session runs.
 *-------------------------------------------------------------------------
 */
#include "aws/credentials.h"

#include "aws/clock.h"
#include "aws/key_sources.h"
#include "core/roles.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* A statement reads from one server and writes to another; rarely more. */
#define MAX_ENTRIES 8

/*
 * Keys are asked for anew this long before they expire, so that requests that
 * take long do not outlive them; or when half of their time is over, if that
 * is shorter.  Old keys are used as long as they are valid when their source
 * fails meanwhile; it is asked again after a pause.  Seconds.
 */
#define REFRESH_AHEAD (15 * 60)
#define REFRESH_PAUSE 60

/* Keys that expire sooner than this are as good as expired; seconds. */
#define MIN_VALIDITY 10

/* The keys of a server and a user. */
typedef struct Entry
{
	Oid			server;
	Oid			user;
	uint64		number;			/* no other keys of this backend have it */
	int64		refresh_at;		/* seconds since 1970 */
	SfdwKeys	keys;
	SfdwAwsKeys signer;			/* points into keys */
	char		source[SFDW_KEYS_SOURCE_SIZE];
} Entry;

static Entry *entries[MAX_ENTRIES];
static int	entry_count = 0;
static uint64 last_number = 0;

/* Grows with each change of a server or a mapping. */
static uint64 generation = 0;

static MemoryContext context = NULL;

/* Forget one entry; the last one takes its place. */
static void
forget_entry(int i)
{
	explicit_bzero(entries[i], sizeof(Entry));
	pfree(entries[i]);
	entries[i] = entries[--entry_count];
}

/* Forget all keys. */
static void
forget(void)
{
	while (entry_count > 0)
		forget_entry(entry_count - 1);
}

/* A mapping or a server was changed. */
static void
on_change(Datum argument, int cache, uint32 hash)
{
	generation++;
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

/* The index of the keys at hand, or -1. */
static int
find(const SfdwAwsServer *server)
{
	for (int i = 0; i < entry_count; i++)
	{
		if (entries[i]->server == server->server &&
			entries[i]->user == server->user)
			return i;
	}
	return -1;
}

/* Raise unless the user may use what the server's source gives. */
static void
check_user(const SfdwAwsServer *server)
{
	if (strcmp(server->credentials, SFDW_CREDENTIALS_MAPPING) == 0)
		return;
	if (sfdw_role_has(server->user, SFDW_ROLE_CREDENTIALS))
		return;
	ereport(ERROR,
			errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			errmsg("permission denied to use the credentials of foreign server \"%s\"",
				   server->name),
			errdetail("Its option \"credentials\" is \"%s\": only roles with privileges of the \"%s\" role may use keys other than those of their user mapping.",
					  server->credentials, SFDW_ROLE_CREDENTIALS));
}

/* Raise why there are no keys. */
static void
raise_failure(const SfdwAwsServer *server, const SfdwKeyFailure *failure)
{
	static const int sqlstates[] = {
		[SFDW_KEYS_ABSENT] = ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION,
		[SFDW_KEYS_REFUSED] = ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION,
		[SFDW_KEYS_UNREACHABLE] = ERRCODE_CONNECTION_FAILURE,
		[SFDW_KEYS_UNSUPPORTED] = ERRCODE_FEATURE_NOT_SUPPORTED,
	};

	ereport(ERROR,
			errcode(sqlstates[failure->kind]),
			errmsg("could not get keys for foreign server \"%s\" from \"%s\"",
				   server->name, server->credentials),
			errdetail_internal("%c%s.",
							   pg_toupper((unsigned char) failure->message[0]),
							   failure->message + 1));
}

/* When to ask for keys anew. */
static int64
refresh_time(const SfdwKeys *keys, int64 now)
{
	int64		validity = keys->expires_at - now;

	if (keys->expires_at == SFDW_KEYS_NEVER_EXPIRE)
		return keys->expires_at;
	return keys->expires_at - Min((int64) REFRESH_AHEAD, validity / 2);
}

/* What the server's options say now, which may be another source. */
static const SfdwAwsServer *
read_again(const SfdwAwsServer *server)
{
	const SfdwAwsServer *present = sfdw_aws_server(server->server, server->user);

	check_user(present);
	return present;
}

/* Ask the source; NULL, with a failure, when it gives nothing that is valid. */
static Entry *
load(const SfdwAwsServer *server, SfdwKeyFailure *failure)
{
	const SfdwAwsServer *present = read_again(server);
	Entry	   *entry = MemoryContextAllocZero(context, sizeof(Entry));

	/* Keys that an interrupted attempt got stay in no memory. */
	PG_TRY();
	{
		if (!sfdw_key_source_get(present, &entry->keys, entry->source, failure) ||
			(entry->keys.expires_at < sfdw_clock_now() + MIN_VALIDITY &&
			 !sfdw_key_fail(failure, SFDW_KEYS_REFUSED,
							"the keys that it gave are expired")))
		{
			explicit_bzero(entry, sizeof(Entry));
			pfree(entry);
			entry = NULL;
		}
	}
	PG_CATCH();
	{
		explicit_bzero(entry, sizeof(Entry));
		pfree(entry);
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (entry == NULL)
		return NULL;
	entry->server = server->server;
	entry->user = server->user;
	entry->number = ++last_number;
	entry->signer = sfdw_keys_to_sign_with(&entry->keys);
	entry->refresh_at = refresh_time(&entry->keys, sfdw_clock_now());
	return entry;
}

/* Keep an entry in place of the one that it replaces. */
static void
keep(Entry *entry, const SfdwAwsServer *server)
{
	int			old = find(server);

	if (old >= 0)
		forget_entry(old);
	if (entry_count == MAX_ENTRIES)
		forget();
	entries[entry_count++] = entry;
}

/* The entry whose keys to use now. */
static Entry *
current_entry(const SfdwAwsServer *server)
{
	SfdwKeyFailure failure = {SFDW_KEYS_ABSENT};
	int64		now = sfdw_clock_now();
	uint64		before;
	Entry	   *entry;
	int			i;

	prepare();
	AcceptInvalidationMessages();
	check_user(server);
	i = find(server);
	if (i >= 0 && now < entries[i]->refresh_at)
		return entries[i];
	before = generation;
	entry = load(server, &failure);
	i = find(server);
	if (entry == NULL && i >= 0 &&
		now < entries[i]->keys.expires_at - MIN_VALIDITY)
	{
		entries[i]->refresh_at = now + REFRESH_PAUSE;
		return entries[i];
	}
	if (entry == NULL)
		raise_failure(server, &failure);
	/* What changed meanwhile may have changed these, too: use them once. */
	if (generation != before)
		entry->refresh_at = 0;
	keep(entry, server);
	return entry;
}

/* The keys to sign with. */
const SfdwAwsKeys *
sfdw_credentials_get(const SfdwAwsServer *server, uint64 *number)
{
	const Entry *entry = current_entry(server);

	if (number != NULL)
		*number = entry->number;
	return &entry->signer;
}

/* The keys at hand. */
const SfdwAwsKeys *
sfdw_credentials_cached(const SfdwAwsServer *server)
{
	int			i = find(server);

	return i < 0 ? NULL : &entries[i]->signer;
}

/* Where the keys come from. */
const char *
sfdw_credentials_source(const SfdwAwsServer *server, int64 *expires_at)
{
	Entry	   *entry = current_entry(server);

	*expires_at = entry->keys.expires_at;
	return entry->source;
}

/* Forget keys that the service called expired. */
bool
sfdw_credentials_expired(const SfdwAwsServer *server, uint64 number)
{
	int			i;

	AcceptInvalidationMessages();
	i = find(server);
	if (i < 0 || entries[i]->number != number)
		return true;
	forget_entry(i);
	return strcmp(server->credentials, SFDW_CREDENTIALS_MAPPING) != 0 ||
		server->role_arn != NULL;
}
