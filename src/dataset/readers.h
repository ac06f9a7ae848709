/*-------------------------------------------------------------------------
 * readers.h
 *		Which other data sets still need a raw version
 *
 * Several data sets may read one object, through other servers, schemas and
 * views.  A version may go once every one of them has published it or a newer
 * one, and once the time is over for which it defers its own purge.  Objects
 * are the same when their URLs are, whatever the servers are called.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_READERS_H
#define SFDW_READERS_H

#include "storage/storage.h"

/* An object that another data set reads. */
typedef struct SfdwReader SfdwReader;

/*
 * What the data sets other than this one read: a list of SfdwReader.  One whose
 * view is gone reads what its last run did; when it has not run since it was
 * defined so, it may read anything.
 */
extern List *sfdw_readers_besides(const char *dataset);

/*
 * Why another data set still needs this version, or NULL: it reads the object,
 * and has published neither this version nor a newer one; or an open run of it
 * is about to read it; or it keeps it until its own purge is due.  A delete
 * marker is needed by nobody.  Asks the ledger, and no storage.
 */
extern char *sfdw_readers_need(List *readers, SfdwStorage *storage,
							   const SfdwVersion *version);

/* Whether one of them reads this object. */
extern bool sfdw_readers_have(List *readers, SfdwStorage *storage,
							  const char *key);

#endif							/* SFDW_READERS_H */
