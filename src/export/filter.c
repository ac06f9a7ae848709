/*-------------------------------------------------------------------------
 * filter.c
 *		What makes one stream of bytes out of another
 *
 * Pure.  See filter.h.
 *-------------------------------------------------------------------------
 */
#include "export/filter.h"

#include <string.h>

/* Make a filter's memory. */
void *
sfdw_filter_create(const SfdwMemory *memory, size_t size,
				   const SfdwFilterOps *ops, SfdwStatus *status)
{
	SfdwFilter *filter = memory->resize(memory->context, NULL, size);

	if (filter == NULL)
	{
		sfdw_fail(status, SFDW_OUT_OF_MEMORY, 0, "no memory for a block");
		return NULL;
	}
	memset(filter, 0, size);
	filter->ops = ops;
	filter->memory = memory;
	return filter;
}

/* Give the next block. */
void
sfdw_filter_push(SfdwFilter *filter, const char *data, size_t length)
{
	filter->input = data;
	filter->input_length = length;
}

/* Say that there are no more. */
void
sfdw_filter_finish(SfdwFilter *filter)
{
	filter->input_length = 0;
	filter->is_last = true;
}

/* The next bytes. */
SfdwFilterResult
sfdw_filter_next(SfdwFilter *filter, const char **data, size_t *length,
				 SfdwStatus *status)
{
	SfdwFilterResult result = SFDW_FILTER_FAILED;

	if (filter->failure.code == SFDW_OK)
		result = filter->ops->next(filter, length);
	if (filter->failure.code != SFDW_OK)
	{
		*status = filter->failure;
		return SFDW_FILTER_FAILED;
	}
	if (result == SFDW_FILTER_DATA)
	{
		*data = filter->output;
		filter->given += *length;
	}
	return result;
}

/* Give everything back. */
void
sfdw_filter_free(SfdwFilter *filter)
{
	if (filter == NULL)
		return;
	filter->ops->release(filter);
	filter->memory->resize(filter->memory->context, filter, 0);
}
