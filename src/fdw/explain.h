/*-------------------------------------------------------------------------
 * explain.h
 *		What EXPLAIN says of a foreign scan
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_EXPLAIN_H
#define SFDW_EXPLAIN_H

#include "core/compat.h"
#include "commands/explain.h"
#include "nodes/execnodes.h"

/* Callback of the FdwRoutine. */
extern void sfdwExplainForeignScan(ForeignScanState *node,
								   struct ExplainState *es);

#endif							/* SFDW_EXPLAIN_H */
