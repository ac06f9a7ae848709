/*-------------------------------------------------------------------------
 * pins.c
 *		Which version of an object a statement reads
 *
 * Asks the resolver first, which knows runs and snapshots, and then the
 * storage.
 *-------------------------------------------------------------------------
 */
#include "storage/pins.h"

static SfdwPinResolver pin_resolver = NULL;
static SfdwPinLister pin_lister = NULL;

/* Register the resolver. */
void
sfdw_pins_set_resolver(SfdwPinResolver resolver, SfdwPinLister lister)
{
	pin_resolver = resolver;
	pin_lister = lister;
}

/* The pinned version of a key, or NULL. */
static SfdwVersion *
pinned_version(SfdwStorage *storage, const char *key)
{
	if (pin_resolver == NULL || !OidIsValid(storage->server))
		return NULL;
	return pin_resolver(storage->server, key);
}

/* The version that a scan reads. */
SfdwVersion *
sfdw_pins_resolve(SfdwStorage *storage, const char *key)
{
	SfdwVersion *version = pinned_version(storage, key);

	if (version == NULL)
		version = sfdw_storage_find(storage, key);
	if (version == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_FILE),
				errmsg("object \"%s\" does not exist",
					   sfdw_storage_url(storage, key)));
	return version;
}

/* The version that a scan would read. */
SfdwVersion *
sfdw_pins_find(SfdwStorage *storage, const char *key)
{
	List	   *versions = NIL;
	ListCell   *cell;

	if (pin_lister == NULL || !OidIsValid(storage->server) ||
		!pin_lister(storage->server, key, &versions))
		return sfdw_storage_find(storage, key);
	foreach(cell, versions)
	{
		SfdwVersion *version = lfirst(cell);

		if (strcmp(version->key, key) == 0)
			return version;
	}
	return NULL;
}

/* All objects below prefix that a statement may see. */
List *
sfdw_pins_list(SfdwStorage *storage, const char *prefix)
{
	List	   *versions = NIL;
	ListCell   *cell;

	if (pin_lister != NULL && OidIsValid(storage->server) &&
		pin_lister(storage->server, prefix, &versions))
		return versions;
	foreach(cell, sfdw_storage_list(storage, prefix))
	{
		SfdwVersion *version = lfirst(cell);

		if (version->is_latest && !version->is_delete_marker)
			versions = lappend(versions, version);
	}
	return versions;
}
