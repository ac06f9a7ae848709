/*-------------------------------------------------------------------------
 * statement.h
 *		Plan and run what a COPY statement, or copy_to(), exports
 *
 * Knows parse trees, the rewriter and the planner, and nothing of hooks.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COPY_STATEMENT_H
#define SFDW_COPY_STATEMENT_H

#include "core/compat.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"

/*
 * Carry out a COPY ... TO ... WITH (FORMAT parquet, ...) on behalf of the current
 * user; returns the number of rows.  The statement may be scribbled upon, so
 * pass a copy of one that must stay as it is.  location and length say where
 * it stands in source_text.
 */
extern uint64 sfdw_copy_statement_run(CopyStmt *statement,
									  const char *source_text,
									  int location, int length);

/*
 * Plan a raw query as COPY (query) TO does: privileges, row security and rules
 * apply, and anything that gives no rows is refused.  The raw tree is scribbled
 * upon.  relid, if valid, is a relation that the caller has locked and that the
 * plan must read.
 */
extern PlannedStmt *sfdw_copy_plan(RawStmt *raw, const char *source_text,
								   Oid relid);

#endif							/* SFDW_COPY_STATEMENT_H */
