/*-------------------------------------------------------------------------
 * publish.h
 *		Give the verified object its final name, on a condition
 *
 * The condition is what the final key held when the run looked, and is
 * committed before the attempt.  An attempt whose answer nobody heard is
 * recognised by the bytes: the final key either has this run's, or not.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PUBLISH_H
#define SFDW_PUBLISH_H

#include "dataset/run_record.h"

/*
 * Look what the final key holds and write it down.  SFDW_ERRCODE_CONFLICT when
 * somebody changed what the last run had published.
 */
extern void sfdw_publish_prepare(SfdwRun *run);

/*
 * Promote.  SFDW_ERRCODE_CONFLICT when the final key holds something else than
 * expected and not this run's bytes.  With may_promote false only what was
 * promoted before is recognised; false when nothing was.
 */
extern bool sfdw_publish_promote(SfdwRun *run, bool may_promote);

/*
 * Whether the run has come so far that its bytes may be at the final key
 * although the ledger does not say so.
 */
extern bool sfdw_publish_is_begun(SfdwRun *run);

/*
 * Have the final key hold the run's bytes once more.  False when they are
 * nowhere any more; SFDW_ERRCODE_CONFLICT when it holds somebody else's.
 */
extern bool sfdw_publish_again(SfdwRun *run);

/* Whether the final key has the run's bytes. */
extern bool sfdw_publish_is_done(SfdwRun *run);

#endif							/* SFDW_PUBLISH_H */
