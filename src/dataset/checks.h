/*-------------------------------------------------------------------------
 * checks.h
 *		Queries of a data set that count what should not be there
 *
 * "checks" in a definition's gates maps a name to a query that returns one
 * count, or to {"query": ..., "action": "warn" | "refuse"}; anything but 0 is
 * a finding.  The default action is refuse.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CHECKS_H
#define SFDW_CHECKS_H

#include "dataset/findings.h"

/*
 * Run the checks of the gate's data set, as the current user, after the target
 * was filled, and add a finding for each that does not return 0.  Raises
 * SFDW_ERRCODE_POLICY for a check that reads what the policy does not let pass.
 */
extern void sfdw_checks_run(SfdwGate *gate, SfdwMaterialized *result);

#endif							/* SFDW_CHECKS_H */
