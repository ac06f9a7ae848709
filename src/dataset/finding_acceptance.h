/*-------------------------------------------------------------------------
 * finding_acceptance.h
 *		Hits of detectors that somebody looked at, and let through
 *
 * A name that looks like an address, a reference that passes a check digit: the
 * record is known by its key, and the acceptance ends on a day that is said.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FINDING_ACCEPTANCE_H
#define SFDW_FINDING_ACCEPTANCE_H

#include "core/compat.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

typedef struct SfdwFindingAcceptance
{
	char	   *detector;
	char	   *column_name;
	char	   *key;			/* id of the record, in a column of class id */
} SfdwFindingAcceptance;

/* Those of a data set that hold now: a list of SfdwFindingAcceptance. */
extern List *sfdw_finding_acceptances(const char *dataset);

/* Whether a hit is among them; keys are the row's, an object of texts. */
extern bool sfdw_finding_is_accepted(List *acceptances, const char *detector,
									 const char *column_name, Jsonb *keys);

#endif							/* SFDW_FINDING_ACCEPTANCE_H */
