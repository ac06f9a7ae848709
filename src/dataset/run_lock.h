/*-------------------------------------------------------------------------
 * run_lock.h
 *		One run of a data set at a time
 *
 * A lock of the session, since a run commits many times.  It goes away when
 * the CALL ends, when it fails (a transaction that aborts releases it), and
 * with the backend.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RUN_LOCK_H
#define SFDW_RUN_LOCK_H

#include "core/compat.h"

/*
 * Take the lock of a data set, or raise ERRCODE_LOCK_NOT_AVAILABLE naming the
 * process that has it and since when.  A session holds one at a time: one that
 * it still has for another data set is released.
 */
extern void sfdw_run_lock_take(const char *dataset);

/*
 * Keep others from running the data set until the end of the transaction, or
 * raise the same error.
 */
extern void sfdw_run_lock_exclude(const char *dataset);

/* Whether this session has the lock of that data set. */
extern bool sfdw_run_lock_held(const char *dataset);

/* Give it back; nothing to do when there is none. */
extern void sfdw_run_lock_release(void);

/* Register the callbacks; called once, from _PG_init. */
extern void sfdw_run_lock_init(void);

#endif							/* SFDW_RUN_LOCK_H */
