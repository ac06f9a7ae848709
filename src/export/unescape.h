/*-------------------------------------------------------------------------
 * unescape.h
 *		Undo Python's str.encode("unicode_escape")
 *
 * Pure.  Accepts what Python writes and no other escape: \\ \t \n \r, \xNN for
 * the other control characters and U+007F to U+00FF, \uNNNN for the rest of
 * the Basic Multilingual Plane, \UNNNNNNNN above it, lower-case digits.
 * Decoded strictly from left to right, so "\\xe9" (a backslash, escaped, then
 * three letters) stays "\xe9".  Bytes that are not part of an escape are kept;
 * they must be valid UTF-8.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_UNESCAPE_H
#define SFDW_UNESCAPE_H

#include "core/buffer.h"

/*
 * The text that was escaped, as UTF-8.
 *
 * *out is data itself when it holds no backslash, else the content of buffer,
 * which is emptied first; so it lives as long as the shorter of the two.
 * Fails with SFDW_MALFORMED (an escape that Python does not write, or a
 * truncated one), SFDW_BAD_ENCODING (\x00, a surrogate, above U+10FFFF,
 * invalid UTF-8), each with the offset of the escape's backslash or of the
 * sequence, SFDW_TOO_LARGE or SFDW_OUT_OF_MEMORY (buffer).
 */
extern bool sfdw_unescape(const char *data, size_t length, SfdwBuffer *buffer,
						  const char **out, size_t *out_length,
						  SfdwStatus *status);

#endif							/* SFDW_UNESCAPE_H */
