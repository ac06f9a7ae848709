/*-------------------------------------------------------------------------
 * quality.h
 *		The quality gates: is this result fit to replace the last one
 *
 * The definition's column "gates" maps a gate's name to a limit (where it has
 * none: to an action, "refuse", "warn" or "count"), or to {"limit": ...,
 * "action": ...}; what it leaves out has the default of quality.c.
 * create_dataset() has checked names and values.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_QUALITY_H
#define SFDW_QUALITY_H

#include "dataset/findings.h"

/*
 * Judge the result, which has rows and inputs; changed are the columns (char *)
 * whose type in the target is not the query's.  Adds a finding for each gate
 * that is not met.
 */
extern void sfdw_quality_judge(Jsonb *gates, const SfdwPrevious *previous,
							   List *changed, SfdwMaterialized *result);

/* What to do when a gate is not met: the definition's word, or the default. */
extern SfdwAction sfdw_quality_gate_action(Jsonb *gates, const char *name);

/* The action of that name; an error, naming gate or check, when it is none. */
extern SfdwAction sfdw_quality_action(const char *gate, const char *name);

#endif							/* SFDW_QUALITY_H */
