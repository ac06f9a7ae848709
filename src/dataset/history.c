/*-------------------------------------------------------------------------
 * history.c
 *		Every version of a location's objects that there is or was known
 *-------------------------------------------------------------------------
 */
#include "dataset/history.h"

#include "dataset/ledger.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

/* Microseconds from 1970 to 2000, where PostgreSQL counts from. */
#define EPOCH_OFFSET \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/* Columns of find_listed. */
enum
{
	COL_KEY, COL_VERSION, COL_SIZE, COL_TIME, COL_IS_MARKER, COL_RUN, COL_PURGED
};

/* What runs have listed below a prefix, each version once. */
static SfdwRows
find_listed(const SfdwStorage *storage, const char *prefix)
{
	SfdwParam	params[] = {
		sfdw_param_text(storage->location),
		sfdw_param_text(prefix)
	};

	return sfdw_ledger_read("SELECT DISTINCT ON (key, version_id)"
							" key, version_id, size,"
							" (extract(epoch FROM last_modified) * 1000000)::bigint,"
							" is_delete_marker,"
							" CASE WHEN purge_outcome = 'deleted' THEN run END,"
							" CASE WHEN purge_outcome = 'deleted' THEN"
							"  to_char(purge_tried, 'YYYY-MM-DD HH24:MI:SSOF') END"
							" FROM salesforce_fdw.ledger_input"
							" WHERE location = $1 AND starts_with(key, $2)"
							" ORDER BY key, version_id,"
							"  (purge_outcome = 'deleted') DESC NULLS LAST,"
							"  purge_tried, last_modified",
							lengthof(params), params);
}

/* By key as bytes and by id: two that are alike are one version. */
static int
compare_identities(const SfdwVersion *a, const SfdwVersion *b)
{
	int			order = strcmp(a->key, b->key);

	return order != 0 ? order : strcmp(a->version_id, b->version_id);
}

/* The same, of entries of a list. */
static int
compare_present(const ListCell *a, const ListCell *b)
{
	return compare_identities(&((SfdwPast *) lfirst(a))->version,
							  &((SfdwPast *) lfirst(b))->version);
}

/* Whether a list, sorted by identity, has this version. */
static bool
has_version(List *present, const SfdwVersion *version)
{
	int			low = 0;
	int			high = list_length(present);

	while (low < high)
	{
		int			middle = (low + high) / 2;
		const SfdwPast *past = list_nth(present, middle);
		int			order = compare_identities(&past->version, version);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The entries of a listing; what a folder has put aside cannot be read. */
static List *
list_present(SfdwStorage *storage, const char *prefix)
{
	bool		keeps_versions = sfdw_storage_keeps_versions(storage);
	List	   *history = NIL;
	ListCell   *cell;

	foreach(cell, sfdw_storage_list(storage, prefix))
	{
		SfdwVersion *version = lfirst(cell);
		SfdwPast   *past = palloc0(sizeof(SfdwPast));

		past->version = *version;
		past->is_gone = !keeps_versions && !version->is_latest;
		past->place = foreach_current_index(cell);
		history = lappend(history, past);
	}
	return history;
}

/* An entry of the ledger's row. */
static SfdwPast *
past_of(char **row)
{
	SfdwPast   *past = palloc0(sizeof(SfdwPast));

	past->version.key = row[COL_KEY];
	past->version.version_id = row[COL_VERSION];
	past->version.size = strtoll(row[COL_SIZE], NULL, 10);
	past->version.last_modified = strtoll(row[COL_TIME], NULL, 10) - EPOCH_OFFSET;
	past->version.is_delete_marker = row[COL_IS_MARKER][0] == 't';
	past->is_gone = true;
	past->purged_by = row[COL_RUN];
	past->purged_at = row[COL_PURGED];
	return past;
}

/* By key, newest first. */
static int
compare_times(const ListCell *left, const ListCell *right)
{
	const SfdwPast *a = lfirst(left);
	const SfdwPast *b = lfirst(right);
	int			order = strcmp(a->version.key, b->version.key);

	if (order != 0)
		return order;
	if (a->version.last_modified != b->version.last_modified)
		return a->version.last_modified > b->version.last_modified ? -1 : 1;
	if (a->version.is_latest != b->version.is_latest)
		return a->version.is_latest ? -1 : 1;
	if (a->is_gone != b->is_gone)
		return a->is_gone ? -1 : 1;
	return a->place - b->place;
}

/* Both lists. */
List *
sfdw_history_list(SfdwStorage *storage, const char *prefix)
{
	SfdwRows	listed = find_listed(storage, prefix);
	List	   *history = list_present(storage, prefix);
	List	   *present = list_copy(history);

	list_sort(present, compare_present);
	for (int i = 0; i < listed.count; i++)
	{
		SfdwPast   *past = past_of(listed.values[i]);

		CHECK_FOR_INTERRUPTS();
		if (!has_version(present, &past->version))
			history = lappend(history, past);
	}
	list_sort(history, compare_times);
	return history;
}

/* The newest of a key at a time. */
const SfdwPast *
sfdw_history_at(List *history, int first, TimestampTz time, int *next)
{
	const SfdwPast *head = list_nth(history, first);
	const SfdwPast *found = NULL;

	for (*next = first; *next < list_length(history); (*next)++)
	{
		const SfdwPast *past = list_nth(history, *next);

		if (strcmp(past->version.key, head->version.key) != 0)
			break;
		if (found == NULL && past->version.last_modified <= time)
			found = past;
	}
	return found;
}
