/*-------------------------------------------------------------------------
 * gate_objects.h
 *		The gate's second net: the objects that a query depends on
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_OBJECTS_H
#define SFDW_GATE_OBJECTS_H

#include "core/compat.h"
#include "nodes/parsenodes.h"

/*
 * Refuse the query unless every relation in it is a plain foreign table of
 * ours, or the one table named (InvalidOid: none); returns the foreign tables
 * (Oid), each once.
 */
extern List *sfdw_gate_check_relations(Query *query, Oid table);

/*
 * Refuse the view unless all that pg_depend says of it is a column of one of
 * the relations: built-in objects are not recorded there, so anything else is
 * somebody's own.
 */
extern void sfdw_gate_check_dependencies(Oid view, List *relations);

/* The foreign tables (Oid) that the view depends on, unlocked. */
extern List *sfdw_gate_foreign_tables(Oid view);

#endif							/* SFDW_GATE_OBJECTS_H */
