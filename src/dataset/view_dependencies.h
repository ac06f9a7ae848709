/*-------------------------------------------------------------------------
 * view_dependencies.h
 *		What pg_depend says of a view
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_VIEW_DEPENDENCIES_H
#define SFDW_VIEW_DEPENDENCIES_H

#include "core/compat.h"
#include "nodes/pg_list.h"

/*
 * What the view's query refers to, as a list of ObjectAddress: a column is one
 * with its number.  PostgreSQL's own objects are not recorded, nor is the view.
 */
extern List *sfdw_view_dependencies(Oid view);

/* The view and every view that it reads, at any depth: Oids, each once. */
extern List *sfdw_view_with_views(Oid view);

#endif							/* SFDW_VIEW_DEPENDENCIES_H */
