/*-------------------------------------------------------------------------
 * inputs.c
 *		The objects that a data set's query reads, and what is there of them
 *
 * Knows foreign tables and listings; nothing of runs.
 *-------------------------------------------------------------------------
 */
#include "dataset/inputs.h"

#include "fdw/table.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* schema.table, quoted as needed. */
static char *
relation_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

/* "a, b", where either may be NULL. */
static char *
join_names(char *names, char *name)
{
	if (names == NULL || name == NULL)
		return names == NULL ? name : names;
	return psprintf("%s, %s", names, name);
}

/* The object of that key. */
SfdwInputObject *
sfdw_inputs_find(List *objects, Oid server, const char *key)
{
	ListCell   *cell;

	foreach(cell, objects)
	{
		SfdwInputObject *object = lfirst(cell);

		if (object->server == server && strcmp(object->key, key) == 0)
			return object;
	}
	return NULL;
}

/* The objects of these tables. */
List *
sfdw_inputs_of(List *relations)
{
	List	   *objects = NIL;
	ListCell   *cell;

	foreach(cell, relations)
	{
		Oid			relid = lfirst_oid(cell);
		Oid			server = GetForeignTable(relid)->serverid;
		char	   *key = sfdw_table_key(relid);
		SfdwInputObject *object = sfdw_inputs_find(objects, server, key);

		if (object == NULL)
		{
			object = palloc0(sizeof(SfdwInputObject));
			object->server = server;
			object->key = key;
			objects = lappend(objects, object);
		}
		object->relations = join_names(object->relations, relation_name(relid));
		object->objects = join_names(object->objects, sfdw_table_object(relid));
	}
	return objects;
}

/* List one server's location. */
static SfdwListing *
list_server(Oid server, Oid user, SfdwStorageUse use)
{
	SfdwListing *listing = palloc0(sizeof(SfdwListing));

	listing->server = server;
	listing->server_name = GetForeignServer(server)->servername;
	listing->storage = sfdw_storage_open(server, user, use);
	listing->versions = sfdw_storage_list(listing->storage, "");
	return listing;
}

/* Set the current version of the objects that a listing has. */
static void
find_current(List *objects, const SfdwListing *listing)
{
	ListCell   *cell;

	foreach(cell, listing->versions)
	{
		SfdwVersion *version = lfirst(cell);
		SfdwInputObject *object;

		if (!version->is_latest || version->is_delete_marker)
			continue;
		object = sfdw_inputs_find(objects, listing->server, version->key);
		if (object != NULL)
			object->current = version;
	}
}

/* List every server once. */
List *
sfdw_inputs_list(List *objects, Oid user, SfdwStorageUse use)
{
	List	   *listings = NIL;
	List	   *servers = NIL;
	ListCell   *cell;

	foreach(cell, objects)
	{
		SfdwInputObject *object = lfirst(cell);

		servers = list_append_unique_oid(servers, object->server);
	}
	foreach(cell, servers)
	{
		SfdwListing *listing = list_server(lfirst_oid(cell), user, use);

		find_current(objects, listing);
		listings = lappend(listings, listing);
	}
	return listings;
}
