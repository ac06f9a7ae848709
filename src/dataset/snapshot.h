/*-------------------------------------------------------------------------
 * snapshot.h
 *		Of when the versions are that scans read
 *
 * Three things can say it, the first of them that does: what was entered here
 * (a run that materializes, one side of a comparison), and the GUC
 * salesforce_fdw.snapshot.  Otherwise scans read the current versions.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SNAPSHOT_H
#define SFDW_SNAPSHOT_H

#include "core/compat.h"
#include "dataset/run_record.h"
#include "datatype/timestamp.h"

typedef enum SfdwSnapshotKind
{
	SFDW_SNAPSHOT_CURRENT,		/* the current versions */
	SFDW_SNAPSHOT_RUN,			/* what a run pinned */
	SFDW_SNAPSHOT_TIME			/* what was current at a time */
} SfdwSnapshotKind;

typedef struct SfdwSnapshot
{
	SfdwSnapshotKind kind;
	char		run[SFDW_RUN_ID_LENGTH + 1];	/* SFDW_SNAPSHOT_RUN */
	TimestampTz time;			/* SFDW_SNAPSHOT_TIME */
} SfdwSnapshot;

/* The one that is entered with SFDW_SNAPSHOT_CURRENT, a time, or a run. */
extern SfdwSnapshot sfdw_snapshot_current(void);
extern SfdwSnapshot sfdw_snapshot_of_time(TimestampTz time);
extern SfdwSnapshot sfdw_snapshot_of_run(const char *run);

/*
 * Have scans read this snapshot, whatever the GUC says, until sfdw_snapshot_leave
 * or the abort of the present (sub)transaction, whichever is first.  Snapshots
 * nest: leaving one has scans read what they did before it was entered.
 */
extern void sfdw_snapshot_enter(SfdwSnapshot snapshot);
extern void sfdw_snapshot_leave(void);

/*
 * The snapshot that holds now.  A time without a zone is taken in the session's
 * TimeZone as it is now; an error (ERRCODE_INVALID_DATETIME_FORMAT) when a
 * change of DateStyle made it none.
 */
extern SfdwSnapshot sfdw_snapshot_get(void);

/* Its name for people: "", "run:UUID" or a time. */
extern const char *sfdw_snapshot_name(void);

/* Define the GUC; called once, from _PG_init. */
extern void sfdw_snapshot_init(void);

#endif							/* SFDW_SNAPSHOT_H */
