/*-------------------------------------------------------------------------
 * gate_shape.h
 *		The gate's first net: the shape of a query
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_SHAPE_H
#define SFDW_GATE_SHAPE_H

#include "core/compat.h"
#include "nodes/parsenodes.h"

/*
 * Refuse the query unless it is one plain SELECT over relations and joins, and
 * every node in it is known: clauses, range table, expressions, types,
 * functions, operators, collations.  What the relations are is not looked at.
 */
extern void sfdw_gate_check_shape(Query *query);

#endif							/* SFDW_GATE_SHAPE_H */
