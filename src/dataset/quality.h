/*-------------------------------------------------------------------------
 * quality.h
 *		The quality gates: is this result fit to replace the last one
 *
 * The definition's column "gates" maps a gate's name to a limit, to false
 * (off), or to {"limit": ..., "action": "warn" | "refuse"}; what it leaves out
 * has the default of quality.c.  Its key "checks" is the business of checks.h.
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

/*
 * The action that a JSON value asks for, fallback when it is not an object
 * with an "action"; an error, naming the gate, when it is none.
 */
extern SfdwAction sfdw_quality_action(const char *gate, JsonbValue *value,
									  SfdwAction fallback);

/* A string member of a JSON object, or NULL. */
extern char *sfdw_quality_member(JsonbValue *value, const char *key);

#endif							/* SFDW_QUALITY_H */
