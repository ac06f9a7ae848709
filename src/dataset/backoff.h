/*-------------------------------------------------------------------------
 * backoff.h
 *		What a scheduler's CALL does not try again, and when it gives up
 *
 * A person who types CALL has it tried at once.  A scheduler calls whether or
 * not anything has changed: so for its CALLs alone
 *
 *	- an input that was refused is tried again after an hour, then after two,
 *	  four, eight and sixteen, and then no more.  A new export and a changed
 *	  definition are tried at once.  Meanwhile each CALL fails, and says why.
 *	- a run that cannot go on, and has not begun to publish, ends with the
 *	  fifth CALL that failed, so that it does not stand in the way of a newer
 *	  export.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_BACKOFF_H
#define SFDW_BACKOFF_H

#include "dataset/inputs.h"
#include "dataset/run_record.h"

/* Whether this session is a scheduler's: pg_cron's, or a background worker. */
extern bool sfdw_backoff_is_scheduled(void);

/*
 * Raise SFDW_ERRCODE_HELD_BACK when the data set's last runs were refused with
 * the same input, under the same definition, and it is too early for the next
 * one.  Every object must have a current version.
 */
extern void sfdw_backoff_check(const char *dataset, List *objects,
							   List *listings);

/*
 * Whether the data set's newest run is a refusal by the policy under the same
 * definition: another one would say the same once more.
 */
extern bool sfdw_backoff_is_refused_by_policy(const char *dataset);

/*
 * Whether a run that is open and has just failed (the failure not being
 * written yet) has failed too often to go on.
 */
extern bool sfdw_backoff_gives_up(const SfdwRun *run);

#endif							/* SFDW_BACKOFF_H */
