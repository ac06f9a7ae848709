/*-------------------------------------------------------------------------
 * snapshot_pins.c
 *		Has scans read the versions of the snapshot that holds
 *
 * Hands the question which version is read to who knows: the pins of a run, or
 * what was current at a time.
 *-------------------------------------------------------------------------
 */
#include "dataset/snapshot_pins.h"

#include "dataset/as_of.h"
#include "dataset/run_pins.h"
#include "dataset/snapshot.h"
#include "storage/pins.h"

/* The version of a key. */
static bool
resolve(SfdwStorage *storage, const char *key, bool missing_ok,
		SfdwVersion **version)
{
	SfdwSnapshot snapshot = sfdw_snapshot_get();

	switch (snapshot.kind)
	{
		case SFDW_SNAPSHOT_RUN:
			return sfdw_run_pins_find(snapshot.run, storage->server, key,
									  missing_ok, version);
		case SFDW_SNAPSHOT_TIME:
			*version = sfdw_as_of_find(storage, key, snapshot.time, missing_ok);
			return true;
		case SFDW_SNAPSHOT_CURRENT:
			break;
	}
	return false;
}

/* The versions below a prefix. */
static bool
list(SfdwStorage *storage, const char *prefix, List **versions)
{
	SfdwSnapshot snapshot = sfdw_snapshot_get();

	switch (snapshot.kind)
	{
		case SFDW_SNAPSHOT_RUN:
			return sfdw_run_pins_list(snapshot.run, storage->server, prefix,
									  versions);
		case SFDW_SNAPSHOT_TIME:
			*versions = sfdw_as_of_list(storage, prefix, snapshot.time);
			return true;
		case SFDW_SNAPSHOT_CURRENT:
			break;
	}
	return false;
}

/* Have scans ask. */
void
sfdw_snapshot_pins_init(void)
{
	static const SfdwPinning callbacks = {resolve, list, sfdw_snapshot_name};

	sfdw_pins_set(&callbacks);
}
