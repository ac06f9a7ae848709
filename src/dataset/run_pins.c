/*-------------------------------------------------------------------------
 * run_pins.c
 *		The versions that a run pinned
 *
 * Knows the ledger's list of a run's inputs, and nothing of what reads them.
 * What a run pinned never changes after its discovery, so it is read once and
 * kept until another run is asked for.
 *-------------------------------------------------------------------------
 */
#include "dataset/run_pins.h"

#include "dataset/ledger.h"
#include "dataset/snapshot.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* Microseconds from 1970 to 2000, where PostgreSQL counts from. */
#define EPOCH_OFFSET \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/* A pinned version, and the server that it belongs to. */
typedef struct Pin
{
	char	   *server;
	SfdwVersion version;
} Pin;

/* The pins read last. */
static char cached[SFDW_RUN_ID_LENGTH + 1];
static MemoryContext cache = NULL;
static List *pins = NIL;

/* Make a pin of a row. */
static Pin *
pin_of(char **row)
{
	Pin		   *pin = palloc0(sizeof(Pin));

	pin->server = row[0];
	pin->version.key = row[1];
	pin->version.version_id = row[2];
	pin->version.size = strtoll(row[3], NULL, 10);
	pin->version.last_modified = strtoll(row[4], NULL, 10) - EPOCH_OFFSET;
	pin->version.is_latest = true;
	return pin;
}

/* Read what a run pinned into the cache. */
static void
load(const char *run)
{
	SfdwParam	params[] = {sfdw_param_text(run)};
	MemoryContext old;
	SfdwRows	rows;

	if (strcmp(cached, run) == 0)
		return;
	cached[0] = '\0';
	pins = NIL;
	if (cache == NULL)
		cache = AllocSetContextCreate(TopMemoryContext,
									  "salesforce_fdw pins",
									  ALLOCSET_SMALL_SIZES);
	MemoryContextReset(cache);
	old = MemoryContextSwitchTo(cache);
	rows = sfdw_ledger_read("SELECT server, key, version_id, size,"
							" (extract(epoch FROM last_modified) * 1000000)::bigint"
							" FROM salesforce_fdw.ledger_input"
							" WHERE run = $1::uuid AND is_pinned",
							lengthof(params), params);
	for (int i = 0; i < rows.count; i++)
		pins = lappend(pins, pin_of(rows.values[i]));
	MemoryContextSwitchTo(old);
	strlcpy(cached, run, sizeof(cached));
}

/* What a run pinned of a key. */
bool
sfdw_run_pins_find(const char *run, Oid server, const char *key,
				   bool missing_ok, SfdwVersion **version)
{
	const char *name = GetForeignServer(server)->servername;
	bool		is_pinned = false;
	ListCell   *cell;

	*version = NULL;
	load(run);
	foreach(cell, pins)
	{
		Pin		   *pin = lfirst(cell);

		if (strcmp(pin->server, name) != 0)
			continue;
		is_pinned = true;
		if (strcmp(pin->version.key, key) == 0)
			*version = &pin->version;
	}
	if (*version != NULL || (!is_pinned && pins != NIL))
		return is_pinned;
	if (!missing_ok)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_FILE),
				errmsg("run \"%s\" has pinned no version of object \"%s\" of foreign server \"%s\"",
					   run, key, name));
	return true;
}

/* What it pinned below a prefix. */
bool
sfdw_run_pins_list(const char *run, Oid server, const char *prefix,
				   List **versions)
{
	const char *name = GetForeignServer(server)->servername;
	bool		is_pinned = false;
	ListCell   *cell;

	load(run);
	foreach(cell, pins)
	{
		Pin		   *pin = lfirst(cell);

		if (strcmp(pin->server, name) != 0)
			continue;
		is_pinned = true;
		if (strncmp(pin->version.key, prefix, strlen(prefix)) == 0)
			*versions = lappend(*versions, &pin->version);
	}
	return is_pinned;
}
