/*-------------------------------------------------------------------------
 * buffer.h
 *		A growing array of bytes with a limit
 *
 * Pure.  A buffer belongs to whoever made it; its bytes come from the memory
 * given at the start and are given back by sfdw_buffer_free (or by dropping
 * that memory as a whole).  It grows by doubling.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_BUFFER_H
#define SFDW_BUFFER_H

#include "core/memory.h"
#include "core/status.h"

typedef struct SfdwBuffer
{
	const SfdwMemory *memory;
	char	   *data;			/* NULL while nothing was reserved */
	size_t		length;			/* bytes in use */
	size_t		capacity;		/* bytes reserved */
	size_t		limit;			/* bytes that it may ever hold */
} SfdwBuffer;

/* Start an empty buffer that may grow to limit bytes; cannot fail. */
extern void sfdw_buffer_init(SfdwBuffer *buffer, const SfdwMemory *memory,
							 size_t limit);

/*
 * Make room for extra more bytes behind those in use, without using them.
 * False with SFDW_TOO_LARGE beyond the limit, SFDW_OUT_OF_MEMORY when the
 * memory gives none; the content is kept in both cases.
 */
extern bool sfdw_buffer_reserve(SfdwBuffer *buffer, size_t extra,
								SfdwStatus *status);

/* Append length bytes; fails as sfdw_buffer_reserve does. */
extern bool sfdw_buffer_append(SfdwBuffer *buffer, const void *data,
							   size_t length, SfdwStatus *status);

/* Forget the content and keep the memory. */
extern void sfdw_buffer_reset(SfdwBuffer *buffer);

/* Give the memory back; the buffer is empty and usable again. */
extern void sfdw_buffer_free(SfdwBuffer *buffer);

#endif							/* SFDW_BUFFER_H */
