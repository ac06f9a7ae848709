/*-------------------------------------------------------------------------
 * discover.c
 *		The first step of a run: list object versions once, and pin some
 *
 * Knows what a query reads and what lies in the raw location; nothing of what
 * becomes of it.
 *-------------------------------------------------------------------------
 */
#include "dataset/discover.h"

#include "dataset/backoff.h"
#include "dataset/catalog.h"
#include "dataset/final_key.h"
#include "dataset/gate.h"
#include "dataset/inputs.h"
#include "dataset/lineage_record.h"
#include "dataset/place_owner.h"
#include "dataset/purge_foresee.h"
#include "dataset/purge_versioning.h"
#include "dataset/register.h"
#include "dataset/run_record.h"
#include "dataset/unread.h"
#include "miscadmin.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* Columns of the ledger's list of versions, each as an array of text. */
typedef struct VersionArrays
{
	List	   *servers;
	List	   *locations;
	List	   *keys;
	List	   *ids;
	List	   *sizes;
	List	   *times;
	List	   *flags;			/* five letters t or f a version: latest, delete
								 * marker, pinned, input */
	List	   *relations;
	List	   *objects;
} VersionArrays;

/* A boolean as one letter. */
static char
letter(bool value)
{
	return value ? 't' : 'f';
}

/* Add a version of a listing to the arrays. */
static void
add_version(VersionArrays *arrays, const SfdwListing *listing,
			const SfdwVersion *version, const SfdwInputObject *object)
{
	bool		is_pinned = object != NULL && object->current == version;

	arrays->servers = lappend(arrays->servers, listing->server_name);
	arrays->locations = lappend(arrays->locations,
								pstrdup(listing->storage->location));
	arrays->keys = lappend(arrays->keys, version->key);
	arrays->ids = lappend(arrays->ids, version->version_id);
	arrays->sizes = lappend(arrays->sizes,
							psprintf(INT64_FORMAT, version->size));
	arrays->times = lappend(arrays->times,
							pstrdup(timestamptz_to_str(version->last_modified)));
	arrays->flags = lappend(arrays->flags,
							psprintf("%c%c%c%c", letter(version->is_latest),
									 letter(version->is_delete_marker),
									 letter(is_pinned),
									 letter(object != NULL)));
	arrays->relations = lappend(arrays->relations,
								is_pinned ? object->relations : NULL);
	arrays->objects = lappend(arrays->objects,
							  is_pinned ? object->objects : NULL);
}

/* Write what was listed to the ledger, in one statement. */
static void
record_versions(const char *run, List *listings, List *objects)
{
	VersionArrays arrays = {NIL};
	SfdwParam	params[10];
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, listings)
	{
		SfdwListing *listing = lfirst(cell);

		foreach(inner, listing->versions)
		{
			SfdwVersion *version = lfirst(inner);

			add_version(&arrays, listing, version,
						sfdw_inputs_find(objects, listing->server,
										 version->key));
		}
	}
	params[0] = sfdw_param_text(run);
	params[1] = sfdw_param_texts(arrays.servers);
	params[2] = sfdw_param_texts(arrays.locations);
	params[3] = sfdw_param_texts(arrays.keys);
	params[4] = sfdw_param_texts(arrays.ids);
	params[5] = sfdw_param_texts(arrays.sizes);
	params[6] = sfdw_param_texts(arrays.times);
	params[7] = sfdw_param_texts(arrays.flags);
	params[8] = sfdw_param_texts(arrays.relations);
	params[9] = sfdw_param_texts(arrays.objects);
	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_input"
							 " (run, server, location, key, version_id, size,"
							 "  last_modified, is_latest, is_delete_marker,"
							 "  is_pinned, is_input, relations, objects)"
							 " SELECT $1::uuid, v.server, v.location, v.key,"
							 "  v.id, v.size::bigint, v.at::timestamptz,"
							 "  substr(v.flags, 1, 1)::boolean,"
							 "  substr(v.flags, 2, 1)::boolean,"
							 "  substr(v.flags, 3, 1)::boolean,"
							 "  substr(v.flags, 4, 1)::boolean,"
							 "  v.relations, v.objects"
							 " FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10)"
							 "  AS v(server, location, key, id, size, at, flags,"
							 "  relations, objects)",
							 lengthof(params), params, NULL);
}

/* What the last published run read: rows of server, key, version. */
static SfdwRows
last_published_inputs(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};

	return sfdw_ledger_read("SELECT i.server, i.key, i.version_id"
							" FROM salesforce_fdw.ledger_input i"
							" WHERE i.is_pinned AND i.run ="
							"  (SELECT r.run FROM salesforce_fdw.ledger_run r"
							"   WHERE r.dataset = $1 AND r.is_published"
							"   ORDER BY r.number DESC LIMIT 1)",
							lengthof(params), params);
}

/* Whether an object's current version is among what was read already. */
static bool
was_read(const SfdwRows *published, const char *server_name,
		 const SfdwInputObject *object)
{
	for (int i = 0; i < published->count; i++)
	{
		char	  **row = published->values[i];

		if (strcmp(row[0], server_name) == 0 &&
			strcmp(row[1], object->key) == 0 &&
			strcmp(row[2], object->current->version_id) == 0)
			return true;
	}
	return false;
}

/* The listing of an object's server. */
static SfdwListing *
listing_of(List *listings, const SfdwInputObject *object)
{
	ListCell   *cell;

	foreach(cell, listings)
	{
		SfdwListing *listing = lfirst(cell);

		if (listing->server == object->server)
			return listing;
	}
	elog(ERROR, "server of an input was not listed");
}

