/*-------------------------------------------------------------------------
 * as_of.c
 *		The versions that were current at a time
 *
 * Knows a location's history, and what to say where it has nothing to read.
 * What cannot be read is never replaced by another version.
 *-------------------------------------------------------------------------
 */
#include "dataset/as_of.h"

#include "core/errors.h"
#include "dataset/history.h"
#include "utils/timestamp.h"

/* What was asked of one key, and what there is of it. */
typedef struct Question
{
	SfdwStorage *storage;
	const char *key;
	TimestampTz time;
	const SfdwPast *found;		/* of then, or NULL */
	const SfdwPast *newest;		/* or NULL */
	const SfdwPast *oldest;		/* or NULL */
} Question;

/* A time for people; each call has memory of its own. */
static char *
time_text(TimestampTz time)
{
	return pstrdup(timestamptz_to_str(time));
}

/* Refuse a time at which things may still become current. */
static void
require_past(TimestampTz time)
{
	if (time > GetCurrentTimestamp())
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("snapshot %s lies in the future", time_text(time)));
}

/* Whether an entry can be read. */
static bool
is_readable(const SfdwPast *past)
{
	return past != NULL && !past->is_gone && !past->version.is_delete_marker;
}

/* Whether the file that a folder has is younger than what is asked for. */
static bool
is_replaced_file(const Question *question)
{
	return !sfdw_storage_keeps_versions(question->storage) &&
		is_readable(question->newest) &&
		question->newest->version.last_modified > question->time &&
		(question->found == NULL || question->found->purged_by == NULL);
}

/* Say that the version of then is not there any more. */
static void
raise_gone(const Question *question, const char *url)
{
	const SfdwPast *found = question->found;
	const char *written = time_text(found->version.last_modified);

	ereport(ERROR,
			errcode(SFDW_ERRCODE_SUPERSEDED),
			errmsg("version of object \"%s\" that was current at %s is gone",
				   url, time_text(question->time)),
			found->purged_by != NULL ?
			errdetail("It was written at %s, and run \"%s\" purged it at %s.",
					  written, found->purged_by, found->purged_at) :
			errdetail("It was written at %s and listed by a run, and is not there any more.",
					  written));
}

/* Say that there was none then. */
static void
raise_absent(const Question *question, const char *url)
{
	const SfdwPast *found = question->found;
	const SfdwPast *oldest = question->oldest;

	if (oldest == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_FILE),
				errmsg("object \"%s\" does not exist", url));
	ereport(ERROR,
			errcode(ERRCODE_UNDEFINED_FILE),
			errmsg("object \"%s\" did not exist at %s", url,
				   time_text(question->time)),
			found != NULL ?
			errdetail("It was deleted at %s.",
					  time_text(found->version.last_modified)) :
			errdetail("The oldest version of it that is known was written at %s.",
					  time_text(oldest->version.last_modified)));
}

/* Say why there is nothing to read. */
static void
raise_unreadable(const Question *question)
{
	const char *url = sfdw_storage_url(question->storage, question->key);

	if (is_replaced_file(question))
		ereport(ERROR,
				errcode(SFDW_ERRCODE_SUPERSEDED),
				errmsg("object \"%s\" cannot be read as of %s: the folder keeps no older version",
					   url, time_text(question->time)),
				errdetail("Its file was written at %s.",
						  time_text(question->newest->version.last_modified)));
	if (question->found != NULL && question->found->is_gone &&
		!question->found->version.is_delete_marker)
		raise_gone(question, url);
	raise_absent(question, url);
}

/* The place of a key's newest entry, or -1. */
static int
find_key(List *history, const char *key)
{
	ListCell   *cell;

	foreach(cell, history)
		if (strcmp(((SfdwPast *) lfirst(cell))->version.key, key) == 0)
			return foreach_current_index(cell);
	return -1;
}

/* A copy of a version that belongs to the caller. */
static SfdwVersion *
copy_version(const SfdwPast *past)
{
	SfdwVersion *version = palloc(sizeof(SfdwVersion));

	*version = past->version;
	return version;
}

/* The version of a key. */
SfdwVersion *
sfdw_as_of_find(SfdwStorage *storage, const char *key, TimestampTz time,
				bool missing_ok)
{
	Question	question = {storage, key, time};
	List	   *history;
	int			first;
	int			next;

	if (!missing_ok)
		require_past(time);
	history = sfdw_history_list(storage, key);
	first = find_key(history, key);
	if (first >= 0)
	{
		question.found = sfdw_history_at(history, first, time, &next);
		question.newest = list_nth(history, first);
		question.oldest = list_nth(history, next - 1);
	}
	if (is_readable(question.found))
		return copy_version(question.found);
	if (!missing_ok)
		raise_unreadable(&question);
	return NULL;
}

/* Whether something of a key was there then that cannot be read now. */
static bool
is_lost(SfdwStorage *storage, const SfdwPast *found, const SfdwPast *newest)
{
	if (found != NULL)
		return found->is_gone && !found->version.is_delete_marker;
	return !sfdw_storage_keeps_versions(storage) && is_readable(newest);
}

/* Those of all keys. */
List *
sfdw_as_of_list(SfdwStorage *storage, const char *prefix, TimestampTz time)
{
	List	   *history;
	List	   *versions = NIL;
	const char *lost_key = NULL;
	int			lost = 0;

	require_past(time);
	history = sfdw_history_list(storage, prefix);
	for (int first = 0, next; first < list_length(history); first = next)
	{
		const SfdwPast *newest = list_nth(history, first);
		const SfdwPast *found = sfdw_history_at(history, first, time, &next);

		if (is_readable(found))
			versions = lappend(versions, copy_version(found));
		else if (is_lost(storage, found, newest) && lost++ == 0)
			lost_key = newest->version.key;
	}
	if (lost > 0)
		ereport(WARNING,
				errcode(SFDW_ERRCODE_SUPERSEDED),
				errmsg_plural("%d object below \"%s\" is left out: what it was at %s cannot be read any more",
							  "%d objects below \"%s\" are left out: what they were at %s cannot be read any more",
							  lost, lost, storage->location, time_text(time)),
				errdetail("The first of them is \"%s\".", lost_key));
	return versions;
}
