/*-------------------------------------------------------------------------
 * gate_refuse.h
 *		How the gate says no to a query's shape or to an object in it
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_REFUSE_H
#define SFDW_GATE_REFUSE_H

#include "core/compat.h"
#include "access/attnum.h"
#include "nodes/nodes.h"

/*
 * Raise SFDW_ERRCODE_POLICY: "cannot use WHAT in a data set", with why (a
 * sentence) as the detail.  what names the thing: "view crm.v",
 * "function pg_catalog.table_to_xml(...)".
 */
extern void sfdw_gate_refuse(const char *what, const char *why)
			pg_attribute_noreturn();

/* A node in words ("a subquery"), or its number when there are none. */
extern char *sfdw_gate_node_name(Node *node);

/* A relation's qualified name, with what kind it is: "view crm.v". */
extern char *sfdw_gate_relation_name(Oid relid);

/* A column of a relation: "column raw.contact.email". */
extern char *sfdw_gate_column_name(Oid relid, AttrNumber attnum);

#endif							/* SFDW_GATE_REFUSE_H */
