/*-------------------------------------------------------------------------
 * pins.h
 *		Which version of an object a statement reads
 *
 * A scan asks here before it opens an object.  Without anything else the
 * answer is the current version.  A run, or the GUC salesforce_fdw.snapshot,
 * pins versions through callbacks that are registered from a higher room, so
 * that this one knows nothing of runs.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PINS_H
#define SFDW_PINS_H

#include "storage/storage.h"

typedef struct SfdwPinning
{
	/*
	 * Set *version to the one to read of key, and return true; false when
	 * nothing pins this storage (then the current version is read).  A key
	 * that is pinned to nothing gives NULL when missing_ok, else an error that
	 * says why.
	 */
	bool		(*resolve) (SfdwStorage *storage, const char *key,
							bool missing_ok, SfdwVersion **version);

	/*
	 * Set *versions to the versions that are pinned and whose keys start with
	 * prefix, and return true; false when nothing pins this storage.
	 */
	bool		(*list) (SfdwStorage *storage, const char *prefix,
						 List **versions);

	/* What pins now, for people; "" when nothing does. */
	const char *(*name) (void);
} SfdwPinning;

/* Register the callbacks; called once, from _PG_init. */
extern void sfdw_pins_set(const SfdwPinning *callbacks);

/*
 * The version to read: the pinned one, else the current one; an error
 * (ERRCODE_UNDEFINED_FILE or SFDW_ERRCODE_SUPERSEDED, naming the URL) when
 * there is none.
 */
extern SfdwVersion *sfdw_pins_resolve(SfdwStorage *storage, const char *key);

/*
 * The same for a scan, whose statement lives as long as a memory context: all
 * scans of one statement get one version of a key, which lives as long too.
 */
extern SfdwVersion *sfdw_pins_resolve_for(MemoryContext statement,
										  SfdwStorage *storage,
										  const char *key);

/* The same, but NULL when there is none, also when others are pinned. */
extern SfdwVersion *sfdw_pins_find(SfdwStorage *storage, const char *key);

/*
 * All objects that a statement may see below prefix, one SfdwVersion each (the
 * pinned ones, else the current ones): what IMPORT and patterns look at.
 */
extern List *sfdw_pins_list(SfdwStorage *storage, const char *prefix);

/*
 * What decides now which versions are read: "run:UUID" or a time; "" stands
 * for the current versions.
 */
extern const char *sfdw_pins_name(void);

#endif							/* SFDW_PINS_H */
