/*-------------------------------------------------------------------------
 * gate_listed.h
 *		What a data set lists: reference tables and functions of users
 *
 * Both are kept by name, so that they survive a dump: a table with the class
 * of each column that may be used, a function by its signature with a hash of
 * its definition.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_GATE_LISTED_H
#define SFDW_GATE_LISTED_H

#include "core/compat.h"
#include "dataset/definition.h"
#include "export/field_class.h"
#include "utils/array.h"

/* What the walks over one query let pass beside what is ours or built in. */
typedef struct SfdwListed
{
	Oid			table;			/* read as it is (the target, by a check), or
								 * InvalidOid */
	List	   *relations;		/* Oid of each reference table */
	List	   *functions;		/* Oid of each function */
} SfdwListed;

/*
 * Look up what the data set lists.  Raises SFDW_ERRCODE_POLICY, naming it, for
 * a function that is gone, has changed or may no longer be listed; a table that
 * is gone is left out: nothing can read it.
 */
extern SfdwListed *sfdw_listed_resolve(SfdwDataset *dataset);

/* The class that the data set gives to a column of a reference table. */
extern SfdwClass sfdw_listed_class(SfdwDataset *dataset, Oid relid,
								   const char *column);

/*
 * Each function of a regprocedure[] as it is stored, "signature hash" (char *).
 * Raises ERRCODE_INVALID_PARAMETER_VALUE for one that cannot be listed.
 */
extern List *sfdw_listed_store_functions(ArrayType *functions);

/*
 * Raise ERRCODE_INVALID_PARAMETER_VALUE, or one that names what is missing,
 * unless reference_tables is {"schema.table": {"column": "class"}} over tables
 * that exist and may be listed.
 */
extern void sfdw_listed_check_tables(SfdwDataset *dataset);

#endif							/* SFDW_GATE_LISTED_H */
