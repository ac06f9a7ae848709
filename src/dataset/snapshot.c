/*-------------------------------------------------------------------------
 * snapshot.c
 *		Of when the versions are that scans read
 *
 * Knows times and names of runs, and nothing of what there is of them.
 *-------------------------------------------------------------------------
 */
#include "dataset/snapshot.h"

#include "access/xact.h"
#include "nodes/pg_list.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* What the GUC's value starts with, when it names a run. */
#define RUN_PREFIX "run:"

/* A snapshot that was entered. */
typedef struct Frame
{
	SfdwSnapshot snapshot;
	SubTransactionId entered_in;
} Frame;

/* The GUC salesforce_fdw.snapshot. */
static char *setting = NULL;

/* Frame, the innermost first; in the transaction's memory. */
static List *frames = NIL;

/* Whether a part of a date is one of the words that mean a changing time. */
static bool
is_relative(const char *word)
{
	static const char *const words[] = {"now", "today", "tomorrow", "yesterday"};

	for (size_t i = 0; i < lengthof(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/*
 * Read a point in time as PostgreSQL does, without raising.  Words such as
 * "yesterday" are refused: what they mean would change with the session.
 */
static bool
parse_time(const char *text, TimestampTz *time)
{
	char		buffer[MAXDATELEN + MAXDATEFIELDS];
	char	   *fields[MAXDATEFIELDS];
	int			types[MAXDATEFIELDS];
	int			count;
	int			kind;
	int			zone;
	fsec_t		fraction;
	struct pg_tm tm;

	if (ParseDateTime(text, buffer, sizeof(buffer), fields, types,
					  MAXDATEFIELDS, &count) != 0)
		return false;
	for (int i = 0; i < count; i++)
		if (is_relative(fields[i]))
			return false;
	return sfdw_decode_datetime(fields, types, count, &kind, &tm, &fraction,
								&zone) == 0 &&
		kind == DTK_DATE && tm2timestamp(&tm, fraction, &zone, time) == 0;
}

/* Accept '', 'run:UUID' and a time. */
static bool
check_setting(char **value, void **extra, GucSource source)
{
	TimestampTz time;

	if ((*value)[0] == '\0')
		return true;
	if (strncmp(*value, RUN_PREFIX, strlen(RUN_PREFIX)) == 0)
	{
		if (sfdw_run_is_id(*value + strlen(RUN_PREFIX)))
			return true;
		GUC_check_errdetail("After \"run:\" stands the lower-case UUID of a run.");
		return false;
	}
	if (parse_time(*value, &time))
		return true;
	GUC_check_errdetail("A snapshot is empty (the current versions), a date with or without a time (the versions of then), or \"run:UUID\" (what that run pinned).");
	return false;
}

/* The current versions. */
SfdwSnapshot
sfdw_snapshot_current(void)
{
	SfdwSnapshot snapshot = {SFDW_SNAPSHOT_CURRENT};

	return snapshot;
}

/* Those of a time. */
SfdwSnapshot
sfdw_snapshot_of_time(TimestampTz time)
{
	SfdwSnapshot snapshot = {SFDW_SNAPSHOT_TIME};

	snapshot.time = time;
	return snapshot;
}

/* Those of a run. */
SfdwSnapshot
sfdw_snapshot_of_run(const char *run)
{
	SfdwSnapshot snapshot = {SFDW_SNAPSHOT_RUN};

	Assert(sfdw_run_is_id(run));
	strlcpy(snapshot.run, run, sizeof(snapshot.run));
	return snapshot;
}

/* Have scans read a snapshot. */
void
sfdw_snapshot_enter(SfdwSnapshot snapshot)
{
	MemoryContext caller = MemoryContextSwitchTo(TopTransactionContext);
	Frame	   *frame = palloc(sizeof(Frame));

	frame->snapshot = snapshot;
	frame->entered_in = GetCurrentSubTransactionId();
	frames = lcons(frame, frames);
	MemoryContextSwitchTo(caller);
}

/* Have them read it no longer. */
void
sfdw_snapshot_leave(void)
{
	Assert(frames != NIL);
	frames = list_delete_first(frames);
}

/* What the GUC says. */
static SfdwSnapshot
get_setting(void)
{
	TimestampTz time;

	if (setting == NULL || setting[0] == '\0')
		return sfdw_snapshot_current();
	if (strncmp(setting, RUN_PREFIX, strlen(RUN_PREFIX)) == 0)
		return sfdw_snapshot_of_run(setting + strlen(RUN_PREFIX));
	if (!parse_time(setting, &time))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_DATETIME_FORMAT),
				errmsg("invalid value for parameter \"%s\": \"%s\"",
					   "salesforce_fdw.snapshot", setting),
				errdetail("By the present setting of DateStyle it is no time."));
	return sfdw_snapshot_of_time(time);
}

/* The snapshot that holds. */
SfdwSnapshot
sfdw_snapshot_get(void)
{
	if (frames != NIL)
		return ((Frame *) linitial(frames))->snapshot;
	return get_setting();
}

/* Its name. */
const char *
sfdw_snapshot_name(void)
{
	SfdwSnapshot snapshot = sfdw_snapshot_get();

	switch (snapshot.kind)
	{
		case SFDW_SNAPSHOT_RUN:
			return psprintf("%s%s", RUN_PREFIX, snapshot.run);
		case SFDW_SNAPSHOT_TIME:
			return pstrdup(timestamptz_to_str(snapshot.time));
		case SFDW_SNAPSHOT_CURRENT:
			break;
	}
	return "";
}

/* A subtransaction that fails takes with it what was entered in it. */
static void
on_subtransaction_event(SubXactEvent event, SubTransactionId mine,
						SubTransactionId parent, void *arg)
{
	while (event == SUBXACT_EVENT_ABORT_SUB && frames != NIL &&
		   ((Frame *) linitial(frames))->entered_in == mine)
		frames = list_delete_first(frames);
}

/* And so does the transaction, with whose memory they go. */
static void
on_transaction_event(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT ||
		event == XACT_EVENT_PREPARE)
		frames = NIL;
}

/* Define the GUC and look after the ends of transactions. */
void
sfdw_snapshot_init(void)
{
	DefineCustomStringVariable("salesforce_fdw.snapshot",
							   "Which versions of raw objects are read.",
							   "Empty: the current ones.  A time: those of then.  \"run:UUID\": those that this run pinned.",
							   &setting, "", PGC_USERSET, 0,
							   check_setting, NULL, NULL);
	RegisterXactCallback(on_transaction_event, NULL);
	RegisterSubXactCallback(on_subtransaction_event, NULL);
}
