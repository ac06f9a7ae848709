/*-------------------------------------------------------------------------
 * policy.h
 *		What an acceptance covers, and who accepted what
 *
 * The policy's hash is taken over all that somebody who accepts a column has
 * to judge by: the query and the views behind it with their names bound, the
 * class of every column that it touches and whether only through transforms, allow, accept, detectors, functions, reference tables.  When any
 * of it changes the hash does, and acceptances recorded under another hash do
 * not count.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_POLICY_H
#define SFDW_POLICY_H

#include "dataset/gate.h"

/* Hex SHA-256 of the policy, of a query that was analyzed. */
extern char *sfdw_policy_hash(SfdwGate *gate);

/* The fields (char *, "Object.Field") accepted under this hash. */
extern List *sfdw_policy_accepted(const char *dataset, const char *hash);

/*
 * Record that the session's user accepts the columns in lineage for which the
 * definition gives a reason; those recorded before are left alone.
 */
extern void sfdw_policy_record(SfdwDataset *dataset, const char *hash,
							   List *lineage);

/*
 * Raise ERRCODE_INSUFFICIENT_PRIVILEGE when stewards exist and user is none of
 * them: then only they can accept.
 */
extern void sfdw_policy_require_steward(Oid user);

#endif							/* SFDW_POLICY_H */
