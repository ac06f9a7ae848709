/*-------------------------------------------------------------------------
 * memory_pg.h
 *		Memory of a memory context, in the form that pure files take
 *
 * The context frees everything as a whole, so a pure file that is left in the
 * middle by an error of its caller leaks nothing.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_MEMORY_PG_H
#define SFDW_MEMORY_PG_H

#include "core/compat.h"
#include "core/memory.h"

/*
 * Memory out of context.  Its resize never throws: when PostgreSQL has no
 * memory, or size is beyond what PostgreSQL ever gives, it returns NULL.
 */
extern SfdwMemory sfdw_memory_pg(MemoryContext context);

/*
 * The same for secrets: what is given back, or is left behind when it grows,
 * is overwritten.
 */
extern SfdwMemory sfdw_memory_secret(MemoryContext context);

#endif							/* SFDW_MEMORY_PG_H */
