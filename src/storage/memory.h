/*-------------------------------------------------------------------------
 * memory.h
 *		Storage in the backend's memory, for tests
 *
 * It behaves as an object store does where a folder does not: a key has many
 * versions, a deletion without a version would leave a delete marker, a
 * listing comes in small pages, promotion copies, and an effect may have
 * happened although the answer was lost.  memory://name/ lives until the
 * backend ends, and is not undone by a rollback.
 *
 * Only the test build (FAULTS=1) has this file.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_STORAGE_MEMORY_H
#define SFDW_STORAGE_MEMORY_H

#include "storage/storage.h"

/* Objects, versions included, that one page of a listing has. */
#define SFDW_MEMORY_PAGE_SIZE 3

/* What goes wrong the next time, once. */
typedef enum SfdwMemoryFault
{
	SFDW_MEMORY_NO_FAULT,
	SFDW_MEMORY_DELETE_FAILS,	/* still there, with a message */
	SFDW_MEMORY_DELETE_DONE_UNKNOWN,	/* deleted, reported as unknown */
	SFDW_MEMORY_DELETE_LOST_UNKNOWN,	/* not deleted, reported as unknown */
	SFDW_MEMORY_PROMOTE_DONE_UNKNOWN,	/* promoted, reported as unknown */
	SFDW_MEMORY_PROMOTE_LOST_UNKNOWN	/* not promoted, reported as unknown */
} SfdwMemoryFault;

/* Open memory://name/; made empty when it was not opened before. */
extern SfdwStorage *sfdw_memory_open(const char *location);

/* Make the next deletion of key, or promotion to it, go wrong. */
extern void sfdw_memory_plant(const char *location, const char *key,
							  SfdwMemoryFault fault);

/* Put a delete marker on a key, as a deletion without a version does. */
extern void sfdw_memory_mark_deleted(const char *location, const char *key);

#endif							/* SFDW_STORAGE_MEMORY_H */
