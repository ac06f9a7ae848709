/*-------------------------------------------------------------------------
 * module.c
 *		The library's entry point: it calls each room's initialisation
 *
 * Also where a lower room is given what it must not know by name: functions of
 * a higher one, as callbacks.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"
#include "copy/hook.h"
#include "copy/target.h"
#include "core/fault.h"
#include "dataset/definition.h"
#include "dataset/ledger.h"
#include "dataset/run_lock.h"
#include "dataset/scan_net.h"
#include "dataset/snapshot.h"
#include "dataset/snapshot_pins.h"
#include "dataset/withhold.h"
#include "fdw/stats.h"

#include "fmgr.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* Called by PostgreSQL when the library is loaded. */
void
_PG_init(void)
{
#ifdef SFDW_FAULTS
	sfdw_fault_init();
#endif
	sfdw_stats_init();
	sfdw_copy_init();
	sfdw_copy_set_owner(sfdw_dataset_owning_url);
	sfdw_withhold_init();
	sfdw_ledger_init();
	sfdw_run_lock_init();
	sfdw_snapshot_init();
	sfdw_snapshot_pins_init();
	sfdw_scan_net_init();

	/* A misspelt parameter of ours is not to be taken for another's. */
	MarkGUCPrefixReserved("salesforce_fdw");
}
