/*-------------------------------------------------------------------------
 * http_bytes.h
 *		Bytes that a library's callbacks append to
 *
 * Memory is malloc's, since callbacks may neither allocate from a memory
 * context nor raise.  A large body that is given back is kept for the next
 * request, so that a long read does not fault in new pages for every range; but
 * only while there is any user.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_HTTP_BYTES_H
#define SFDW_HTTP_BYTES_H

#include "core/compat.h"

/* Zeroed but for limit and is_secret before the first append. */
typedef struct SfdwBytes
{
	char	   *data;			/* a NUL stands behind the last byte */
	size_t		length;
	size_t		size;			/* allocated */
	size_t		limit;			/* length never exceeds it */
	bool		is_secret;		/* overwritten when given back, or moved */
} SfdwBytes;

typedef enum SfdwBytesEnd
{
	SFDW_BYTES_OK,
	SFDW_BYTES_TOO_LARGE,		/* beyond the limit: nothing was appended */
	SFDW_BYTES_NO_MEMORY		/* likewise */
} SfdwBytesEnd;

/*
 * Append; expected is how long the whole is known to become, or 0.  Does not
 * raise.
 */
extern SfdwBytesEnd sfdw_bytes_append(SfdwBytes *bytes, const char *data,
									  size_t length, size_t expected);

/* Give them back; may be called again. */
extern void sfdw_bytes_free(SfdwBytes *bytes);

/* A user comes and goes; with the last one goes what was kept. */
extern void sfdw_bytes_enter(void);
extern void sfdw_bytes_leave(void);

#endif							/* SFDW_HTTP_BYTES_H */
