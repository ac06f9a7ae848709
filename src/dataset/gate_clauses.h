/*-------------------------------------------------------------------------
 * gate_clauses.h
 *		What a query's clauses do with its target entries
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_CLAUSES_H
#define SFDW_GATE_CLAUSES_H

#include "core/compat.h"
#include "nodes/parsenodes.h"

/*
 * SfdwColumnRole bits: SORT and GROUP, as ORDER BY, GROUP BY, DISTINCT and the
 * windows name the entry.
 */
extern uint32 sfdw_gate_clause_roles(Query *query, TargetEntry *entry);

#endif							/* SFDW_GATE_CLAUSES_H */
