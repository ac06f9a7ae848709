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
 * The columns that the query touches: a list of SfdwLineage with relid,
 * attnum, roles and outputs filled in, by relation and attnum.  The query's
 * shape must have passed.  Refuses when our own walk and PostgreSQL's
 * selectedCols differ, naming the column.
 */
extern List *sfdw_gate_find_columns(Query *query);

#endif							/* SFDW_GATE_COLUMNS_H */
