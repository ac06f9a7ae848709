/*-------------------------------------------------------------------------
 * place_write.h
 *		Become the owner of a place: write "_owner.json", on a condition
 *
 * Staged and promoted like a file that is published, so that of two databases
 * that do it at the same time one succeeds.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PLACE_WRITE_H
#define SFDW_PLACE_WRITE_H

#include "dataset/place_claim.h"

/*
 * Take one step of claiming the place of a run that begins, on condition that
 * nobody has: first the claim is written down, then, when that is committed,
 * the object is written.  SFDW_ERRCODE_NOT_OWNER when somebody has it.
 */
extern void sfdw_place_claim(SfdwRun *run);

/*
 * Take a place over, on condition that the object is what the place's listing
 * has; SFDW_ERRCODE_CONFLICT when it is not.  run, which may be NULL, is the
 * last that has published.  What the transaction does after that must not fail.
 */
extern void sfdw_place_take(SfdwPlace *place, const char *run,
							const SfdwTakeOver *over);

/* What the object says, as JSON text; NULL when it is not there or is none. */
extern char *sfdw_place_owner_text(SfdwPlace *place);

#endif							/* SFDW_PLACE_WRITE_H */
