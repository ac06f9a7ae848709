/*-------------------------------------------------------------------------
 * schedule.h
 *		The jobs of data sets in pg_cron
 *
 * salesforce_fdw.schedule() is SQL, and asks pg_cron as its caller.  Here is
 * what the caller may not do, or not see: settings of pg_cron that only
 * superusers are shown, jobs that other roles have, and taking away the job of
 * a data set that goes.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SCHEDULE_H
#define SFDW_SCHEDULE_H

#include "core/compat.h"

/*
 * Take the jobs of a data set out of pg_cron; how many there were.  0 where
 * pg_cron is not an extension of this database.
 */
extern int	sfdw_schedule_remove(const char *dataset);

/*
 * The same for a data set that is being dropped, with a warning when pg_cron
 * is in another database and has called the data set from there.
 */
extern void sfdw_schedule_drop(const char *dataset);

#endif							/* SFDW_SCHEDULE_H */
