/*-------------------------------------------------------------------------
 * gate_shape.h
 *		The gate's first net: the shape of a query
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_SHAPE_H
#define SFDW_GATE_SHAPE_H

#include "core/compat.h"
#include "dataset/gate_listed.h"
#include "nodes/parsenodes.h"

/*
 * Refuse the query unless it is a SELECT whose every part is known, at every
 * level: clauses, kinds of range-table entries and of expressions, types,
 * functions, operators, collations.  What its relations are is not looked at.
 * The query has been rewritten: a view is the subquery that it stands for.
 */
extern void sfdw_gate_check_shape(const SfdwListed *listed, Query *query);

#endif							/* SFDW_GATE_SHAPE_H */
