/*-------------------------------------------------------------------------
 * pins.c
 *		Which version of an object a statement reads
 *
 * Asks the callbacks first, which know runs and snapshots, and then the
 * storage.
 *-------------------------------------------------------------------------
 */
#include "storage/pins.h"

#include "utils/memutils.h"

static const SfdwPinning *pinning = NULL;

/* What a statement reads; it lives in the statement's memory context. */
typedef struct Statement
{
	MemoryContext context;
	List	   *chosen;			/* Choice */
	struct Statement *next;
	MemoryContextCallback cleanup;
} Statement;

/* The version of one key. */
typedef struct Choice
{
	Oid			server;
	SfdwVersion *version;
} Choice;

/* Those under way. */
static Statement *statements = NULL;

/* Register the callbacks. */
void
sfdw_pins_set(const SfdwPinning *callbacks)
{
	pinning = callbacks;
}

/* Whether there is anything that could pin versions of this storage. */
static bool
may_be_pinned(const SfdwStorage *storage)
{
	return pinning != NULL && OidIsValid(storage->server);
}

/* The version to read. */
SfdwVersion *
sfdw_pins_resolve(SfdwStorage *storage, const char *key)
{
	SfdwVersion *version = NULL;

	if (!may_be_pinned(storage) ||
		!pinning->resolve(storage, key, false, &version))
		version = sfdw_storage_find(storage, key);
	if (version == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_FILE),
				errmsg("object \"%s\" does not exist",
					   sfdw_storage_url(storage, key)));
	return version;
}

/* Forget a statement whose memory goes. */
static void
forget_statement(void *arg)
{
	Statement **link = &statements;

	while (*link != NULL && *link != arg)
		link = &(*link)->next;
	if (*link != NULL)
		*link = (*link)->next;
}

/* The statement of a memory context, which may begin now. */
static Statement *
find_statement(MemoryContext context)
{
	Statement  *statement = statements;

	while (statement != NULL && statement->context != context)
		statement = statement->next;
	if (statement != NULL)
		return statement;
	statement = MemoryContextAllocZero(context, sizeof(Statement));
	statement->context = context;
	statement->cleanup.func = forget_statement;
	statement->cleanup.arg = statement;
	MemoryContextRegisterResetCallback(context, &statement->cleanup);
	statement->next = statements;
	statements = statement;
	return statement;
}

/* What a statement has chosen of a key, or NULL. */
static SfdwVersion *
find_choice(const Statement *statement, Oid server, const char *key)
{
	ListCell   *cell;

	foreach(cell, statement->chosen)
	{
		Choice	   *choice = lfirst(cell);

		if (choice->server == server && strcmp(choice->version->key, key) == 0)
			return choice->version;
	}
	return NULL;
}

/* Keep a copy of what was chosen. */
static SfdwVersion *
add_choice(Statement *statement, Oid server, const char *key,
		   const SfdwVersion *version)
{
	MemoryContext caller = MemoryContextSwitchTo(statement->context);
	Choice	   *choice = palloc(sizeof(Choice));
	SfdwVersion *copy = palloc(sizeof(SfdwVersion));

	*copy = *version;
	copy->key = pstrdup(key);
	copy->version_id = pstrdup(version->version_id);
	choice->server = server;
	choice->version = copy;
	statement->chosen = lappend(statement->chosen, choice);
	MemoryContextSwitchTo(caller);
	return copy;
}

/* The version to read, the same for all scans of a statement. */
SfdwVersion *
sfdw_pins_resolve_for(MemoryContext context, SfdwStorage *storage,
					  const char *key)
{
	Statement  *statement = find_statement(context);
	SfdwVersion *version = find_choice(statement, storage->server, key);

	if (version != NULL)
		return version;
	return add_choice(statement, storage->server, key,
					  sfdw_pins_resolve(storage, key));
}

/* The version that a scan would read. */
SfdwVersion *
sfdw_pins_find(SfdwStorage *storage, const char *key)
{
	SfdwVersion *version = NULL;

	if (may_be_pinned(storage) &&
		pinning->resolve(storage, key, true, &version))
		return version;
	return sfdw_storage_find(storage, key);
}

/* All objects below prefix that a statement may see. */
List *
sfdw_pins_list(SfdwStorage *storage, const char *prefix)
{
	List	   *versions = NIL;
	ListCell   *cell;

	if (may_be_pinned(storage) && pinning->list(storage, prefix, &versions))
		return versions;
	foreach(cell, sfdw_storage_list(storage, prefix))
	{
		SfdwVersion *version = lfirst(cell);

		if (version->is_latest && !version->is_delete_marker)
			versions = lappend(versions, version);
	}
	return versions;
}

/* What decides. */
const char *
sfdw_pins_name(void)
{
	return pinning == NULL ? "" : pinning->name();
}
