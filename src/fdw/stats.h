/*-------------------------------------------------------------------------
 * stats.h
 *		What the planner is told of the columns of a foreign table
 *
 * Our tables are never analyzed, since statistics would keep values.  Instead
 * the planner gets, for the time of one plan, what the sample of the object
 * says: the share of NULLs, the width and the number of distinct values, and
 * no value.  Without this two exports that are joined on an id would look as
 * if each id occurred often.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_STATS_H
#define SFDW_STATS_H

#include "core/compat.h"

/* Install the hook that the planner asks; called once, from _PG_init. */
extern void sfdw_stats_init(void);

#endif							/* SFDW_STATS_H */
