/*-------------------------------------------------------------------------
 * readers.h
 *		Which other data sets still need a raw version
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_READERS_H
#define SFDW_READERS_H

#include "storage/storage.h"

/* Another data set, and the URL of an object that its query reads. */
typedef struct SfdwReader
{
	char	   *dataset;
	char	   *url;
} SfdwReader;

/* What the data sets other than this one read: a list of SfdwReader. */
extern List *sfdw_readers_besides(const char *dataset);

/*
 * The name of a data set that still needs this version (it is the newest of an
 * object that the data set reads and has not published yet, or an open run of
 * it is about to read it), or NULL.
 */
extern char *sfdw_readers_need(List *readers, SfdwStorage *storage,
							   const char *key, const char *version_id);

#endif							/* SFDW_READERS_H */
