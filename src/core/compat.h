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

/*
 * Marks every error that this library raises (ErrorData.domain), so that it
 * can be told from those of PostgreSQL, which may hold values.
 */
#undef TEXTDOMAIN
#define TEXTDOMAIN "salesforce_fdw"

#if PG_VERSION_NUM < 150000
#error "salesforce_fdw needs PostgreSQL 15 or later"
#endif

/* What EXPLAIN is printed with moved out of commands/explain.h. */
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

/*
 * The library is compiled with hidden symbols; what PostgreSQL looks up by
 * name (SQL functions, _PG_init, the magic block) is marked with this.
 * PostgreSQL 16 and later mark these themselves.
 */
#if PG_VERSION_NUM < 160000
#include "fmgr.h"

#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))

/* As in 16: the function itself is exported too, not only what describes it. */
#undef PG_FUNCTION_INFO_V1
#define PG_FUNCTION_INFO_V1(sfdw_function) \
extern PGDLLEXPORT Datum sfdw_function(PG_FUNCTION_ARGS); \
extern PGDLLEXPORT const Pg_finfo_record *CppConcat(pg_finfo_, sfdw_function)(void); \
const Pg_finfo_record * \
CppConcat(pg_finfo_, sfdw_function)(void) \
{ \
	static const Pg_finfo_record info = {1}; \
	return &info; \
} \
extern int	no_such_variable
#endif

/* The macros of varlena values left postgres.h with 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18 has another form of it, in front of the declaration. */
#if PG_VERSION_NUM >= 180000
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/* 18 has the collation, and no name for its OID. */
#if PG_VERSION_NUM >= 180000
#define POSIX_COLLATION_OID 951
#endif

/* One function for all kinds of objects came with 16. */
#if PG_VERSION_NUM >= 160000
#include "catalog/pg_foreign_server.h"
#define sfdw_server_aclcheck(server, user, mode) \
	object_aclcheck(ForeignServerRelationId, server, user, mode)
#else
#define sfdw_server_aclcheck(server, user, mode) \
	pg_foreign_server_aclcheck(server, user, mode)
#endif

#if PG_VERSION_NUM >= 160000
#include "catalog/pg_class.h"
#define sfdw_owns_relation(relation, user) \
	object_ownercheck(RelationRelationId, relation, user)
#else
#define sfdw_owns_relation(relation, user) \
	pg_class_ownercheck(relation, user)
#endif

/* ExecutorRun lost its last argument in 18. */
#if PG_VERSION_NUM >= 180000
#define sfdw_executor_run(desc) \
	ExecutorRun(desc, ForwardScanDirection, 0)
#else
#define sfdw_executor_run(desc) \
	ExecutorRun(desc, ForwardScanDirection, 0, true)
#endif

/*
 * Make a range-table entry of a view the subquery that it stands for, as the
 * rewriter does; since 16 the entry keeps the view for its permissions.
 */
#if PG_VERSION_NUM >= 160000
#define sfdw_forget_view(entry)		((entry)->inh = false)
#else
#define sfdw_forget_view(entry) \
	((entry)->relid = InvalidOid, (entry)->relkind = 0, \
	 (entry)->rellockmode = 0, (entry)->inh = false, \
	 (entry)->requiredPerms = 0, (entry)->checkAsUser = InvalidOid, \
	 (entry)->selectedCols = NULL)
#endif

/*
 * Whether COPY ... TO reads relations of this kind besides plain tables:
 * PostgreSQL 18 and later read materialized views.  Needs catalog/pg_class.h.
 */
#if PG_VERSION_NUM < 180000
#define sfdw_copies_relkind(relkind) false
#else
#define sfdw_copies_relkind(relkind) ((relkind) == RELKIND_MATVIEW)
#endif

/*
 * The role on whose behalf a ForeignScanState reads; InvalidOid is the current
 * user.  A view's owner, when the table is reached through a view.
 */
#if PG_VERSION_NUM < 160000
#define sfdw_scan_user(node) \
	(exec_rt_fetch(((ForeignScan *) (node)->ss.ps.plan)->scan.scanrelid, \
				   (node)->ss.ps.state)->checkAsUser)
#else
#define sfdw_scan_user(node) (((ForeignScan *) (node)->ss.ps.plan)->checkAsUser)
#endif

