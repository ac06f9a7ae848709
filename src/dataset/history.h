/*-------------------------------------------------------------------------
 * history.h
 *		Every version of a location's objects that there is or was known
 *
 * What a storage lists, and what runs have listed before and is not there any
 * more.  Without the second, a time at which a purged version was current would
 * seem to have an older one.  What nobody listed and somebody deleted, a
 * lifecycle rule of a bucket for one, leaves no trace.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_HISTORY_H
#define SFDW_HISTORY_H

#include "core/compat.h"
#include "storage/storage.h"

/* A version or delete marker of the past, or of now. */
typedef struct SfdwPast
{
	SfdwVersion version;
	bool		is_gone;		/* it cannot be read any more */
	char	   *purged_by;		/* the run that deleted it, or NULL */
	char	   *purged_at;		/* when, for people; NULL with the above */
	int			place;			/* in the storage's listing */
} SfdwPast;

/*
 * The history of the keys that start with prefix: a list of SfdwPast, by key
 * as bytes, the newest first within a key.  Of several of one moment, which S3
 * counts in seconds, the current one comes first, then those that are gone,
 * then the others as the storage lists them.
 */
extern List *sfdw_history_list(SfdwStorage *storage, const char *prefix);

/*
 * The entry of a key that was the newest at a time, out of what stands in the
 * list from first on; NULL when the key has none so old.  *next is the place
 * behind the key's entries.
 */
extern const SfdwPast *sfdw_history_at(List *history, int first,
									   TimestampTz time, int *next);

#endif							/* SFDW_HISTORY_H */
