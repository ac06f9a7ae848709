/*-------------------------------------------------------------------------
 * gate_selected.h
 *		The columns for which PostgreSQL itself checks the SELECT privilege
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_SELECTED_H
#define SFDW_GATE_SELECTED_H

#include "core/compat.h"
#include "nodes/bitmapset.h"
#include "nodes/parsenodes.h"

/*
 * Refuse the query, naming a column, when the columns that our walk has seen of
 * an entry of its range table (seen, by attnum) are not those that PostgreSQL
 * noted when it analyzed the query.
 */
extern void sfdw_gate_compare_selected(Query *query, int index,
									   Bitmapset *seen);

#endif							/* SFDW_GATE_SELECTED_H */
