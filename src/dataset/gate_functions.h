/*-------------------------------------------------------------------------
 * gate_functions.h
 *		Which functions, operators, casts, types and collations may be used
 *
 * Those of PostgreSQL's own that compute from their arguments alone, a few of
 * this extension, and the functions that the data set lists.  What is not
 * listed is refused by name.  A name means the object in pg_catalog and nothing
 * else.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_FUNCTIONS_H
#define SFDW_GATE_FUNCTIONS_H

#include "core/compat.h"
#include "dataset/gate_listed.h"
#include "nodes/primnodes.h"

/* Refuse the type unless it is known, or is an array of a known one. */
extern void sfdw_gate_check_type(Oid type);

/* Refuse the collation (InvalidOid passes) unless it is known. */
extern void sfdw_gate_check_collation(Oid collation);

/* Refuse the operator unless it is listed; its operands' types are the
 * caller's to check. */
extern void sfdw_gate_check_operator(Oid operator);

/*
 * Refuse the call unless the function is listed, here, by the data set or among
 * the extension's own, or is a built-in cast.
 */
extern void sfdw_gate_check_call(const SfdwListed *listed, FuncExpr *call);

/* The same for an aggregate, and for a window function. */
extern void sfdw_gate_check_aggregate(Oid aggregate);
extern void sfdw_gate_check_window(Oid function);

/* Refuse the function of a window's RANGE (InvalidOid passes) that is not
 * PostgreSQL's own. */
extern void sfdw_gate_check_range_function(Oid function);

/*
 * Refuse whatever function the node itself calls unless it is PostgreSQL's
 * own, the extension's or listed by the data set: the second look, with
 * PostgreSQL's list of what calls functions.
 */
extern void sfdw_gate_check_functions_of(const SfdwListed *listed, Node *node);

#endif							/* SFDW_GATE_FUNCTIONS_H */
