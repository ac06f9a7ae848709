/*-------------------------------------------------------------------------
 * table_description.h
 *		What a catalog is told about a published table
 *
 * JSON in the shape of Glue's TableInput: columns and types, where the files
 * are, that they are Parquet, and parameters by which ours are recognised.
 * What a steward wrote in the catalog (a description, comments, parameters of
 * his own) is kept.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_TABLE_DESCRIPTION_H
#define SFDW_TABLE_DESCRIPTION_H

#include "core/compat.h"
#include "catalog/pg_attribute.h"
#include "nodes/pg_list.h"

typedef struct SfdwTableFacts
{
	Oid			relid;			/* the target: columns, types, comments */
	const char *name;			/* of the table in the catalog */
	const char *location;		/* URL of the folder, ends in "/" */
	const char *dataset;
	const char *run;			/* the run that registers it */
	int64		rows;			/* that it published */
	const char *present;		/* what the catalog has; NULL: nothing */
	const char *written;		/* what we wrote last; NULL: not known */
	List	   *own_locations;	/* char *: where runs of the data set have
								 * published */
} SfdwTableFacts;

/*
 * The description to store, palloc'd; NULL when the catalog has it already
 * (but for the run that registered it).  Comments: what COMMENT ON says,
 * unless a steward changed the catalog's text since we wrote it and COMMENT ON
 * did not change.  ERRCODE_FEATURE_NOT_SUPPORTED for a type that the catalog
 * has no name for.
 */
extern char *sfdw_table_description(const SfdwTableFacts *facts);

/*
 * The table's columns as the catalog will have them, in one line ("accountid
 * string, created timestamp"): the form in which a file's footer is described.
 */
extern char *sfdw_table_columns(Oid relid);

/*
 * What the catalogs call a column's type, palloc'd;
 * ERRCODE_FEATURE_NOT_SUPPORTED when they have no name for it.
 */
extern char *sfdw_table_type_name(Form_pg_attribute attribute);

/*
 * The description that a run wrote, over what the catalog has now: columns and
 * location of then, texts and members of a steward as they are.  NULL when the
 * catalog has it already.
 */
extern char *sfdw_table_description_again(const char *written,
										  const SfdwTableFacts *facts);

/*
 * Raise SFDW_ERRCODE_CONFLICT when the catalog's table lies where none of the
 * data set's runs has published.
 */
extern void sfdw_table_check_location(const SfdwTableFacts *facts);

/*
 * The columns that the catalog has under another type than they will have, as
 * text ("\"created\" from date to timestamp"); NULL when there are none.
 */
extern char *sfdw_table_changed_types(const SfdwTableFacts *facts);

/* The location in a description; NULL when it has none. */
extern char *sfdw_table_location(const char *description);

#endif							/* SFDW_TABLE_DESCRIPTION_H */
