/*-------------------------------------------------------------------------
 * final_key.h
 *		Under which key a run will publish
 *
 * In place, readers read whatever lies in the data set's folder, so nothing
 * else may lie there.  The object that another job has left there alone is
 * taken over, name and all: it is replaced in one step, and its readers see
 * the old rows or the new.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FINAL_KEY_H
#define SFDW_FINAL_KEY_H

#include "dataset/place.h"

/*
 * The key, below the destination's location, for a run that begins in the data
 * set's place; palloc'd.
 * SFDW_ERRCODE_CONFLICT when the folder has objects that readers would read
 * beside it.
 */
extern char *sfdw_final_key(SfdwDataset *dataset, SfdwPlace *place,
							const char *run);

#endif							/* SFDW_FINAL_KEY_H */
