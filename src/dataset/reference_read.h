/*-------------------------------------------------------------------------
 * reference_read.h
 *		Read text columns of a table that somebody keeps for a data set
 *
 * A table of names, or of values and what they are generalized to.  It is read
 * with the rights of the current user, under the snapshot of the statement that
 * asks, and stays locked until the transaction ends.  Row-level security must not
 * hide any of its rows.  Messages name the table and its columns, never a value.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_REFERENCE_READ_H
#define SFDW_REFERENCE_READ_H

#include "core/compat.h"
#include "nodes/pg_list.h"

/*
 * Lock the relation, and raise an error unless it is a table or a materialized
 * view without children that has these columns (char *), each of a type of
 * text, and the current user may select them.
 */
extern void sfdw_reference_require(Oid relid, List *columns);

/*
 * Call take for each row in which no column is null, with their values, which
 * are gone when it returns.  sfdw_reference_require must have passed.  With
 * ordered the rows come sorted by their bytes.
 */
extern void sfdw_reference_read(Oid relid, List *columns, bool ordered,
								void (*take) (void *context, char **values),
								void *context);

#endif							/* SFDW_REFERENCE_READ_H */
