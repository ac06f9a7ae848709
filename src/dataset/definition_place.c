/*-------------------------------------------------------------------------
 * definition_place.c
 *		Where a data set may write, and what it may delete
 *
 * Compares locations of servers and folders of data sets; opens nothing.
 *-------------------------------------------------------------------------
 */
#include "dataset/definition_check.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "core/options.h"
#include "dataset/gate_objects.h"
#include "fdw/table.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/location.h"
#include "storage/storage.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"

#define WRAPPER_NAME "salesforce_fdw"

/*
 * The foreign tables (Oid) that a data set's view reads.  It may be somebody
 * else's, in a schema that the caller has no right on.
 */
static List *
input_tables(SfdwDataset *dataset)
{
	Oid			schema = get_namespace_oid(dataset->target_schema, true);
	Oid			view = !OidIsValid(schema) ? InvalidOid :
		get_relname_relid(sfdw_dataset_view_name(dataset), schema);

	return OidIsValid(view) ? sfdw_gate_foreign_tables(view) : NIL;
}

/* The servers (Oid) of those tables. */
static List *
input_servers(SfdwDataset *dataset)
{
	List	   *servers = NIL;
	ListCell   *cell;

	foreach(cell, input_tables(dataset))
		servers = list_append_unique_oid(servers,
										 GetForeignTable(lfirst_oid(cell))->serverid);
	return servers;
}

/* Raise an error when a folder overlaps with the raw location of a data set. */
static void
check_raw_locations(const char *folder, SfdwDataset *reader)
{
	ListCell   *cell;

	foreach(cell, input_servers(reader))
	{
		const char *location = sfdw_storage_location(lfirst_oid(cell));

		if (sfdw_storage_overlaps(folder, location))
			ereport(ERROR,
					errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("folder \"%s\" overlaps with raw location \"%s\" of data set \"%s\"",
						   folder, location, reader->name),
					errhint("Choose another destination or path."));
	}
}

/* Raise an error unless two data sets keep apart, in both directions. */
static void
check_against(SfdwDataset *dataset, const char *folder, SfdwDataset *other)
{
	char	   *other_folder = sfdw_dataset_folder(other);

	check_raw_locations(folder, other);
	if (other_folder == NULL)
		return;
	if (sfdw_storage_overlaps(folder, other_folder))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("folder \"%s\" overlaps with folder \"%s\" of data set \"%s\"",
					   folder, other_folder, other->name),
				errdetail("Each data set owns a folder: every file in it belongs to its table."),
				errhint("Choose another path."));
	check_raw_locations(other_folder, dataset);
}

/* A server of ours that the caller may use; else an error. */
static ForeignServer *
require_server(const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, false);

	if (server->fdwid != get_foreign_data_wrapper_oid(WRAPPER_NAME, false))
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("foreign server \"%s\" is not a server of foreign-data wrapper \"%s\"",
					   server->servername, WRAPPER_NAME));
	if (sfdw_server_aclcheck(server->serverid, GetUserId(), ACL_USAGE) != ACLCHECK_OK)
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("permission denied for foreign server %s",
					   server->servername));
	return server;
}

/* Raise an error unless the destination is a server that can take it. */
static void
check_destination(SfdwDataset *dataset)
{
	ForeignServer *server = require_server(dataset->destination);

	if (dataset->publish_versioned &&
		strcmp(sfdw_option_text(server->options, "catalog", "none"), "none") == 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("data set \"%s\" cannot be published in versions: destination \"%s\" has no catalog",
					   dataset->name, server->servername),
				errdetail("Only a catalog's table tells readers which version counts."));
}

/*
 * Raise an error when evidence would be written where exports are: a purge of
 * that location would delete it.
 */
static void
check_evidence(SfdwDataset *dataset)
{
	ForeignServer *server;
	char	   *folder;
	ListCell   *cell;

	if (dataset->evidence_server == NULL)
		return;
	server = require_server(dataset->evidence_server);
	folder = psprintf("%s%s", sfdw_storage_location(server->serverid),
					  sfdw_dataset_evidence_folder(dataset));
	check_raw_locations(folder, dataset);
	foreach(cell, sfdw_dataset_list())
		check_raw_locations(folder, lfirst(cell));
}

/* Writers of the table are kept out by the caller, so the list is complete. */
void
sfdw_dataset_check_folder(SfdwDataset *dataset)
{
	char	   *folder;
	ListCell   *cell;

	check_destination(dataset);
	check_evidence(dataset);
	folder = sfdw_dataset_folder(dataset);
	check_raw_locations(folder, dataset);
	foreach(cell, sfdw_dataset_list())
	{
		SfdwDataset *other = lfirst(cell);

		if (strcmp(other->name, dataset->name) != 0)
			check_against(dataset, folder, other);
	}
}

/* Raise an error about a raw location that cannot be purged. */
static void
refuse_purge(const char *location, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("cannot purge raw location \"%s\"", location),
			errdetail("%s", why));
}

