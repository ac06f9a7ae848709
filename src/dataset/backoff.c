/*-------------------------------------------------------------------------
 * backoff.c
 *		What a scheduler's CALL does not try again, and when it gives up
 *
 * Knows the ledger's refused runs and failed CALLs, and counts; nothing of why
 * they failed.
 *-------------------------------------------------------------------------
 */
#include "dataset/backoff.h"

#include "core/errors.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

/*
 * The wait doubles with each refusal.  A daily schedule tries a bad export on
 * five more days (a check may read tables that somebody mends); one that calls
 * every minute tries it as often in little more than a day.
 */
#define FIRST_WAIT_HOURS 1
#define MAX_REFUSALS 6

/* CALLs that one run which has not published may fail. */
#define MAX_FAILURES 5

/* What pg_cron names its connections. */
#define SCHEDULER_NAME "pg_cron"

/* What is known of the refusals of one input. */
typedef struct Refusals
{
	int			count;
	char	   *run;			/* the last one: id, when, why */
	char	   *when;
	char	   *error;
	char	   *next;			/* when it is tried again */
	bool		is_over;		/* whether that has come */
} Refusals;

/* By how the session was started: nothing else tells a scheduler's CALL. */
bool
sfdw_backoff_is_scheduled(void)
{
	const char *name = GetConfigOption("application_name", true, false);

	return MyBackendType == B_BG_WORKER ||
		(name != NULL && strcmp(name, SCHEDULER_NAME) == 0);
}

/* Server, key and version of each object's current version, one text each. */
static List *
current_versions(List *objects, List *listings)
{
	List	   *versions = NIL;
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, objects)
	{
		SfdwInputObject *object = lfirst(cell);

		foreach(inner, listings)
		{
			SfdwListing *listing = lfirst(inner);

			if (listing->server == object->server)
				versions = lappend(versions,
								   psprintf("%s %s %s", listing->server_name,
											object->key,
											object->current->version_id));
		}
	}
	return versions;
}

/*
 * Refused runs since the last one that was not, with the present definition,
 * that have read these versions and no others.  A superseded one says nothing
 * of the versions that replaced its own.
 */
static Refusals
refusals_of(const char *dataset, List *versions)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_texts(versions),
		sfdw_param_int8(FIRST_WAIT_HOURS)
	};
	Refusals	refusals = {0};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT n, run, date_trunc('second', finished),"
							"  rtrim(last_error, '.'),"
							"  date_trunc('second', finished + wait),"
							"  finished + wait <= clock_timestamp()"
							" FROM (SELECT r.run, r.finished, r.number, r.last_error,"
							"   count(*) OVER () AS n,"
							"   $3 * interval '1 hour' * 2 ^ (count(*) OVER () - 1) AS wait"
							"  FROM salesforce_fdw.ledger_run r"
							"  JOIN salesforce_fdw.dataset d ON d.name = r.dataset"
							"   AND r.definition = to_jsonb(d)"
							"  WHERE r.dataset = $1 AND r.state = 'refused'"
							"   AND r.reason <> 'superseded'"
							"   AND r.number > (SELECT coalesce(max(o.number), 0)"
							"    FROM salesforce_fdw.ledger_run o"
							"    WHERE o.dataset = $1 AND o.state <> 'refused')"
							"   AND (SELECT array_agg(v ORDER BY v) FROM unnest($2) v) ="
							"    (SELECT array_agg(concat_ws(' ', i.server, i.key, i.version_id)"
							"      ORDER BY concat_ws(' ', i.server, i.key, i.version_id))"
							"     FROM salesforce_fdw.ledger_input i"
							"     WHERE i.run = r.run AND i.is_pinned)) q"
							" ORDER BY number DESC LIMIT 1",
							lengthof(params), params);
	if (rows.count == 0)
		return refusals;
	refusals.count = pg_strtoint32(rows.values[0][0]);
	refusals.run = rows.values[0][1];
	refusals.when = rows.values[0][2];
	refusals.error = rows.values[0][3];
	refusals.next = rows.values[0][4];
	refusals.is_over = rows.values[0][5][0] == 't';
	return refusals;
}

/* Wait, or give up. */
void
sfdw_backoff_check(const char *dataset, List *objects, List *listings)
{
	Refusals	refusals = refusals_of(dataset,
									   current_versions(objects, listings));
	bool		is_given_up = refusals.count >= MAX_REFUSALS;

	if (refusals.count == 0 || (refusals.is_over && !is_given_up))
		return;
	ereport(ERROR,
			errcode(SFDW_ERRCODE_HELD_BACK),
			is_given_up ?
			errmsg("data set \"%s\" is not tried again with an input that was refused %d times",
				   dataset, refusals.count) :
			errmsg("data set \"%s\" is not tried again before %s with an input that was refused",
				   dataset, refusals.next),
			errdetail("Run \"%s\" was refused at %s: %s.", refusals.run,
					  refusals.when, refusals.error),
			errhint("A new export, a changed definition, and CALL salesforce_fdw.run(%s); typed by hand are tried at once.",
					quote_literal_cstr(dataset)));
}

/* Count the CALLs in which it has failed; this one is not in the ledger yet. */
bool
sfdw_backoff_gives_up(const SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->id),
		sfdw_param_int8(MAX_FAILURES - 1)
	};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_event"
							" WHERE run = $1::uuid AND event = 'failed'"
							" HAVING count(*) >= $2",
							lengthof(params), params).count > 0;
}

/* The policy's refusal needs no input: only the definition is compared. */
bool
sfdw_backoff_is_refused_by_policy(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};

	return sfdw_ledger_read("SELECT FROM (SELECT r.dataset, r.state, r.reason,"
							"  r.definition FROM salesforce_fdw.ledger_run r"
							"  WHERE r.dataset = $1"
							"  ORDER BY r.number DESC LIMIT 1) l"
							" JOIN salesforce_fdw.dataset d ON d.name = l.dataset"
							"  AND l.definition = to_jsonb(d)"
							" WHERE l.state = 'refused' AND l.reason = 'policy'",
							lengthof(params), params).count > 0;
}
