/*-------------------------------------------------------------------------
 * policy.h
 *		What somebody who accepts a column has to judge by
 *
 * The query and the views behind it with their names bound, the class of every
 * column that it touches and whether transforms alone see it, allow, accept,
 * detectors and what those of users look for, functions, reference tables.  When any of it changes the hash does,
 * and acceptances recorded under another hash do not count.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_POLICY_H
#define SFDW_POLICY_H

#include "dataset/gate.h"

/*
 * Set gate->policy_hash (hex SHA-256) and gate->policy, of a query that was
 * analyzed and whose lineage was described.
 */
extern void sfdw_policy_compute(SfdwGate *gate);

#endif							/* SFDW_POLICY_H */