/* The one location of all inputs. */
static const char *
raw_location(SfdwGate *gate)
{
	const char *location = NULL;
	ListCell   *cell;

	foreach(cell, gate->objects.inputs)
	{
		ForeignTable *table = GetForeignTable(lfirst_oid(cell));
		const char *next = sfdw_storage_location(table->serverid);

		if (location != NULL && strcmp(location, next) != 0)
			refuse_purge(location, "The query reads from more than one location.");
		location = next;
	}
	return location;
}

/* The foreign tables (Oid) of ours that read incremental exports. */
static List *
incremental_tables(void)
{
	Relation	catalog = table_open(ForeignTableRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0,
										  NULL);
	List	   *tables = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Oid			relid = ((Form_pg_foreign_table) GETSTRUCT(tuple))->ftrelid;

		if (sfdw_table_is_ours(relid) &&
			strcmp(sfdw_option_text(GetForeignTable(relid)->options, "export",
									"full"), "incremental") == 0)
			tables = lappend_oid(tables, relid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return tables;
}

/* Whether a foreign table of the data set's query reads this object. */
static bool
is_read(SfdwDataset *dataset, const char *url)
{
	ListCell   *cell;

	foreach(cell, input_tables(dataset))
	{
		Oid			relid = lfirst_oid(cell);
		char	   *read = sfdw_table_is_ours(relid) ? sfdw_table_url(relid) : NULL;

		if (read != NULL && strcmp(sfdw_storage_comparable(read), url) == 0)
			return true;
	}
	return false;
}

/*
 * Whether the purge would delete what a foreign table reads; where the name of
 * its file is left open, whatever lies in its location.
 */
static bool
is_purged(SfdwDataset *dataset, const char *location, Oid relid)
{
	char	   *url = sfdw_table_url(relid);

	if (url == NULL)
		return sfdw_storage_overlaps(location,
									 sfdw_storage_location(GetForeignTable(relid)->serverid));
	url = sfdw_storage_comparable(url);
	return dataset->purge == SFDW_PURGE_INPUTS ? is_read(dataset, url) :
		sfdw_storage_contains(location, url);
}

/*
 * Why foreign tables forbid it, or NULL: the data set's own, another one's or
 * nobody's, as long as the scope has the file in which they read.
 */
static const char *
table_obstacle(SfdwDataset *dataset, const char *location)
{
	ListCell   *cell;

	foreach(cell, incremental_tables())
		if (is_purged(dataset, location, lfirst_oid(cell)))
			return psprintf("foreign table \"%s\" reads incremental exports: each file is the only copy of its rows",
							get_rel_name(lfirst_oid(cell)));
	return NULL;
}

/* Whether a location overlaps with that of a server, if there is one. */
static bool
overlaps_server(const char *location, const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, true);

	return server != NULL &&
		sfdw_storage_overlaps(location, sfdw_storage_location(server->serverid));
}

/* Places whose files are certainly not all exports; their tables. */
const char *
sfdw_dataset_purge_obstacle(SfdwDataset *dataset, const char *location)
{
	SfdwLocation parts;
	SfdwStatus	status = {0};
	ListCell   *cell;

	if (!sfdw_location_parse(location, &parts, &status))
		return psprintf("as a location: %s", status.message);
	if (strcmp(parts.path, "/") == 0)
		return "it is the root of a bucket or of the file system";
	if (sfdw_storage_overlaps(location, psprintf("file://%s/", DataDir)))
		return "it overlaps with the data directory";
	foreach(cell, sfdw_dataset_list())
	{
		SfdwDataset *other = lfirst(cell);

		if (overlaps_server(location, other->destination))
			return psprintf("it overlaps with the destination of data set \"%s\"",
							other->name);
		if (overlaps_server(location, sfdw_dataset_evidence_server(other)))
			return psprintf("it overlaps with the evidence of data set \"%s\"",
							other->name);
	}
	return table_obstacle(dataset, location);
}

/* What was typed is compared byte by byte: it shows that somebody looked. */
void
sfdw_dataset_check_purge(SfdwDataset *dataset, SfdwGate *gate)
{
	const char *location;
	const char *obstacle;
	Oid			destination;

	if (dataset->purge == SFDW_PURGE_NONE)
		return;
	location = raw_location(gate);
	destination = sfdw_dataset_destination(dataset);
	obstacle = sfdw_storage_overlaps(location, sfdw_storage_location(destination)) ?
		"it overlaps with the destination" :
		sfdw_dataset_purge_obstacle(dataset, location);
	if (obstacle != NULL)
		refuse_purge(location, psprintf("%c%s.", pg_toupper(obstacle[0]),
										obstacle + 1));
	if (dataset->confirmed_location == NULL ||
		strcmp(dataset->confirmed_location, location) != 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("purging raw location \"%s\" must be confirmed", location),
				errdetail("Files below it are deleted, in every version, once they are published."),
				errhint("Pass the location, exactly as it stands here, as parameter \"confirm\"."));
}
