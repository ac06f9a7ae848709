/*-------------------------------------------------------------------------
 * convert.h
 *		Convert text of other encodings to UTF-8
 *
 * Pure.  A filter (filter.h).  A byte that an encoding has not, a surrogate
 * without its other half and an odd number of bytes are SFDW_BAD_ENCODING, and
 * so are a file in UTF-16 without a byte order mark and one of UTF-8 with its
 * mark where another encoding is expected.  Compressed files, archives and
 * Parquet are SFDW_UNSUPPORTED by name.  A zero passes: who reads the text
 * knows whether it matters.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CONVERT_H
#define SFDW_CONVERT_H

#include "export/filter.h"
#include "export/text_form.h"

/*
 * Start to convert; memory must outlive the filter.  With UTF8 and FIND, bytes
 * that are not in UTF-16 pass as they are.  NULL with a status when there is no
 * memory.
 */
extern SfdwFilter *sfdw_convert_create(const SfdwMemory *memory,
									   SfdwEncoding encoding,
									   SfdwStatus *status);

/* The encoding: with FIND the one that was found, known after the first DATA. */
extern SfdwEncoding sfdw_convert_encoding(const SfdwFilter *filter);

#endif							/* SFDW_CONVERT_H */
