/*-------------------------------------------------------------------------
 * filter_feed.h
 *		Give a filter the next bytes of an input, in memory of their own
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FILTER_FEED_H
#define SFDW_FILTER_FEED_H

#include "export/filter.h"

#include <stdlib.h>
#include <string.h>

/* An input that is given away in parts; block is the last one. */
typedef struct Feed
{
	const char *data;
	size_t		length;
	size_t		position;
	char	   *block;
} Feed;

/* Push at most that many of the bytes that are left, or say that none are. */
static inline void
feed_next(Feed *feed, SfdwFilter *filter, size_t count)
{
	if (count > feed->length - feed->position)
		count = feed->length - feed->position;
	free(feed->block);
	feed->block = NULL;
	if (count == 0)
	{
		sfdw_filter_finish(filter);
		return;
	}
	feed->block = malloc(count);
	memcpy(feed->block, feed->data + feed->position, count);
	sfdw_filter_push(filter, feed->block, count);
	feed->position += count;
}

#endif							/* SFDW_FILTER_FEED_H */
