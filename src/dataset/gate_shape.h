/*-------------------------------------------------------------------------
 * gate_shape.h
 *		The gate's first net: the shape of a query
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_SHAPE_H
#define SFDW_GATE_SHAPE_H

#include "core/compat.h"
#include "nodes/parsenodes.h"

/* What a query may give. */
typedef enum SfdwQueryShape
{
	SFDW_SHAPE_ROWS,			/* one row for each row of the joined tables */
	SFDW_SHAPE_COUNT			/* one row of counts: no value can come out */
} SfdwQueryShape;

/*
 * Refuse the query unless it is one plain SELECT over relations and joins, and
 * every node in it is known: clauses, range table, expressions, types,
 * functions, operators, collations.  What the relations are is not looked at.
 */
extern void sfdw_gate_check_shape(Query *query, SfdwQueryShape shape);

#endif							/* SFDW_GATE_SHAPE_H */
