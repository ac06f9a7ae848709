/*-------------------------------------------------------------------------
 * memory.h
 *		Memory that a pure file gets from its caller
 *
 * A backend gives memory of a memory context, a unit test gives malloc's, a
 * fault test gives some that runs out.  Nothing here throws: no memory is
 * NULL, and the pure file passes that on as SFDW_OUT_OF_MEMORY.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_MEMORY_H
#define SFDW_MEMORY_H

#include <stddef.h>

typedef struct SfdwMemory
{
	/*
	 * Make pointer (or NULL) size bytes large, its content kept, as realloc
	 * does; size 0 frees it and returns NULL.  NULL for another size means
	 * that there is no memory, and that pointer is as it was.
	 */
	void	   *(*resize) (void *context, void *pointer, size_t size);
	void	   *context;
} SfdwMemory;

#endif							/* SFDW_MEMORY_H */
