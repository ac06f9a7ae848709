/*-------------------------------------------------------------------------
 * gate_own.h
 *		Which functions of this extension a data set's query may call
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_OWN_H
#define SFDW_GATE_OWN_H

#include "core/compat.h"

typedef enum SfdwOwnKind
{
	SFDW_OWN_NONE,				/* not ours, or not for queries */
	SFDW_OWN_PLAIN,				/* its result is as personal as its argument */
	SFDW_OWN_TRANSFORM			/* its result is not: see transform.c */
} SfdwOwnKind;

/* What the function is; a look-alike in another schema is none. */
extern SfdwOwnKind sfdw_gate_own_kind(Oid function);

/* Whether it is generalize(), the transform that reads a table. */
extern bool sfdw_gate_own_generalizes(Oid function);

#endif							/* SFDW_GATE_OWN_H */
