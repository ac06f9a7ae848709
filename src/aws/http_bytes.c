/*-------------------------------------------------------------------------
 * http_bytes.c
 *		Bytes that a library's callbacks append to
 *-------------------------------------------------------------------------
 */
#include "aws/http_bytes.h"

/* Growing bytes start with this many. */
#define FIRST_SIZE	4096

/*
 * What is worth being kept, and how many: a reader frees one to ask for one,
 * whose answer it may come to only after it has freed the next.  Small answers
 * take none, or a reader would have to make one more.
 */
#define SPARE_SIZE	(1024 * 1024)
#define MAX_SPARES	4

static SfdwBytes spares[MAX_SPARES];
static int	spare_count = 0;
static int	user_count = 0;

/* Take kept ones that are large enough; false when there are none. */
static bool
take_spare(SfdwBytes *bytes, size_t size)
{
	for (int i = 0; i < spare_count; i++)
	{
		if (spares[i].size < size)
			continue;
		bytes->data = spares[i].data;
		bytes->size = spares[i].size;
		spares[i] = spares[--spare_count];
		return true;
	}
	return false;
}

/* As realloc; a secret is overwritten where it was. */
static char *
grow(SfdwBytes *bytes, size_t size)
{
	char	   *grown;

	if (!bytes->is_secret)
		return realloc(bytes->data, size);
	grown = malloc(size);
	if (grown == NULL || bytes->data == NULL)
		return grown;
	memcpy(grown, bytes->data, bytes->length);
	explicit_bzero(bytes->data, bytes->size);
	free(bytes->data);
	return grown;
}

/* Make room: exactly as much as is expected, or twice as much as before. */
static bool
make_room(SfdwBytes *bytes, size_t needed, size_t expected)
{
	size_t		size = Max(Max(2 * bytes->size, FIRST_SIZE), needed + 1);
	char	   *grown;

	if (expected > 0 && expected <= bytes->limit)
		size = Max(expected, needed) + 1;
	if (bytes->data == NULL && size >= SPARE_SIZE && take_spare(bytes, size))
		return true;
	grown = grow(bytes, size);
	if (grown == NULL)
		return false;
	bytes->data = grown;
	bytes->size = size;
	return true;
}

/* Append. */
SfdwBytesEnd
sfdw_bytes_append(SfdwBytes *bytes, const char *data, size_t length,
				  size_t expected)
{
	size_t		needed = bytes->length + length;

	if (needed > bytes->limit)
		return SFDW_BYTES_TOO_LARGE;
	if (bytes->size < needed + 1 && !make_room(bytes, needed, expected))
		return SFDW_BYTES_NO_MEMORY;
	memcpy(bytes->data + bytes->length, data, length);
	bytes->length = needed;
	bytes->data[needed] = '\0';
	return SFDW_BYTES_OK;
}

/* Give them back. */
void
sfdw_bytes_free(SfdwBytes *bytes)
{
	if (bytes->is_secret && bytes->data != NULL)
		explicit_bzero(bytes->data, bytes->size);
	if (bytes->size >= SPARE_SIZE && spare_count < MAX_SPARES)
		spares[spare_count++] = *bytes;
	else
		free(bytes->data);
	bytes->data = NULL;
	bytes->size = 0;
	bytes->length = 0;
}

/* A user comes. */
void
sfdw_bytes_enter(void)
{
	user_count++;
}

/* A user goes. */
void
sfdw_bytes_leave(void)
{
	if (--user_count > 0)
		return;
	while (spare_count > 0)
		free(spares[--spare_count].data);
}