/* Round a timestamp to the precision of a type modifier; it cannot fail. */
#if PG_VERSION_NUM < 160000
#define sfdw_adjust_timestamp(timestamp, typmod) \
	AdjustTimestampForTypmod(timestamp, typmod)
#else
#define sfdw_adjust_timestamp(timestamp, typmod) \
	((void) AdjustTimestampForTypmod(timestamp, typmod, NULL))
#endif

/*
 * The one path of a foreign table: no outer path, nothing private.  17 added
 * the clauses that it takes care of, 18 the count of disabled nodes.
 */
#if PG_VERSION_NUM >= 180000
#define sfdw_foreignscan_path(root, rel, startup, total) \
	create_foreignscan_path(root, rel, NULL, (rel)->rows, 0, startup, total, \
							NIL, (rel)->lateral_relids, NULL, NIL, NIL)
#elif PG_VERSION_NUM >= 170000
#define sfdw_foreignscan_path(root, rel, startup, total) \
	create_foreignscan_path(root, rel, NULL, (rel)->rows, startup, total, \
							NIL, (rel)->lateral_relids, NULL, NIL, NIL)
#else
#define sfdw_foreignscan_path(root, rel, startup, total) \
	create_foreignscan_path(root, rel, NULL, (rel)->rows, startup, total, \
							NIL, (rel)->lateral_relids, NULL, NIL)
#endif

/*
 * Columns for which SELECT is checked: of the range-table entry itself, from 16
 * on of its permission info (parser/parse_relation.h).
 */
#if PG_VERSION_NUM < 160000
#define SFDW_SELECTED_COLUMNS(query, entry) ((entry)->selectedCols)
#else
#define SFDW_SELECTED_COLUMNS(query, entry) \
	(getRTEPermissionInfo((query)->rteperminfos, entry)->selectedCols)
#endif

/*
 * From 18 on, columns that are grouped by stand for an entry of their own,
 * which holds the expressions (parser/parsetree.h).
 */
#if PG_VERSION_NUM >= 180000
#define SFDW_IS_GROUP_ENTRY(entry)	((entry)->rtekind == RTE_GROUP)
#define SFDW_GROUP_EXPRESSIONS(entry) ((entry)->groupexprs)
#else
#define SFDW_IS_GROUP_ENTRY(entry)	((void) (entry), false)
#define SFDW_GROUP_EXPRESSIONS(entry) ((void) (entry), NIL)
#endif

/* Generated columns that are computed when they are read came with 18. */
#if PG_VERSION_NUM >= 180000
#define SFDW_IS_VIRTUAL_COLUMN(attribute) \
	((attribute)->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL)
#else
#define SFDW_IS_VIRTUAL_COLUMN(attribute) ((void) (attribute), false)
#endif

/* Entries OLD and NEW at the head of a view's range table, unused. */
#if PG_VERSION_NUM < 160000
#define SFDW_VIEW_HIDDEN_ENTRIES 2
#else
#define SFDW_VIEW_HIDDEN_ENTRIES 0
#endif

/*
 * A set of events that lives until it is freed.  Needs storage/latch.h and
 * utils/memutils.h.
 */
#if PG_VERSION_NUM >= 170000
#define sfdw_create_wait_event_set(size) CreateWaitEventSet(NULL, size)
#else
#define sfdw_create_wait_event_set(size) \
	CreateWaitEventSet(TopMemoryContext, size)
#endif

/* What a date of which parts were wrong came with 16.  Needs utils/datetime.h. */
#if PG_VERSION_NUM >= 160000
#define sfdw_decode_datetime(field, ftype, count, dtype, tm, fsec, tz) \
	DecodeDateTime(field, ftype, count, dtype, tm, fsec, tz, \
				   &(DateTimeErrorExtra) {0})
#else
#define sfdw_decode_datetime(field, ftype, count, dtype, tm, fsec, tz) \
	DecodeDateTime(field, ftype, count, dtype, tm, fsec, tz)
#endif

/* The name under which pg_stat_activity shows a wait; 15 and 16 have one. */
#if PG_VERSION_NUM >= 170000
#define sfdw_wait_event(name) WaitEventExtensionNew(name)
#else
#define sfdw_wait_event(name) PG_WAIT_EXTENSION
#endif

#endif							/* SFDW_COMPAT_H */
