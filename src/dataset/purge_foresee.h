/*-------------------------------------------------------------------------
 * purge_foresee.h
 *		What a purge will not be able to delete, told before it is published
 *
 * A purge that is pending holds nothing back, so all of this is a WARNING, and
 * an event of the run.  Nothing is deleted or changed to find it out.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PURGE_FORESEE_H
#define SFDW_PURGE_FORESEE_H

#include "dataset/definition.h"
#include "dataset/inputs.h"

/*
 * Look at one listing of a run that purges: MFA delete (which is known), Object
 * Lock, legal holds and retentions of the versions in the purge's scope, and
 * whether the credentials may delete versions at all.
 */
extern void sfdw_purge_foresee(SfdwDataset *dataset, const char *run,
							   SfdwListing *listing, List *objects,
							   bool needs_mfa);

#endif							/* SFDW_PURGE_FORESEE_H */
