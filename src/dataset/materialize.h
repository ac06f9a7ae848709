/*-------------------------------------------------------------------------
 * materialize.h
 *		Replace the target's rows by the gated query's result
 *
 * One transaction: gate, DELETE, INSERT, detectors over every row as stored,
 * quality gates.  A refusal raises, so that yesterday's rows stay; what was
 * found is in the result that the caller passed in (allocated in its memory
 * context before the attempt), so that it can be recorded in the ledger after
 * the rollback.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_MATERIALIZE_H
#define SFDW_MATERIALIZE_H

#include "dataset/gate.h"
#include "dataset/row_changes.h"

/* What became of a finding or a gate. */
typedef enum SfdwAction
{
	SFDW_ACTION_COUNT,			/* noted only */
	SFDW_ACTION_ACCEPT,			/* would refuse, but these records were let
								 * through one by one */
	SFDW_ACTION_REDACT,			/* replaced by a mask before it was stored */
	SFDW_ACTION_WARN,
	SFDW_ACTION_REFUSE
} SfdwAction;

/* One detector's hits in one output column, or one quality gate's verdict. */
typedef struct SfdwFinding
{
	const char *kind;			/* "detector", "gate", "check"; "own_detector"
								 * says what a user's was */
	char	   *name;			/* detector, gate or check */
	char	   *column_name;	/* NULL for a gate or check */
	int64		count;			/* hits, or the figure that was judged, or how
								 * many names a gazetteer had */
	char	   *detail;			/* masked shape of the first hit
								 * ("aaa@aaa.aa"), or the limit; never a value */
	List	   *keys;			/* Jsonb *: id-class columns of the first 100
								 * rows with a hit */
	SfdwAction	action;
	bool		is_unredactable;	/* refused, since the column's type cannot
									 * be redacted */
} SfdwFinding;

/* What one foreign table gave. */
typedef struct SfdwInput
{
	Oid			relid;
	Oid			server;
	char	   *object;			/* Salesforce object */
	char	   *key;
	char	   *version_id;
	int64		size;			/* bytes */
	TimestampTz last_modified;
	int64		records;
	List	   *extra_fields;	/* char *: headers that the table lacks */
	List	   *missing_fields; /* char *: unread columns without a header */
} SfdwInput;

/* Figures of the last published run, for max_shrink; valid only if known. */
typedef struct SfdwPrevious
{
	bool		known;
	int64		rows;
} SfdwPrevious;

typedef struct SfdwMaterialized
{
	MemoryContext context;		/* everything below lives there */
	int64		rows;
	uint64		checksum;		/* order-independent; see rowsum.h */
	SfdwRowChanges changes;		/* against the rows that the target had */
	List	   *inputs;			/* SfdwInput */
	List	   *findings;		/* SfdwFinding */
} SfdwMaterialized;

/*
 * Replace the rows of the data set's target.  gate must have passed
 * sfdw_gate_require in this transaction.  Which versions are read is the
 * pins' business.  Raises SFDW_ERRCODE_DETECTED or SFDW_ERRCODE_QUALITY on a
 * refusal; any error of the query is raised again with SQLSTATE and position
 * only.  result->context must outlive the transaction's abort.
 */
extern void sfdw_materialize(SfdwGate *gate, const SfdwPrevious *previous,
							 SfdwMaterialized *result);

/*
 * Judge what sfdw_materialize would store, without storing it: the query is
 * run and its rows are read.  Raises only when that fails; refusals are
 * findings in the result.  A check that reads the target sees the rows that it
 * has now.
 */
extern void sfdw_materialize_dry(SfdwGate *gate, const SfdwPrevious *previous,
								 SfdwMaterialized *result);

#endif							/* SFDW_MATERIALIZE_H */
