/*-------------------------------------------------------------------------
 * fill.h
 *		Put the gated query's rows in the place of a target's
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FILL_H
#define SFDW_FILL_H

#include "dataset/redact.h"
#include "tcop/dest.h"

/* The columns of a target, in its order. */
typedef struct SfdwTargetColumns
{
	Oid			target;
	List	   *names;			/* char * */
	List	   *changed;		/* char *: those whose type is not the query's */
	Bitmapset  *keys;			/* 1-based: those that hold only record ids */
	Bitmapset  *amounts;		/* those that hold only business and system
								 * values */
	Bitmapset  *redacted;		/* text with a detector whose action is redact */
} SfdwTargetColumns;

/*
 * Compare the target with what the query gives.  Raises
 * SFDW_ERRCODE_QUALITY when their columns' names or order differ.  Only text
 * can be redacted: in other columns, hits that should be are refused.
 */
extern SfdwTargetColumns *sfdw_fill_columns(SfdwGate *gate, Oid target);

/*
 * Raise an error that names the right on the target that the current user
 * lacks to replace its rows, or the policies that would hide some.
 */
extern void sfdw_fill_require_rights(Oid target);

/*
 * Delete all rows of the target and insert what the gate's query gives; it is
 * that Query which is planned, not its text.  Runs as the current user, inside
 * the current transaction; the caller has locked the target and required the
 * rights on it.  For the rest of the transaction, constraints are immediate.
 */
extern void sfdw_fill_replace(SfdwGate *gate, const SfdwTargetColumns *columns);

/*
 * Give all rows that the target then has to a receiver (not those of tables
 * that inherit from it, which are not exported either).
 */
extern void sfdw_fill_read(const SfdwTargetColumns *columns,
						   DestReceiver *receiver);

#endif							/* SFDW_FILL_H */
