/*-------------------------------------------------------------------------
 * ledger.h
 *		Statements on the ledger's tables, run as their owner
 *
 * The ledger (tables ledger_run, ledger_input, ...) is what a run remembers
 * from one commit to the next.  Nobody has INSERT on it: it is written only
 * from C, here, as the owner of the tables and with a search_path of our own.
 * Callers check roles, states and owners before; statements qualify the
 * tables, and what they use of pg_catalog is found first.
 *
 * A transaction that wrote to the ledger is committed durably, whatever the
 * session's synchronous_commit says: the purge depends on it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_LEDGER_H
#define SFDW_LEDGER_H

#include "core/compat.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* One parameter of a statement. */
typedef struct SfdwParam
{
	Oid			type;
	Datum		value;
	bool		is_null;
} SfdwParam;

/* A result, every value in its text form (NULL for null). */
typedef struct SfdwRows
{
	int			count;
	char	 ***values;			/* values[row][column], from 0 */
} SfdwRows;

/* Parameters; a NULL pointer is a null. */
extern SfdwParam sfdw_param_text(const char *value);
extern SfdwParam sfdw_param_int8(int64 value);
extern SfdwParam sfdw_param_bool(bool value);
extern SfdwParam sfdw_param_time(TimestampTz value);	/* 0: null */
extern SfdwParam sfdw_param_json(const char *value);

/* text[] of a list of char * (NULL elements are nulls). */
extern SfdwParam sfdw_param_texts(List *values);

/*
 * Run a statement that reads.  The rows are palloc'd in the current memory
 * context.
 */
extern SfdwRows sfdw_ledger_read(const char *sql, int count,
								 const SfdwParam *params);

/*
 * Run a statement that writes (or locks), with RETURNING or without; *affected
 * (which may be NULL) is the number of rows that it processed.
 */
extern SfdwRows sfdw_ledger_write(const char *sql, int count,
								  const SfdwParam *params, uint64 *affected);

/*
 * The row whose first columns are these keys, or NULL.  The rows are ordered by
 * them, COLLATE "C", and have no nulls there.
 */
extern char **sfdw_rows_find(const SfdwRows *rows, const char *const *keys,
							 int count);

/* Register what looks after the commits; called once, from _PG_init. */
extern void sfdw_ledger_init(void);

#endif							/* SFDW_LEDGER_H */
