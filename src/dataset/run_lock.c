/*-------------------------------------------------------------------------
 * run_lock.c
 *		One run of a data set at a time
 *
 * Knows PostgreSQL's lock manager, and nothing of what a run does.
 *-------------------------------------------------------------------------
 */
#include "dataset/run_lock.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "dataset/ledger.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lock.h"

/*
 * The fourth field of an advisory lock's tag is 1 or 2 for the locks of SQL
 * functions: with another number no user can take, or release, one of ours.
 */
#define LOCK_KIND 5

/* How often a lock is tried whose holder was gone when it was looked for. */
#define MAX_TRIES 3

/* The data set whose lock this session has; empty for none. */
static char held[NAMEDATALEN * 4];

/*
 * The subtransaction that took it, while its transaction lasts: should that
 * one fail alone, the CALL has failed (and somebody caught the error).
 */
static SubTransactionId taken_in = InvalidSubTransactionId;

/* The tag of a data set's lock in this database. */
static LOCKTAG
tag_of(const char *dataset)
{
	uint64		hash = hash_bytes_extended((const unsigned char *) dataset,
										   (int) strlen(dataset), 0);
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) (hash >> 32),
						 (uint32) hash, LOCK_KIND);
	return tag;
}

/* Who has the lock: its process, and when its CALL began; a row or none. */
static SfdwRows
find_holder(const char *dataset, const LOCKTAG *tag)
{
	SfdwParam	params[] = {
		sfdw_param_int8(tag->locktag_field2),
		sfdw_param_int8(tag->locktag_field3),
		sfdw_param_int8(tag->locktag_field4),
		sfdw_param_text(dataset)
	};

	return sfdw_ledger_read("SELECT l.pid, (SELECT to_char(max(e.at),"
							"  'YYYY-MM-DD HH24:MI:SS TZH:TZM')"
							"  FROM salesforce_fdw.ledger_event e"
							"  WHERE e.pid = l.pid AND e.dataset = $4"
							"  AND e.event = 'called')"
							" FROM pg_locks l WHERE l.locktype = 'advisory'"
							" AND l.database = (SELECT oid FROM pg_database"
							"  WHERE datname = current_database())"
							" AND l.classid::bigint = $1 AND l.objid::bigint = $2"
							" AND l.objsubid = $3 AND l.granted",
							lengthof(params), params);
}

/* Say who has the lock. */
static void
report_holder(const char *dataset, const SfdwRows *holder)
{
	ereport(ERROR,
			errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			errmsg("data set \"%s\" is being run by another session", dataset),
			holder->count == 0 ? 0 :
			holder->values[0][1] == NULL ?
			errdetail("Process %s has it.", holder->values[0][0]) :
			errdetail("Process %s has it since %s.", holder->values[0][0],
					  holder->values[0][1]),
			errhint("Wait until that CALL has ended, or cancel it: what it has committed is resumed."));
}

/*
 * Acquire the lock without waiting, or say who has it.  When nobody has it any
 * more by the time that we look, it is tried again.
 */
static void
acquire(const char *dataset, bool is_session)
{
	LOCKTAG		tag = tag_of(dataset);
	SfdwRows	holder = {0, NULL};

	for (int i = 0; i < MAX_TRIES && holder.count == 0; i++)
	{
		if (LockAcquire(&tag, ExclusiveLock, is_session, true) !=
			LOCKACQUIRE_NOT_AVAIL)
			return;
		holder = find_holder(dataset, &tag);
	}
	report_holder(dataset, &holder);
}

/* Take the lock, without waiting. */
void
sfdw_run_lock_take(const char *dataset)
{
	sfdw_run_lock_release();
	if (strlen(dataset) >= sizeof(held))
		ereport(ERROR,
				errcode(ERRCODE_NAME_TOO_LONG),
				errmsg("name of a data set is too long"));
	acquire(dataset, true);
	strlcpy(held, dataset, sizeof(held));
	taken_in = GetCurrentSubTransactionId();
}

/* Keep others out for the rest of the transaction. */
void
sfdw_run_lock_exclude(const char *dataset)
{
	acquire(dataset, false);
}

/* Whether this session has it. */
bool
sfdw_run_lock_held(const char *dataset)
{
	return held[0] != '\0' && strcmp(held, dataset) == 0;
}

/* Give it back. */
void
sfdw_run_lock_release(void)
{
	LOCKTAG		tag;

	if (held[0] == '\0')
		return;
	tag = tag_of(held);
	held[0] = '\0';
	taken_in = InvalidSubTransactionId;
	(void) LockRelease(&tag, ExclusiveLock, true);
}

/*
 * A transaction that aborts ends the CALL that it belongs to: a step that
 * fails is rolled back as a subtransaction, in which the lock was not taken.
 */
static void
on_transaction_event(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		sfdw_run_lock_release();
	else if (event == XACT_EVENT_COMMIT)
		taken_in = InvalidSubTransactionId;
}

/* The subtransaction that took the lock fails, or hands it to its parent. */
static void
on_subtransaction_event(SubXactEvent event, SubTransactionId mine,
						SubTransactionId parent, void *arg)
{
	if (mine != taken_in)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB)
		sfdw_run_lock_release();
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		taken_in = parent;
}

/* Register the callbacks. */
void
sfdw_run_lock_init(void)
{
	RegisterXactCallback(on_transaction_event, NULL);
	RegisterSubXactCallback(on_subtransaction_event, NULL);
}
