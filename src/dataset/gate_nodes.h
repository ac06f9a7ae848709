/*-------------------------------------------------------------------------
 * gate_nodes.h
 *		The first net's rules for one node of an expression
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_NODES_H
#define SFDW_GATE_NODES_H

#include "core/compat.h"
#include "dataset/gate_listed.h"
#include "nodes/parsenodes.h"

/*
 * Refuse a node of an expression that is not known, or that calls or is what
 * is not listed.  Does not look below it, nor at what a Var stands for.
 */
extern void sfdw_gate_check_node(const SfdwListed *listed, Node *node);

/* Refuse a column of an entry of a range table that is not one column. */
extern void sfdw_gate_check_var(Var *var, RangeTblEntry *entry);

#endif							/* SFDW_GATE_NODES_H */
