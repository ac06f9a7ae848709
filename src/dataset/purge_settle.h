/*-------------------------------------------------------------------------
 * purge_settle.h
 *		What becomes of runs when their purge has done what it could
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PURGE_SETTLE_H
#define SFDW_PURGE_SETTLE_H

#include "dataset/definition.h"

/* The states of runs that have published and registered. */
#define SFDW_PURGE_STATES "('registered', 'purge_pending', 'closed')"

/*
 * From the ledger: versions (i) of published runs (r) that the scope of the
 * data set (d), which is $1, covers; but not of runs that were adopted, whose
 * listing the ledger does not have: what they left goes with the next run.
 */
#define SFDW_PURGE_IN_SCOPE \
	" FROM salesforce_fdw.ledger_input i" \
	" JOIN salesforce_fdw.ledger_run r ON r.run = i.run" \
	" JOIN salesforce_fdw.dataset d ON d.name = r.dataset" \
	" WHERE r.dataset = $1" \
	" AND r.state IN " SFDW_PURGE_STATES " AND r.adopted IS NULL" \
	" AND (d.purge = 'location' OR (d.purge = 'inputs' AND i.is_input))"

/* The word for a scope. */
extern const char *sfdw_purge_scope_name(SfdwPurgeScope scope);

/*
 * Close every run whose purge is due and of which nothing is left, and leave
 * the others purge_pending, saying why.
 */
extern void sfdw_purge_settle(SfdwDataset *dataset);

/* Leave every run whose purge is due purge_pending, after an error. */
extern void sfdw_purge_postpone(const char *dataset, const char *message);

#endif							/* SFDW_PURGE_SETTLE_H */
