/*-------------------------------------------------------------------------
 * run_pins.h
 *		The versions that a run pinned, for the scans of a statement
 *
 * Scans ask storage/pins.h which version to read; the answer comes from here:
 * the run that is materializing, else the GUC salesforce_fdw.snapshot
 * ('run:UUID'), else nobody pins anything and the current versions are read.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RUN_PINS_H
#define SFDW_RUN_PINS_H

#include "core/compat.h"

/*
 * Have scans read what this run pinned, until sfdw_run_pins_leave or the end
 * of the current (sub)transaction, whichever is first.
 */
extern void sfdw_run_pins_enter(const char *run);

/* Have them read what they did before. */
extern void sfdw_run_pins_leave(void);

/* Define the GUC and register the resolver; called once, from _PG_init. */
extern void sfdw_run_pins_init(void);

#endif							/* SFDW_RUN_PINS_H */
