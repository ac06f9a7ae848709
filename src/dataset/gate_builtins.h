/*-------------------------------------------------------------------------
 * gate_builtins.h
 *		PostgreSQL's own functions that compute from their arguments alone
 *
 * All that read a relation, a file or a setting, or change with time, are left
 * out, and so is all that nobody thought of.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_BUILTINS_H
#define SFDW_GATE_BUILTINS_H

#include "core/compat.h"

/* The ways in which a query calls a function. */
typedef enum SfdwBuiltinKind
{
	SFDW_BUILTIN_FUNCTION,
	SFDW_BUILTIN_SET,			/* returns a set */
	SFDW_BUILTIN_AGGREGATE,
	SFDW_BUILTIN_WINDOW
} SfdwBuiltinKind;

/* Whether an object of any kind came with PostgreSQL. */
extern bool sfdw_gate_is_builtin(Oid object);

/* Whether the function is one of ours to let pass, called in that way. */
extern bool sfdw_gate_is_listed_builtin(Oid function, SfdwBuiltinKind kind);

#endif							/* SFDW_GATE_BUILTINS_H */
