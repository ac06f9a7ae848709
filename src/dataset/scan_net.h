/*-------------------------------------------------------------------------
 * scan_net.h
 *		While a data set is materialized, scans read what its gate examined
 *
 * The gate examines queries and plans before they run.  What a trigger of the
 * target, or a listed function, reads by statements of its own is in neither:
 * so the scans themselves are asked, whoever began them.  A column that the
 * query reads through a transform alone can be read bare by those: it is known
 * that it may be scanned, not for whom.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SCAN_NET_H
#define SFDW_SCAN_NET_H

#include "dataset/gate.h"

/*
 * From here on, until leave, a scan of a foreign table of ours in this backend
 * that the gate's query does not read, or of a column that it does not touch
 * or may not, raises SFDW_ERRCODE_POLICY, naming it.  Leave also after an error.
 */
extern void sfdw_scan_net_enter(const SfdwGate *gate);
extern void sfdw_scan_net_leave(void);

/* Let one more query of the data set, a check's, through: its foreign tables
 * (Oid) and columns (SfdwLineage, judged). */
extern void sfdw_scan_net_allow(List *inputs, List *lineage);

/* Have scans ask; called once, from _PG_init. */
extern void sfdw_scan_net_init(void);

#endif							/* SFDW_SCAN_NET_H */
