/*-------------------------------------------------------------------------
 * utf8.h
 *		Check UTF-8 and write it
 *
 * Pure.  The rules are PostgreSQL's for text: no overlong form, no surrogate,
 * nothing above U+10FFFF, no NUL.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_UTF8_H
#define SFDW_UTF8_H

#include "core/status.h"

#include <stddef.h>

/* Bytes that sfdw_utf8_encode writes at most. */
#define SFDW_UTF8_MAX_LENGTH 4

/*
 * Whether the bytes are valid; else SFDW_BAD_ENCODING with the offset of the
 * first byte of the sequence that is not.
 */
extern bool sfdw_utf8_check(const char *data, size_t length,
							SfdwStatus *status);

/*
 * How many first bytes are ASCII, and neither NUL nor except (NUL: no other):
 * most text is nothing else, and is found valid so at once.
 */
extern size_t sfdw_utf8_plain(const char *data, size_t length, char except);

/*
 * Write a code point (1 to 0x10FFFF, not a surrogate) and return how many
 * bytes it took.
 */
extern int	sfdw_utf8_encode(uint32_t code_point, char *out);

#endif							/* SFDW_UTF8_H */
