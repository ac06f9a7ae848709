/*-------------------------------------------------------------------------
 * quality.h
 *		The quality gates: is this result fit to replace the last one
 *
 * The definition's column "gates" maps a gate's name to a limit, to an action
 * ("refuse", "warn" or "count"), to false (off), or to {"limit": ...,
 * "action": ...}; what it leaves out has the default of quality.c.  Its key
 * "checks" is the business of checks.h.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_QUALITY_H
#define SFDW_QUALITY_H

#include "dataset/findings.h"

/* The key of "gates" that holds queries and not a gate. */
#define SFDW_GATES_CHECKS	"checks"

/*
 * Raise ERRCODE_INVALID_PARAMETER_VALUE unless every gate, limit and action
 * can be understood.
 */
extern void sfdw_quality_validate(Jsonb *gates);

/*
 * Judge the result, which has rows and inputs; changed are the columns (char *)
 * whose type in the target is not the query's.  Adds a finding for each gate
 * that is not met.
 */
extern void sfdw_quality_judge(Jsonb *gates, const SfdwPrevious *previous,
							   List *changed, SfdwMaterialized *result);

/* The action of that name; an error, naming gate or check, when it is none. */
extern SfdwAction sfdw_quality_action(const char *gate, const char *name);

#endif							/* SFDW_QUALITY_H */
