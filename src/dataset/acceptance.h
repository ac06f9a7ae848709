/*-------------------------------------------------------------------------
 * acceptance.h
 *		Who accepted what, and under which policy
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ACCEPTANCE_H
#define SFDW_ACCEPTANCE_H

#include "dataset/gate.h"

/*
 * What is not in the policy any more ("- ...") and what is new in it ("+ ..."),
 * a line each (char *), against the one under which columns of the data set were
 * accepted last; NIL when it is the same, or none ever was.
 */
extern List *sfdw_acceptance_changes(SfdwGate *gate);

/* The fields (char *, "Object.Field") accepted under this hash. */
extern List *sfdw_acceptance_fields(const char *dataset, const char *hash);

/*
 * Record that the session's user accepts the columns for which the definition
 * gives a reason, and the policy under which he does; those recorded before are
 * left alone.  remark is the steward's own reason, or NULL.
 */
extern void sfdw_acceptance_record(SfdwGate *gate, const char *remark);

/* Whether user may accept: when stewards exist, only they can. */
extern bool sfdw_acceptance_is_steward(Oid user);

/*
 * Raise an error unless the current user may accept something of the data set,
 * and says why.  Where there are no stewards its owner may.
 */
extern void sfdw_acceptance_require(SfdwDataset *dataset, const char *reason);

#endif							/* SFDW_ACCEPTANCE_H */
