/*-------------------------------------------------------------------------
 * place_owner.h
 *		Whether this database may change what a data set publishes
 *
 * The place, the folder that a data set publishes to, has one owner, a
 * database, which "_owner.json" in it names.  A database that is not the owner
 * publishes, registers, purges and sweeps nothing.  It is the owner when
 *
 *	its ledger has the claim that the object names (see place_claim.h),
 *	it is the very database that made that claim (see place_identity.h), and
 *	the run that the manifest beside the object names is in its ledger.
 *
 * The first tells a stranger, the second a copy (a restored dump, a base
 * backup, a promoted standby), the third a ledger that is older than what was
 * published.  So of two databases that nothing tells apart, copies of the same
 * disks, the one that publishes first remains the owner.
 *
 * Nobody owns a place without the object, unless the ledger says that there
 * was one.  The object is read only when it has another version than the one
 * that was seen last.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PLACE_OWNER_H
#define SFDW_PLACE_OWNER_H

#include "dataset/place.h"

/*
 * Why this database is not the owner, as a sentence, or NULL when it is, or
 * when there is none.  Changes nothing.
 */
extern char *sfdw_place_problem(SfdwPlace *place);

/*
 * Raise SFDW_ERRCODE_NOT_OWNER when there is such a reason; else write down in
 * the ledger that the object was seen.
 */
extern void sfdw_place_require(SfdwPlace *place);

/* The same by the ledger alone, which asks no storage: copies are found. */
extern void sfdw_place_require_here(const char *dataset);

/*
 * The same before raw versions of the data set go: asks the storage unless it
 * was asked since then, and a moment ago.
 */
extern void sfdw_place_require_lately(const char *dataset, TimestampTz since);

/* Raise it, for a reason. */
extern void sfdw_place_refuse(const char *dataset, const char *reason)
			pg_attribute_noreturn();

/*
 * In what the object differs from what the ledger says was written, or NULL;
 * *is_missing is set when it is not there.  Reads it in any case.
 */
extern char *sfdw_place_difference(SfdwPlace *place, bool *is_missing);

#endif							/* SFDW_PLACE_OWNER_H */
