/*-------------------------------------------------------------------------
 * definition_arguments.h
 *		The arguments of create_dataset and alter_dataset
 *
 * Both functions have the same parameters in the same order; NULL means the
 * default for one and "unchanged" for the other.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DEFINITION_ARGUMENTS_H
#define SFDW_DEFINITION_ARGUMENTS_H

#include "dataset/definition.h"
#include "fmgr.h"

/* Which arguments were given that mean more than a column of the row. */
typedef struct SfdwDatasetArguments
{
	char	   *source_schema;	/* NULL: not given, as all below */
	char	   *query;
	char	   *target;			/* as typed */
	char	   *confirm;
	bool		accept_given;
	bool		gates_given;
	bool		sorted_by_given;
} SfdwDatasetArguments;

/* The data set's name, checked: it names a file and a table. */
extern char *sfdw_dataset_name_argument(FunctionCallInfo fcinfo);

/* Raise an error when an argument is NULL that has another default. */
extern void sfdw_dataset_require_arguments(FunctionCallInfo fcinfo);

/*
 * Apply the arguments that were given to a definition.  Raises an error for a
 * value that cannot be right whatever the query is.
 */
extern void sfdw_dataset_apply_arguments(SfdwDataset *dataset,
										 FunctionCallInfo fcinfo,
										 SfdwDatasetArguments *arguments);

#endif							/* SFDW_DEFINITION_ARGUMENTS_H */
