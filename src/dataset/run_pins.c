/*-------------------------------------------------------------------------
 * run_pins.c
 *		The versions that a run pinned, for the scans of a statement
 *
 * Knows the ledger's list of a run's inputs, and nothing of what reads them.
 * What a run pinned never changes after its discovery, so it is read once and
 * kept until another run is asked for.
 *-------------------------------------------------------------------------
 */
#include "dataset/run_pins.h"

#include "access/xact.h"
#include "dataset/ledger.h"
#include "foreign/foreign.h"
#include "storage/pins.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* Characters of a uuid in text form. */
#define UUID_TEXT_LENGTH 36

/* What the GUC's value starts with, when it names a run. */
#define RUN_PREFIX "run:"

/* Microseconds from 1970 to 2000, where PostgreSQL counts from. */
#define EPOCH_OFFSET \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/* A pinned version, and the server that it belongs to. */
typedef struct Pin
{
	char	   *server;
	SfdwVersion version;
} Pin;

/* The GUC salesforce_fdw.snapshot. */
static char *snapshot = NULL;

/* The run that is materializing, and the subtransaction that it does so in. */
static char active[UUID_TEXT_LENGTH + 1];
static SubTransactionId active_in = InvalidSubTransactionId;

/* The pins read last. */
static char cached[UUID_TEXT_LENGTH + 1];
static MemoryContext cache = NULL;
static List *pins = NIL;

/* Whether text is a uuid in the form that PostgreSQL prints. */
static bool
is_uuid(const char *text)
{
	if (strlen(text) != UUID_TEXT_LENGTH)
		return false;
	for (int i = 0; i < UUID_TEXT_LENGTH; i++)
	{
		bool		is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
			return false;
	}
	return true;
}

/* Accept '' and 'run:UUID'. */
static bool
check_snapshot(char **value, void **extra, GucSource source)
{
	if ((*value)[0] == '\0')
		return true;
	if (strncmp(*value, RUN_PREFIX, strlen(RUN_PREFIX)) == 0)
	{
		if (is_uuid(*value + strlen(RUN_PREFIX)))
			return true;
		GUC_check_errdetail("After \"run:\" stands the lower-case UUID of a run.");
		return false;
	}
	GUC_check_errcode(ERRCODE_FEATURE_NOT_SUPPORTED);
	GUC_check_errdetail("A snapshot is empty (the current versions) or \"run:UUID\" (what that run pinned); a time is not supported yet.");
	return false;
}

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

/* The run whose pins hold now, or NULL. */
static const char *
current_run(void)
{
	if (active[0] != '\0')
		return active;
	if (snapshot != NULL && snapshot[0] != '\0')
		return snapshot + strlen(RUN_PREFIX);
	return NULL;
}

/* The resolver that storage/pins.h asks. */
static SfdwVersion *
resolve(Oid server, const char *key)
{
	const char *run = current_run();
	bool		is_pinned = false;
	const char *name;
	ListCell   *cell;

	if (run == NULL)
		return NULL;
	load(run);
	name = GetForeignServer(server)->servername;
	foreach(cell, pins)
	{
		Pin		   *pin = lfirst(cell);

		if (strcmp(pin->server, name) != 0)
			continue;
		if (strcmp(pin->version.key, key) == 0)
			return &pin->version;
		is_pinned = true;
	}
	if (is_pinned || pins == NIL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_FILE),
				errmsg("run \"%s\" has pinned no version of object \"%s\" of foreign server \"%s\"",
					   run, key, name));
	return NULL;
}

/* The lister: what is pinned below prefix, or false when nothing is. */
static bool
list_pinned(Oid server, const char *prefix, List **versions)
{
	const char *run = current_run();
	bool		is_pinned = false;
	const char *name;
	ListCell   *cell;

	if (run == NULL)
		return false;
	load(run);
	name = GetForeignServer(server)->servername;
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

/* Have a run's pins hold. */
void
sfdw_run_pins_enter(const char *run)
{
	Assert(is_uuid(run));
	strlcpy(active, run, sizeof(active));
	active_in = GetCurrentSubTransactionId();
}

/* Have them hold no longer. */
void
sfdw_run_pins_leave(void)
{
	active[0] = '\0';
	active_in = InvalidSubTransactionId;
}

/* A subtransaction that fails takes with it what was entered in it. */
static void
on_subtransaction_event(SubXactEvent event, SubTransactionId mine,
						SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB && mine == active_in)
		sfdw_run_pins_leave();
}

/* And so does the transaction. */
static void
on_transaction_event(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT)
		sfdw_run_pins_leave();
}

/* Define the GUC and register everything. */
void
sfdw_run_pins_init(void)
{
	DefineCustomStringVariable("salesforce_fdw.snapshot",
							   "Which versions of raw objects are read.",
							   "Empty: the current ones.  \"run:UUID\": those that this run pinned.",
							   &snapshot, "", PGC_USERSET, 0,
							   check_snapshot, NULL, NULL);
	RegisterXactCallback(on_transaction_event, NULL);
	RegisterSubXactCallback(on_subtransaction_event, NULL);
	sfdw_pins_set_resolver(resolve, list_pinned);
}
