/*-------------------------------------------------------------------------
 * adopt.h
 *		A run that the ledger lost, and whose manifest lies in the place
 *
 * Its bytes are where the manifest says, so the ledger can have it back: what
 * it published, and which versions it read.  What it listed besides is lost,
 * so nothing is purged for it: the next run lists what is left.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ADOPT_H
#define SFDW_ADOPT_H

#include "dataset/place.h"
#include "dataset/table_description.h"

/*
 * The run that readers of the place see, when the ledger does not have it as
 * published and its manifest and bytes are there: it gets a row of the ledger,
 * closed, and its id is returned.  NULL otherwise, with a WARNING when there is
 * such a manifest, but not the bytes.  *manifest_version becomes the version of
 * the manifest that was looked at, or NULL.
 */
extern char *sfdw_adopt_run(SfdwPlace *place, SfdwDataset *dataset,
							char **manifest_version);

/*
 * Raise SFDW_ERRCODE_NOT_OWNER when the catalog's table (facts->present) lies
 * in the folder of a run in versions that could be adopted.
 */
extern void sfdw_adopt_check_location(SfdwRun *run,
									  const SfdwTableFacts *facts);

#endif							/* SFDW_ADOPT_H */
