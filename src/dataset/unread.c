/*-------------------------------------------------------------------------
 * unread.c
 *		Raw objects that no data set reads
 *
 * Knows listings and definitions; deletes nothing.
 *-------------------------------------------------------------------------
 */
#include "dataset/unread.h"

#include "dataset/ledger.h"
#include "dataset/readers.h"
#include "dataset/run_record.h"
#include "miscadmin.h"

typedef struct Count
{
	List	   *objects;
	List	   *readers;
	List	   *purged;			/* locations that some data set purges whole */
	SfdwUnread	unread;
	bool		is_left;		/* some object lies in none of those */
} Count;

/* The locations that data sets purge whole, this one's and others'. */
static List *
purged_locations(void)
{
	List	   *locations = NIL;
	ListCell   *cell;

	foreach(cell, sfdw_dataset_list())
	{
		SfdwDataset *dataset = lfirst(cell);

		if (dataset->purge == SFDW_PURGE_LOCATION &&
			dataset->confirmed_location != NULL)
			locations = lappend(locations, dataset->confirmed_location);
	}
	return locations;
}

/* Whether an URL lies in one of the locations. */
static bool
is_within(List *locations, const char *url)
{
	ListCell   *cell;

	foreach(cell, locations)
		if (sfdw_storage_contains(lfirst(cell), url))
			return true;
	return false;
}

/* Count one object. */
static void
add_object(Count *count, SfdwListing *listing, const char *key)
{
	char	   *url = sfdw_storage_url(listing->storage, key);

	if (sfdw_inputs_find(count->objects, listing->server, key) != NULL ||
		sfdw_readers_have(count->readers, listing->storage, key))
		return;
	if (count->unread.count++ == 0)
		count->unread.example = url;
	if (!count->is_left)
		count->is_left = !is_within(count->purged, url);
}

/* Count the objects of a listing; the versions of a key follow each other. */
static void
add_listing(Count *count, SfdwListing *listing)
{
	const char *last = NULL;
	ListCell   *cell;

	foreach(cell, listing->versions)
	{
		SfdwVersion *version = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (version->is_delete_marker ||
			(last != NULL && strcmp(last, version->key) == 0))
			continue;
		last = version->key;
		add_object(count, listing, last);
	}
}

/* Count. */
SfdwUnread
sfdw_unread_count(SfdwDataset *dataset, List *objects, List *listings)
{
	Count		count = {
		.objects = objects,
		.readers = sfdw_readers_besides(dataset->name),
		.purged = purged_locations()
	};
	ListCell   *cell;

	foreach(cell, listings)
		add_listing(&count, lfirst(cell));
	count.unread.accumulates = dataset->purge == SFDW_PURGE_INPUTS &&
		count.is_left;
	return count.unread;
}

/* Write the number down, and tell it. */
void
sfdw_unread_note(SfdwDataset *dataset, const char *run, List *objects,
				 List *listings)
{
	SfdwUnread	unread = sfdw_unread_count(dataset, objects, listings);
	SfdwParam	params[] = {
		sfdw_param_text(run),
		sfdw_param_int8(unread.count)
	};
	char	   *message;

	(void) sfdw_ledger_write("UPDATE salesforce_fdw.ledger_run"
							 " SET unread_objects = $2 WHERE run = $1::uuid",
							 lengthof(params), params, NULL);
	if (!unread.accumulates)
		return;
	message = psprintf(unread.count == 1 ?
					   INT64_FORMAT " raw object is read by no data set and stays" :
					   INT64_FORMAT " raw objects are read by no data set and stay",
					   unread.count);
	ereport(WARNING,
			errmsg("%s", message),
			errdetail("The first is \"%s\".  Data set \"%s\" purges its inputs alone.",
					  unread.example, dataset->name),
			errhint("Purge the whole location, have a data set read them, or have them deleted where they come from."));
	sfdw_run_event(dataset->name, run, "unread", message);
}
