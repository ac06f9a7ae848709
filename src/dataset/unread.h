/*-------------------------------------------------------------------------
 * unread.h
 *		Raw objects that no data set reads
 *
 * They hold personal data like the others, and nobody misses them: a purge of
 * inputs never takes them.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_UNREAD_H
#define SFDW_UNREAD_H

#include "dataset/definition.h"
#include "dataset/inputs.h"

typedef struct SfdwUnread
{
	int64		count;			/* keys that have data */
	char	   *example;		/* the first one's URL; NULL: there is none */
	bool		accumulates;	/* this data set purges its inputs alone, and
								 * none purges the location of one of them */
} SfdwUnread;

/*
 * Count, in listings from sfdw_inputs_list, the objects that neither this data
 * set (objects: what it reads) nor another one reads.  Asks no storage.
 */
extern SfdwUnread sfdw_unread_count(SfdwDataset *dataset, List *objects,
									List *listings);

/*
 * Write the number to a run that begins; a WARNING and an event "unread" when
 * they accumulate.
 */
extern void sfdw_unread_note(SfdwDataset *dataset, const char *run,
							 List *objects, List *listings);

#endif							/* SFDW_UNREAD_H */
