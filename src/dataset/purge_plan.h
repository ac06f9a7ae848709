/*-------------------------------------------------------------------------
 * purge_plan.h
 *		What a purge would delete, and what would stay, and why
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PURGE_PLAN_H
#define SFDW_PURGE_PLAN_H

#include "dataset/gate.h"
#include "storage/storage.h"

typedef enum SfdwPurgeVerdict
{
	SFDW_PURGE_DELETE,			/* the next CALL deletes it */
	SFDW_PURGE_LATER,			/* once a run that lists it is published */
	SFDW_PURGE_KEEP
} SfdwPurgeVerdict;

/* One version that is there now. */
typedef struct SfdwPlannedVersion
{
	char	   *server;
	SfdwVersion *version;
	SfdwPurgeVerdict verdict;
	char	   *reason;
} SfdwPlannedVersion;

/*
 * Every version below the locations of the inputs, with what a purge would
 * make of it; listings is from sfdw_inputs_list, objects from sfdw_inputs_of.
 * Changes nothing.
 */
extern List *sfdw_purge_plan(SfdwDataset *dataset, List *objects,
							 List *listings);

/* The word for a verdict. */
extern const char *sfdw_purge_verdict_name(SfdwPurgeVerdict verdict);

#endif							/* SFDW_PURGE_PLAN_H */
