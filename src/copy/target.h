/*-------------------------------------------------------------------------
 * target.h
 *		Where a user's COPY goes: its URL and its words become a target
 *
 * Knows options, storages and rights to write, and nothing of what is written.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COPY_TARGET_H
#define SFDW_COPY_TARGET_H

#include "copy/receiver.h"

/*
 * The name of what owns the folder in which an URL lies, so that users must
 * not write there, or NULL: a higher room knows.  The URL is as the storage
 * spells it.
 */
typedef char *(*SfdwCopyOwner) (const char *url);

/* Register the function that knows; called once, from _PG_init. */
extern void sfdw_copy_set_owner(SfdwCopyOwner owner);

/*
 * Open what a user's COPY or copy_to() writes to: check the words against the
 * options of COPY with FORMAT parquet, find the storage that the URL belongs
 * to (or take the one that the word "server" names), check that user may write
 * there, and that no data set owns the folder.  Raises an error otherwise;
 * nothing is made.
 */
extern void sfdw_copy_target_open(const char *url, List *words, Oid user,
								  SfdwCopyTarget *target);

#endif							/* SFDW_COPY_TARGET_H */
