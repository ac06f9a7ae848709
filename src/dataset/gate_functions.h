/*-------------------------------------------------------------------------
 * gate_functions.h
 *		Which functions, operators, casts, types and collations may be used
 *
 * All of PostgreSQL's own, none of anybody else's: those that compute from
 * their arguments alone.  What is not listed is refused by name.  A name means
 * the object in pg_catalog and nothing else.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_FUNCTIONS_H
#define SFDW_GATE_FUNCTIONS_H

#include "core/compat.h"
#include "nodes/primnodes.h"

/* Refuse the type unless it is known, or is an array of a known one. */
extern void sfdw_gate_check_type(Oid type);

/* Refuse the collation (InvalidOid passes) unless it is known. */
extern void sfdw_gate_check_collation(Oid collation);

/* Refuse the operator unless it is listed; its operands' types are the
 * caller's to check. */
extern void sfdw_gate_check_operator(Oid operator);

/* Refuse the call unless the function is listed or is a built-in cast. */
extern void sfdw_gate_check_call(FuncExpr *call);

/*
 * Refuse whatever function the node itself calls unless it is PostgreSQL's
 * own: the second look, with PostgreSQL's list of what calls functions.
 */
extern void sfdw_gate_check_functions_of(Node *node);

#endif							/* SFDW_GATE_FUNCTIONS_H */
