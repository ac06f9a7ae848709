/*-------------------------------------------------------------------------
 * gate_generalize.h
 *		What a call of generalize() reads
 *
 * The table and its columns are constants of the call, so that they are known
 * before anything is read: to the gate they are columns that the query uses as
 * it uses those of its FROM.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_GENERALIZE_H
#define SFDW_GATE_GENERALIZE_H

#include "core/compat.h"
#include "access/attnum.h"
#include "nodes/nodes.h"

typedef struct SfdwGeneralize
{
	Node	   *value;			/* what is generalized */
	Oid			relid;
	AttrNumber	key_column;
	AttrNumber	value_column;
} SfdwGeneralize;

/*
 * Whether a node is such a call, and what it reads; the relation is locked.
 * Refuses (gate_refuse.h) one whose table or columns are no constants, or are
 * not there.
 */
extern bool sfdw_gate_generalize(Node *node, SfdwGeneralize *call);

#endif							/* SFDW_GATE_GENERALIZE_H */
