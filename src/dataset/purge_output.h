/*-------------------------------------------------------------------------
 * purge_output.h
 *		Whether what was published is still there when raw files are to go
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PURGE_OUTPUT_H
#define SFDW_PURGE_OUTPUT_H

#include "dataset/definition.h"
#include "datatype/timestamp.h"

/*
 * Why no raw version may be deleted, or NULL: readers have to have what the
 * data set's newest published run gave them.  A run that has published since
 * then has seen its object and is not asked about again.  *reason is
 * "rolled_back" when they have an earlier run's again, else "unpublished".
 */
extern char *sfdw_purge_output_refusal(SfdwDataset *dataset, TimestampTz since,
									   const char **reason);

#endif							/* SFDW_PURGE_OUTPUT_H */
