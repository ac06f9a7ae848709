/*-------------------------------------------------------------------------
 * buffer.c
 *		A growing array of bytes with a limit
 *
 * Pure.  See buffer.h.
 *-------------------------------------------------------------------------
 */
#include "core/buffer.h"

#include <string.h>

/* The first reservation; small, since a file has one buffer a column. */
#define INITIAL_CAPACITY 256

/* Start an empty buffer. */
void
sfdw_buffer_init(SfdwBuffer *buffer, const SfdwMemory *memory, size_t limit)
{
	memset(buffer, 0, sizeof(*buffer));
	buffer->memory = memory;
	buffer->limit = limit;
}

/* The capacity to ask for when needed bytes must fit. */
static size_t
next_capacity(const SfdwBuffer *buffer, size_t needed)
{
	size_t		capacity = buffer->capacity ? buffer->capacity : INITIAL_CAPACITY;

	while (capacity < needed)
		capacity = capacity > buffer->limit / 2 ? buffer->limit : capacity * 2;
	return capacity;
}

/* Make room for extra more bytes. */
bool
sfdw_buffer_reserve(SfdwBuffer *buffer, size_t extra, SfdwStatus *status)
{
	size_t		capacity;
	void	   *data;

	if (extra <= buffer->capacity - buffer->length)
		return true;
	if (extra > buffer->limit - buffer->length)
		return sfdw_fail(status, SFDW_TOO_LARGE, buffer->length,
						 "more than %zu bytes", buffer->limit);
	capacity = next_capacity(buffer, buffer->length + extra);
	data = buffer->memory->resize(buffer->memory->context, buffer->data,
								  capacity);
	if (data == NULL)
		return sfdw_fail(status, SFDW_OUT_OF_MEMORY, buffer->length,
						 "no memory for %zu bytes", capacity);
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

/* Append length bytes. */
bool
sfdw_buffer_append(SfdwBuffer *buffer, const void *data, size_t length,
				   SfdwStatus *status)
{
	if (!sfdw_buffer_reserve(buffer, length, status))
		return false;
	if (length > 0)
		memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	return true;
}

/* Forget the content and keep the memory. */
void
sfdw_buffer_reset(SfdwBuffer *buffer)
{
	buffer->length = 0;
}

/* Give the memory back. */
void
sfdw_buffer_free(SfdwBuffer *buffer)
{
	if (buffer->data != NULL)
		buffer->memory->resize(buffer->memory->context, buffer->data, 0);
	buffer->data = NULL;
	buffer->length = 0;
	buffer->capacity = 0;
}
