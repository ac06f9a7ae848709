/*-------------------------------------------------------------------------
 * gate_columns.h
 *		The gate's third net: which raw columns a query touches, and how
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_COLUMNS_H
#define SFDW_GATE_COLUMNS_H

#include "core/compat.h"
#include "nodes/parsenodes.h"

/*
 * The columns that the query touches, at any level: a list of SfdwLineage with
 * relid, attnum, roles, is_bare and outputs filled in, by relation and attnum.
 * A column of a table with children stands for that of each of them.  The
 * query's shape and its relations must have passed.  Refuses when our own walk
 * and PostgreSQL's selectedCols differ, naming the column.
 */
extern List *sfdw_gate_find_columns(Query *query);

#endif							/* SFDW_GATE_COLUMNS_H */
