/*-------------------------------------------------------------------------
 * memory_pg.c
 *		Memory of a memory context, in the form that pure files take
 *
 * PostgreSQL 15 has no repalloc that does not throw, and no way to ask for a
 * chunk's usable size; so each chunk carries its own size in front, and growing
 * is a new chunk and a copy.
 *-------------------------------------------------------------------------
 */
#include "core/memory_pg.h"

#include "utils/memutils.h"

/* The room in front of each chunk, so that what follows stays aligned. */
#define HEADER_SIZE MAXALIGN(sizeof(size_t))

/* The size that a chunk was asked for. */
static size_t
chunk_size(const void *pointer)
{
	return *(const size_t *) ((const char *) pointer - HEADER_SIZE);
}

/* As realloc, without throwing; see core/memory.h. */
static void *
resize_chunk(void *context, void *pointer, size_t size)
{
	char	   *chunk = NULL;

	if (size > 0)
	{
		if (size > MaxAllocHugeSize - HEADER_SIZE)
			return NULL;
		chunk = MemoryContextAllocExtended((MemoryContext) context,
										   size + HEADER_SIZE,
										   MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
		if (chunk == NULL)
			return NULL;
		*(size_t *) chunk = size;
		chunk += HEADER_SIZE;
		if (pointer != NULL)
			memcpy(chunk, pointer, Min(size, chunk_size(pointer)));
	}
	if (pointer != NULL)
		pfree((char *) pointer - HEADER_SIZE);
	return chunk;
}

/* Likewise; the old chunk is overwritten, for which there is always a new one. */
static void *
resize_secret(void *context, void *pointer, size_t size)
{
	char	   *grown = NULL;

	if (size > 0)
	{
		grown = resize_chunk(context, NULL, size);
		if (grown == NULL)
			return NULL;
		if (pointer != NULL)
			memcpy(grown, pointer, Min(size, chunk_size(pointer)));
	}
	if (pointer != NULL)
	{
		explicit_bzero(pointer, chunk_size(pointer));
		(void) resize_chunk(context, pointer, 0);
	}
	return grown;
}

/* Bind the functions to a context. */
SfdwMemory
sfdw_memory_pg(MemoryContext context)
{
	return (SfdwMemory)
	{
		resize_chunk, context
	};
}

/* Bind those for secrets. */
SfdwMemory
sfdw_memory_secret(MemoryContext context)
{
	return (SfdwMemory)
	{
		resize_secret, context
	};
}
