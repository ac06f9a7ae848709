/*-------------------------------------------------------------------------
 * owner.h
 *		Act as the extension's owner for a few statements of our own
 *
 * Nobody but the extension's owner may write the tables of definitions and of
 * the ledger: C functions check the caller's rights first, then enter this
 * scope, run statements whose every name is qualified, and leave.  Nothing
 * that a user wrote (a query, a view, a type) may run inside.
 *
 * Call order: enter, SPI statements, leave.  The scope holds an SPI
 * connection.  An error in between undoes all of it with the transaction.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_OWNER_H
#define SFDW_OWNER_H

#include "core/compat.h"

typedef struct SfdwOwnerScope
{
	MemoryContext caller_context;	/* where the caller's results go */
	Oid			user;
	int			security_context;
	int			guc_level;
} SfdwOwnerScope;

/* The role that owns the extension, or InvalidOid when it is not created. */
extern Oid	sfdw_owner_role(void);

/*
 * Become the extension's owner, with search_path pg_catalog, pg_temp, and
 * connect to SPI.  An error when the extension is not created.
 */
extern void sfdw_owner_enter(SfdwOwnerScope *scope);

/* Disconnect, and become again who the caller was. */
extern void sfdw_owner_leave(SfdwOwnerScope *scope);

/*
 * Make names resolve in pg_catalog alone until the level that this returns is
 * ended with AtEOXact_GUC(true, level).
 */
extern int	sfdw_owner_plain_search_path(void);

/*
 * Run one statement inside the scope and return how many rows it gave (in
 * SPI_tuptable) or touched.  nulls as in SPI_execute_with_args.
 */
extern uint64 sfdw_owner_execute(const char *statement, int count,
								 Oid *types, Datum *values,
								 const char *nulls);

#endif							/* SFDW_OWNER_H */
