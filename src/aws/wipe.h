/*-------------------------------------------------------------------------
 * wipe.h
 *		Overwrite secrets, also those that a library has copied
 *
 * Pure.  Libraries copy keys and tokens into buffers of their own and free them
 * as they are.  The functions here are malloc's and its like for such a library
 * to use: what it gives back, or leaves behind when it grows, is overwritten.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_WIPE_H
#define SFDW_WIPE_H

#include <stddef.h>

/* Overwrite a secret in a way that no compiler leaves out. */
extern void sfdw_wipe(void *data, size_t length);

/* As the standard's; one's chunks are none of the other's. */
extern void *sfdw_wiping_malloc(size_t size);
extern void *sfdw_wiping_calloc(size_t count, size_t size);
extern void *sfdw_wiping_realloc(void *chunk, size_t size);
extern char *sfdw_wiping_strdup(const char *text);
extern void sfdw_wiping_free(void *chunk);

#endif							/* SFDW_WIPE_H */
