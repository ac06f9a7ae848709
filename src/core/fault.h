/*-------------------------------------------------------------------------
 * fault.h
 *		Points at which a test build can be made to die
 *
 * Every effect that outlives the backend (an object made, promoted, deleted,
 * a catalog entry replaced, a ledger commit) has a point before it and one
 * after it: SFDW_FAULT("storage.promote", "before").  In a release build they
 * are nothing.  In a test build (FAULTS=1) each point that is reached gets the
 * next number and is written to the trace file; at the number asked for the
 * backend kills itself with SIGKILL, raises an error, or runs a command (to
 * overwrite a raw file at that moment).  GUCs of the test build:
 *		salesforce_fdw.fault_at			number at which to act, 0 = never
 *		salesforce_fdw.fault_point		or "NAME WHEN": act there, each time
 *		salesforce_fdw.fault_action		"kill", "error", or "sh:COMMAND"
 *		salesforce_fdw.fault_trace		file that gets "NUMBER NAME WHEN" lines
 *		salesforce_fdw.fault_clock		file with seconds to add to the machine's
 *										clock, read whenever the time is asked
 * Numbers start at 1 with each session.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FAULT_H
#define SFDW_FAULT_H

#ifdef SFDW_FAULTS
#define SFDW_FAULT(name, when) sfdw_fault_reached(name, when)
#define SFDW_FAULT_CLOCK() sfdw_fault_clock()
extern void sfdw_fault_reached(const char *name, const char *when);

/* Seconds to add to the machine's clock. */
extern int64 sfdw_fault_clock(void);

/* Define the GUCs; called once, from _PG_init. */
extern void sfdw_fault_init(void);
#else
#define SFDW_FAULT(name, when) ((void) 0)
#define SFDW_FAULT_CLOCK() ((int64) 0)
#endif

#endif							/* SFDW_FAULT_H */
