/*-------------------------------------------------------------------------
 * gate_rewrite.h
 *		A query as the executor will see it
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_REWRITE_H
#define SFDW_GATE_REWRITE_H

#include "core/compat.h"
#include "dataset/definition.h"
#include "nodes/parsenodes.h"

/*
 * The query with every view replaced by what it stands for, its relations
 * locked.  Scribbles on query.  What comes back is what is examined, and what
 * is executed.
 */
extern Query *sfdw_gate_rewrite(SfdwDataset *dataset, Query *query);

/* The same of a definition's view, which must be security_invoker. */
extern Query *sfdw_gate_query_of_view(SfdwDataset *dataset, Oid view);

#endif							/* SFDW_GATE_REWRITE_H */
