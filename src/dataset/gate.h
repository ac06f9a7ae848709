/*-------------------------------------------------------------------------
 * gate.h
 *		The privacy gate: what a data set's query touches, and may it
 *
 * Three nets, each refusing alone and by name, before a byte is read: the
 * query's shape, the objects that it depends on, the columns that it touches.
 * Whatever the walker does not know refuses.
 *
 * Call order: examine, then require (or look at the verdicts), then execute
 * exactly the Query that examine returned, in the same transaction, whose
 * locks examine took.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_H
#define SFDW_GATE_H

#include "dataset/definition.h"
#include "dataset/gate_objects.h"
#include "export/field_class.h"
#include "nodes/bitmapset.h"
#include "nodes/parsenodes.h"

/* How the query uses a raw column; bits, since it may do so in several ways. */
typedef enum SfdwColumnRole
{
	SFDW_ROLE_OUTPUT = 1 << 0,
	SFDW_ROLE_JOIN = 1 << 1,
	SFDW_ROLE_FILTER = 1 << 2,
	SFDW_ROLE_SORT = 1 << 3,
	SFDW_ROLE_GROUP = 1 << 4,	/* GROUP BY, DISTINCT, PARTITION BY, UNION */
	SFDW_ROLE_UNUSED = 1 << 5	/* a subquery reads it, and nobody uses it */
} SfdwColumnRole;

typedef enum SfdwVerdict
{
	SFDW_ALLOWED,				/* its class is allowed by the policy */
	SFDW_ACCEPTED,				/* let through with a recorded reason */
	SFDW_REFUSED
} SfdwVerdict;

/* One raw column that the query touches. */
typedef struct SfdwLineage
{
	Oid			relid;			/* the foreign table, or a reference table */
	AttrNumber	attnum;
	char	   *relation;		/* qualified, for people */
	char	   *column_name;
	char	   *object;			/* Salesforce object, from the table's option;
								 * "schema.table" of a reference table */
	char	   *field;			/* API name */
	SfdwClass	class;			/* the stricter of option and dictionary, or
								 * what the data set says */
	uint32		roles;			/* SfdwColumnRole bits */
	bool		is_bare;		/* in any of them not through a transform */
	Bitmapset  *outputs;		/* 1-based output columns that it reaches */
	SfdwVerdict verdict;
	char	   *reason;			/* why: the acceptance's reason, or the rule */
} SfdwLineage;

typedef struct SfdwGate
{
	SfdwDataset *dataset;
	Query	   *query;			/* the one examined; plan and execute a copy,
								 * without rewriting it again */
	SfdwListed *listed;			/* what the data set lists, as it is now */
	SfdwGateObjects objects;	/* the relations that the query reads */
	List	   *lineage;		/* SfdwLineage, by relation and attnum */
	int			refused;		/* how many columns are refused */
	List	   *own_detectors;	/* SfdwOwnDetector: those that it names */
	List	   *missing_detectors;	/* char *: named, and not there */
	List	   *policy;			/* its parts, as it stands now: char *, a name, a
								 * blank and what it is */
	char	   *policy_hash;	/* of all of them */
} SfdwGate;

/*
 * Examine the data set's definition as it stands now.  Raises
 * SFDW_ERRCODE_POLICY when the query's shape or an object in it is refused,
 * naming it; a refused column is a verdict in the lineage.  Reads no data.
 */
extern SfdwGate *sfdw_gate_examine(SfdwDataset *dataset);

/*
 * The same in two steps, for whoever records acceptances in between: analyze
 * gives no verdicts yet, judge gives them by the acceptances on record.
 */
extern SfdwGate *sfdw_gate_analyze(SfdwDataset *dataset);
extern void sfdw_gate_judge(SfdwGate *gate);

/* Raise SFDW_ERRCODE_POLICY, naming every refused column, if there is one. */
extern void sfdw_gate_require(SfdwGate *gate);

/* The same as a WARNING. */
extern void sfdw_gate_warn(SfdwGate *gate);

/*
 * Raise SFDW_ERRCODE_POLICY unless the plan, of a statement that the gate's
 * query is part of, reads nothing but what was examined, and target.
 */
extern void sfdw_gate_require_plan(SfdwGate *gate, PlannedStmt *plan,
								   Oid target);

/* The query of a check, examined. */
typedef struct SfdwGateCheck
{
	Query	   *query;			/* to plan and execute, without rewriting it
								 * again */
	SfdwGateObjects objects;	/* the relations that it reads */
	List	   *lineage;		/* SfdwLineage: the raw columns that it touches */
} SfdwGateCheck;

/*
 * Examine the query of a check: a SELECT of one count (bigint), over whatever a
 * data set may read and its target, whose names are all qualified.
 * Raises SFDW_ERRCODE_POLICY when the query or a column in it is refused.
 * What it reads is locked.  gate has been judged.
 */
extern SfdwGateCheck *sfdw_gate_examine_check(SfdwGate *gate, const char *name,
									  const char *query);

/* "allowed", "accepted", "refused". */
extern const char *sfdw_gate_verdict_name(SfdwVerdict verdict);

/* Names (char *) of the roles in a set of SfdwColumnRole bits. */
extern List *sfdw_gate_role_names(uint32 roles);

/* Names (char *) of the query's output columns with these numbers. */
extern List *sfdw_gate_output_names(SfdwGate *gate, Bitmapset *outputs);

#endif							/* SFDW_GATE_H */
