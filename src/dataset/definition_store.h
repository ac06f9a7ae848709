/*-------------------------------------------------------------------------
 * definition_store.h
 *		Write rows of salesforce_fdw.dataset
 *
 * Rights are the caller's to check before.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DEFINITION_STORE_H
#define SFDW_DEFINITION_STORE_H

#include "dataset/definition.h"

/*
 * Keep other writers of definitions out until the end of the transaction, so
 * that checks against all other data sets stay true.  Runs go on.
 */
extern void sfdw_dataset_lock_all(void);

/* Whether there is a data set of that name. */
extern bool sfdw_dataset_exists(const char *name);

/* Whether a run of the data set is open. */
extern bool sfdw_dataset_has_open_run(const char *name);

/* Insert the definition, or, when it exists, replace it. */
extern void sfdw_dataset_store(SfdwDataset *dataset, bool exists);


/* Delete the definition of that name, if there is one. */
extern void sfdw_dataset_delete(const char *name);

#endif							/* SFDW_DEFINITION_STORE_H */
