/*-------------------------------------------------------------------------
 * pins.h
 *		Which version of an object a statement reads
 *
 * A scan asks here before it opens an object.  Without anything else the
 * answer is the current version.  A run, or the GUC salesforce_fdw.snapshot,
 * pins versions through a resolver that module.c registers, so that this room
 * knows nothing of runs.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PINS_H
#define SFDW_PINS_H

#include "storage/storage.h"

/*
 * The version to read of key in the storage of server, or NULL when the
 * resolver does not pin this server (then the current version is read).  When
 * the server is pinned but the key is not among its pins, the resolver raises.
 */
typedef SfdwVersion *(*SfdwPinResolver) (Oid server, const char *key);

/*
 * Set *versions to the versions that are pinned in the storage of server and
 * whose keys start with prefix, and return true; false when the server is not
 * pinned.
 */
typedef bool (*SfdwPinLister) (Oid server, const char *prefix,
							   List **versions);

/* Register both; called once, from _PG_init. */
extern void sfdw_pins_set_resolver(SfdwPinResolver resolver,
								   SfdwPinLister lister);

/*
 * The version that a scan reads: the pinned one, else the current one; an
 * error (ERRCODE_UNDEFINED_FILE, naming the URL) when there is none.
 */
extern SfdwVersion *sfdw_pins_resolve(SfdwStorage *storage, const char *key);

/* The same, but NULL when there is none, also when others are pinned. */
extern SfdwVersion *sfdw_pins_find(SfdwStorage *storage, const char *key);

/*
 * All objects that a statement may see below prefix, one SfdwVersion each (the
 * pinned ones, else the current ones): what IMPORT and patterns look at.
 */
extern List *sfdw_pins_list(SfdwStorage *storage, const char *prefix);

#endif							/* SFDW_PINS_H */
