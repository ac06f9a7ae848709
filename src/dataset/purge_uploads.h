/*-------------------------------------------------------------------------
 * purge_uploads.h
 *		Unfinished uploads below a raw location
 *
 * Their parts are personal data as well, and no version that could be purged:
 * nobody but who began them knows whether they are still under way.  So a run
 * that purges tells of them.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PURGE_UPLOADS_H
#define SFDW_PURGE_UPLOADS_H

#include "storage/storage.h"

/*
 * List them, note them for the runs of the data set of which this transaction
 * has proved something purged there, and warn when there are any, or when one
 * may not ask.
 */
extern void sfdw_purge_note_uploads(const char *dataset, SfdwStorage *storage);

#endif							/* SFDW_PURGE_UPLOADS_H */
