/*-------------------------------------------------------------------------
 * rowsum.h
 *		An order-independent checksum of a set of rows
 *
 * Each row is hashed over its columns' binary representation (64 bits), and
 * the hashes are added modulo 2^64, so that equal multisets of rows have equal
 * sums whatever their order.  Computed when the target is filled and again
 * when it is exported.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ROWSUM_H
#define SFDW_ROWSUM_H

#include "core/compat.h"
#include "executor/tuptable.h"
#include "nodes/bitmapset.h"

typedef struct SfdwRowSum SfdwRowSum;

/* Start a sum over rows of this shape, in the current memory context. */
extern SfdwRowSum *sfdw_rowsum_begin(TupleDesc desc);

/* Add one row and return its hash; allocates nothing that outlives the call. */
extern uint64 sfdw_rowsum_add(SfdwRowSum *sum, TupleTableSlot *slot);

/*
 * The hash of some columns of a row (1-based; of none of them: row, which is
 * its own hash then).
 */
extern uint64 sfdw_rowsum_key(SfdwRowSum *sum, TupleTableSlot *slot,
							  const Bitmapset *columns, uint64 row);

/* The sum so far, and the number of rows. */
extern uint64 sfdw_rowsum_value(const SfdwRowSum *sum);
extern int64 sfdw_rowsum_rows(const SfdwRowSum *sum);

/* A sum as people and the ledger see it: 16 hexadecimal digits, palloc'd. */
extern char *sfdw_rowsum_text(uint64 sum);

#endif							/* SFDW_ROWSUM_H */