/* Whether the last published run has read an object's current version. */
bool
sfdw_discover_was_read(const char *dataset, const SfdwInputObject *object,
					   List *listings)
{
	SfdwRows	published = last_published_inputs(dataset);

	return was_read(&published, listing_of(listings, object)->server_name,
					object);
}

/* Whether some object has a version that no published run has read. */
static bool
something_is_new(List *objects, List *listings, const SfdwRows *published)
{
	ListCell   *cell;

	foreach(cell, objects)
	{
		SfdwInputObject *object = lfirst(cell);

		if (object->current != NULL &&
			!was_read(published, listing_of(listings, object)->server_name,
					  object))
			return true;
	}
	return false;
}

/*
 * Whether what the last published run has published follows another definition
 * than the present one; run_status shows the same.
 */
static bool
is_outdated(const char *dataset)
{
	SfdwParam	params[] = {sfdw_param_text(dataset)};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.run_definition"
							" WHERE dataset = $1 AND is_outdated",
							lengthof(params), params).count > 0;
}

/* Whether every object has a current version. */
static bool
are_all_there(List *objects)
{
	ListCell   *cell;

	foreach(cell, objects)
		if (((SfdwInputObject *) lfirst(cell))->current == NULL)
			return false;
	return true;
}

/* Raise an error for the first object without a current version. */
static void
require_all(List *objects, List *listings)
{
	ListCell   *cell;

	foreach(cell, objects)
	{
		SfdwInputObject *object = lfirst(cell);

		if (object->current == NULL)
			ereport(ERROR,
					errcode(ERRCODE_UNDEFINED_FILE),
					errmsg("object \"%s\" does not exist",
						   sfdw_storage_url(listing_of(listings, object)->storage,
											object->key)),
					errdetail("Foreign table %s reads it.", object->relations),
					errhint("Wait for the export, or look for it under another name."));
	}
}

/* So is a catalog that cannot be opened, or that versions would need. */
static void
check_catalog(SfdwDataset *dataset)
{
	if (sfdw_catalog_open(sfdw_dataset_destination(dataset)) == NULL &&
		dataset->publish_versioned)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("data set \"%s\" is published in versions, and destination \"%s\" has no catalog",
					   dataset->name, dataset->destination),
				errdetail("Only a catalog's table tells readers which version counts."),
				errhint("Set the server's option \"catalog\", or publish in place."));
}

/*
 * What cannot be purged exactly is to be found before anything is published,
 * and refused: the servers (a list of Oid) whose buckets have MFA delete.
 */
static List *
check_versioning(SfdwDataset *dataset, List *listings)
{
	List	   *with_mfa = NIL;
	ListCell   *cell;

	if (dataset->purge == SFDW_PURGE_NONE)
		return NIL;
	foreach(cell, listings)
	{
		SfdwListing *listing = lfirst(cell);

		if (sfdw_purge_check_versioning(dataset, listing->server))
			with_mfa = lappend_oid(with_mfa, listing->server);
	}
	return with_mfa;
}

/* What cannot be purged at all is to be told. */
static void
foresee_purge(SfdwDataset *dataset, const char *run, List *listings,
			  List *objects, List *with_mfa)
{
	ListCell   *cell;

	if (dataset->purge == SFDW_PURGE_NONE)
		return;
	foreach(cell, listings)
	{
		SfdwListing *listing = lfirst(cell);

		sfdw_purge_foresee(dataset, run, listing, objects,
						   list_member_oid(with_mfa, listing->server));
	}
}

/*
 * Raise when a scheduler is not to try again yet.  After a refusal by the
 * policy that is asked anew, since classes are not part of the definition, and
 * asking reads nothing.
 */
static void
hold_back(SfdwDataset *dataset, SfdwGate *gate, List *objects, List *listings)
{
	if (sfdw_backoff_is_refused_by_policy(dataset->name))
		sfdw_gate_require(gate);
	else
		sfdw_backoff_check(dataset->name, objects, listings);
}

/* Begin a run. */
SfdwDiscovery
sfdw_discover(const char *name, bool is_forced, bool is_scheduled)
{
	SfdwDataset *dataset = sfdw_dataset_load(name, false);
	SfdwGate   *gate = sfdw_gate_examine(dataset);
	List	   *objects = sfdw_inputs_of(gate->objects.inputs);
	List	   *listings = sfdw_inputs_list(objects, GetUserId(),
											SFDW_STORAGE_READ);
	SfdwRows	published = last_published_inputs(name);
	SfdwPlace  *place;
	List	   *with_mfa;
	SfdwRun		run = {
		.dataset = dataset->name,
		.destination = dataset->destination
	};

	/* Options that cannot be used are to be found before anything is done. */
	check_catalog(dataset);
	place = sfdw_place_of_dataset(dataset, SFDW_STORAGE_WRITE);
	sfdw_place_require(place);
	if (!is_forced && published.count > 0 &&
		!something_is_new(objects, listings, &published))
	{
		if (!is_outdated(name))
			return SFDW_NOTHING_NEW;
		if (!are_all_there(objects))
			return SFDW_OUTDATED;
	}
	require_all(objects, listings);
	if (is_scheduled && !is_forced)
		hold_back(dataset, gate, objects, listings);
	with_mfa = check_versioning(dataset, listings);
	run.id = sfdw_run_new_id();
	run.target_key = sfdw_final_key(dataset, place, run.id);
	sfdw_register_check(&run, dataset->gates,
						sfdw_dataset_target(dataset, AccessShareLock));
	sfdw_run_create(run.id, name, is_forced, dataset->destination,
					run.target_key);
	record_versions(run.id, listings, objects);
	foresee_purge(dataset, run.id, listings, objects, with_mfa);
	sfdw_unread_note(dataset, run.id, objects, listings);
	sfdw_lineage_record(run.id, gate);
	return SFDW_DISCOVERED;
}
