/*-------------------------------------------------------------------------
 * wipe.c
 *		Overwrite secrets, also those that a library has copied
 *
 * Pure.  See wipe.h.
 *-------------------------------------------------------------------------
 */
#include "aws/wipe.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Stands before each chunk, and keeps it aligned for whatever comes there. */
typedef union Header
{
	size_t		size;			/* of the chunk */
	max_align_t alignment;
} Header;

/* Called through this, it cannot be known to have no effect. */
static void *(*const volatile overwrite) (void *, int, size_t) = memset;

/* Overwrite a secret. */
void
sfdw_wipe(void *data, size_t length)
{
	(void) overwrite(data, 0, length);
}

/* As malloc. */
void *
sfdw_wiping_malloc(size_t size)
{
	Header	   *header = size > SIZE_MAX - sizeof(Header) ? NULL :
		malloc(sizeof(Header) + size);

	if (header == NULL)
		return NULL;
	header->size = size;
	return header + 1;
}

/* As calloc. */
void *
sfdw_wiping_calloc(size_t count, size_t size)
{
	void	   *chunk = size > 0 && count > SIZE_MAX / size ? NULL :
		sfdw_wiping_malloc(count * size);

	return chunk == NULL ? NULL : memset(chunk, 0, count * size);
}

/* As free. */
void
sfdw_wiping_free(void *chunk)
{
	Header	   *header = chunk;

	if (chunk == NULL)
		return;
	header--;
	sfdw_wipe(chunk, header->size);
	free(header);
}

/* As realloc. */
void *
sfdw_wiping_realloc(void *chunk, size_t size)
{
	void	   *moved = sfdw_wiping_malloc(size);
	size_t		old_size = chunk == NULL ? 0 : ((Header *) chunk - 1)->size;

	if (moved == NULL)
		return NULL;
	if (chunk != NULL)
		memcpy(moved, chunk, old_size < size ? old_size : size);
	sfdw_wiping_free(chunk);
	return moved;
}

/* As strdup. */
char *
sfdw_wiping_strdup(const char *text)
{
	size_t		size = strlen(text) + 1;
	char	   *copy = sfdw_wiping_malloc(size);

	return copy == NULL ? NULL : memcpy(copy, text, size);
}
