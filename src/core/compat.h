/*-------------------------------------------------------------------------
 * compat.h
 *		What differs between the supported PostgreSQL versions (15 to 18)
 *
 * The only file that may test PG_VERSION_NUM.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COMPAT_H
#define SFDW_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "salesforce_fdw needs PostgreSQL 15 or later"
#endif

/*
 * The library is compiled with hidden symbols; what PostgreSQL looks up by
 * name (SQL functions, _PG_init, the magic block) is marked with this.
 * PostgreSQL 16 and later mark these themselves.
 */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* One function for all kinds of objects came with 16. */
#if PG_VERSION_NUM >= 160000
#define sfdw_server_aclcheck(server, user, mode) \
	object_aclcheck(ForeignServerRelationId, server, user, mode)
#else
#define sfdw_server_aclcheck(server, user, mode) \
	pg_foreign_server_aclcheck(server, user, mode)
#endif

#endif							/* SFDW_COMPAT_H */
