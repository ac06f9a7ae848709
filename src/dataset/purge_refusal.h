/*-------------------------------------------------------------------------
 * purge_refusal.h
 *		Why nothing may be deleted from a raw location
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PURGE_REFUSAL_H
#define SFDW_PURGE_REFUSAL_H

#include "dataset/definition.h"

/*
 * Why nothing may be deleted from a server at that location (its location has
 * changed, or is not the confirmed one; its bucket keeps no versions, or wants
 * a device's code), or NULL.  *reason is the run's, as one word.
 */
extern char *sfdw_purge_refusal(SfdwDataset *dataset, const char *server,
								const char *location, const char **reason);

#endif							/* SFDW_PURGE_REFUSAL_H */
