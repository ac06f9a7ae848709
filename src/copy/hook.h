/*-------------------------------------------------------------------------
 * hook.h
 *		COPY ... TO ... WITH (FORMAT parquet), and the room's initialisation
 *
 * The hook takes COPY statements with FORMAT parquet when the extension is
 * installed in the database and salesforce_fdw.enable_copy_hook is on;
 * everything else goes to the hook that was there before, or to PostgreSQL.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COPY_HOOK_H
#define SFDW_COPY_HOOK_H

#include "core/compat.h"

/* Define the GUC and install the hook; called once, from _PG_init. */
extern void sfdw_copy_init(void);

#endif							/* SFDW_COPY_HOOK_H */
