/*-------------------------------------------------------------------------
 * file_kind.h
 *		Tell by its first bytes what kind of file something is
 *
 * Pure.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FILE_KIND_H
#define SFDW_FILE_KIND_H

#include <stddef.h>

/* First bytes that are looked at. */
#define SFDW_FILE_KIND_LENGTH 4

/*
 * What a file is whose first bytes these are (fewer than SFDW_FILE_KIND_LENGTH
 * only if the file has no more): NULL for text of one byte a letter or UTF-8,
 * else a phrase such as "is compressed with gzip".  *mark_length is the length
 * of a UTF-8 byte order mark, or 0.
 */
extern const char *sfdw_file_kind(const char *data, size_t length,
								  size_t *mark_length);

#endif							/* SFDW_FILE_KIND_H */
