/*-------------------------------------------------------------------------
 * definition_objects.h
 *		The view and the table of a data set, and shipped definitions
 *
 * Objects are made, replaced and dropped as the caller, with the caller's
 * rights and by the caller's search_path.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DEFINITION_OBJECTS_H
#define SFDW_DEFINITION_OBJECTS_H

#include "dataset/definition.h"

/* A definition that the extension brings along, for one source schema. */
typedef struct SfdwShipped
{
	char	   *query;
	char	   *table_comment;
	Jsonb	   *column_comments;	/* {"column": "comment"} */
	List	   *sorted_by;
	Jsonb	   *gates;			/* with what was given on top of it */
} SfdwShipped;

/*
 * The definition shipped under the data set's name, its names of schema and
 * target filled in, and the data set's gates laid over its own (but for checks
 * of the same name when renew: those hold the names from before).  NULL when
 * there is none of that name.
 */
extern SfdwShipped *sfdw_dataset_shipped(SfdwDataset *dataset,
										 const char *source_schema,
										 bool renew);

/*
 * Set target_schema and target_name from what was typed, or, for NULL, the
 * data set's name in the current schema.
 */
extern void sfdw_dataset_resolve_target(SfdwDataset *dataset,
										const char *target);

/*
 * Make the view of the definition; only_catalog: names of functions and
 * operators resolve in pg_catalog alone.
 */
extern void sfdw_dataset_create_view(SfdwDataset *dataset, bool only_catalog);

/* Drop the view, if it is there. */
extern void sfdw_dataset_drop_view(SfdwDataset *dataset);

/*
 * Make the target with the view's columns and the comments of shipped (or
 * NULL); one that exists is kept if it is a table of the caller's with exactly
 * these columns, else refused.
 */
extern void sfdw_dataset_create_target(SfdwDataset *dataset, Oid view,
									   SfdwShipped *shipped);

#endif							/* SFDW_DEFINITION_OBJECTS_H */
