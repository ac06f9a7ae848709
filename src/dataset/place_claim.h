/*-------------------------------------------------------------------------
 * place_claim.h
 *		What the ledger knows of who owns a place: its claims
 *
 * A claim is a random name that a database gives to its becoming the owner of
 * one place.  It is written down before the object that names it, so that the
 * object is recognised after a crash.  Of a place, the newest claim counts.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PLACE_CLAIM_H
#define SFDW_PLACE_CLAIM_H

#include "dataset/json_owner.h"
#include "dataset/place.h"

typedef struct SfdwClaim
{
	char	   *number;			/* of its row */
	char	   *claim;			/* uuid */
	char	   *text;			/* of the object that names it */
	json_t	   *database;		/* the identity that claimed */
	bool		is_written;		/* the object was seen */
	char	   *version_id;		/* of the object when it was seen last; or NULL */
	char	   *manifest_version;	/* of the manifest that a take-over has
									 * settled; or NULL */
} SfdwClaim;

/* Why and over what a place is taken over; zeroed for a first claim. */
typedef struct SfdwTakeOver
{
	const char *reason;
	const char *replaced;		/* what the object said, if it was JSON */
	const char *manifest_version;
} SfdwTakeOver;

/* What an object that names an owner says it is. */
#define SFDW_CLAIM_PRODUCT "salesforce_fdw"

/* A change of the object that older versions would misread counts this up. */
#define SFDW_CLAIM_FORMAT 1

/* The newest claim of a place; NULL when there is none. */
extern SfdwClaim *sfdw_claim_load(SfdwPlace *place);

/* The data set's newest claim, of whatever place. */
extern SfdwClaim *sfdw_claim_load_any(const char *dataset);

/* The newest one of that name, of whatever place. */
extern SfdwClaim *sfdw_claim_find(const char *dataset, const char *claim);

/* Write down a new claim of this database; run, which may be NULL, is the last. */
extern SfdwClaim *sfdw_claim_add(SfdwPlace *place, const char *run,
								 const SfdwTakeOver *over);

/* Write down that a claim is that of another place as well: it was copied. */
extern SfdwClaim *sfdw_claim_copy(const SfdwClaim *claim, SfdwPlace *place);

/* Write down that the object was seen, and under which version. */
extern void sfdw_claim_seen(SfdwClaim *claim, const char *version_id);

/* Whether it was, of a place of the data set, since then and a moment ago. */
extern bool sfdw_claim_was_seen(const char *dataset, TimestampTz since);

/* Whether the place of a run that begins has no claim whose object was seen. */
extern bool sfdw_claim_is_missing(SfdwRun *run);

#endif							/* SFDW_PLACE_CLAIM_H */
