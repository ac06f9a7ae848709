/*-------------------------------------------------------------------------
 * module.c
 *		The library's entry point: it calls each room's initialisation
 *
 * Also where a lower room is given what it must not know by name: functions of
 * a higher one, as callbacks.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"
#include "core/fault.h"
#include "dataset/withhold.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* Called by PostgreSQL when the library is loaded. */
void
_PG_init(void)
{
#ifdef SFDW_FAULTS
	sfdw_fault_init();
#endif
	sfdw_withhold_init();
}
