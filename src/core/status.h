/*-------------------------------------------------------------------------
 * status.h
 *		How a pure file says that something went wrong
 *
 * Pure files do not know PostgreSQL, so they cannot raise errors: they fill in
 * a status, and the adapter that called them reports it.  A message follows
 * PostgreSQL's style (no capital, no period) and never holds a value that was
 * read from data: it may name a rule, a count or a byte offset.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_STATUS_H
#define SFDW_STATUS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum SfdwCode
{
	SFDW_OK = 0,
	SFDW_OUT_OF_MEMORY,			/* the caller's memory gave nothing */
	SFDW_MALFORMED,				/* the input breaks its format's rules */
	SFDW_BAD_ENCODING,			/* invalid UTF-8, NUL, lone surrogate */
	SFDW_BAD_VALUE,				/* text that is not of the declared type */
	SFDW_OUT_OF_RANGE,			/* of the type, but beyond its limits */
	SFDW_TOO_LARGE,				/* beyond one of our own limits */
	SFDW_UNSUPPORTED			/* well formed, but not something we read */
} SfdwCode;

#define SFDW_STATUS_MESSAGE_SIZE 200

typedef struct SfdwStatus
{
	SfdwCode	code;
	uint64_t	offset;			/* byte in the input that the function was
								 * given, where that makes sense; else 0 */
	char		message[SFDW_STATUS_MESSAGE_SIZE];
} SfdwStatus;

/*
 * Note a failure and return false, so that a caller can write
 * "return sfdw_fail(status, SFDW_MALFORMED, at, "...");".  The first failure
 * wins: a status that already holds one is left alone.  The message is
 * truncated to fit.
 */
extern bool sfdw_fail(SfdwStatus *status, SfdwCode code, uint64_t offset,
					  const char *format,...)
			__attribute__((format(printf, 4, 5)));

#endif							/* SFDW_STATUS_H */
