/*-------------------------------------------------------------------------
 * inflate.h
 *		Decompress gzip and zstd
 *
 * Pure, but for the state of zstd, which comes from malloc: in a backend the
 * filter is freed by a reset callback.
 *
 * gzip (RFC 1952): one member or several, one behind the other; every header
 * field, the checksum and the length of each are checked.  zstd (RFC 8878):
 * frames, skippable ones among them, checksums where there are some; no
 * dictionaries.  What follows the last member or frame must be nothing: data
 * that is not of the format is SFDW_MALFORMED, and so is an end within one.
 * Text that grows beyond its limit is SFDW_TOO_LARGE.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_INFLATE_H
#define SFDW_INFLATE_H

#include "export/filter.h"
#include "export/text_form.h"

/*
 * A frame of zstd may look back 2^this bytes, which are kept in memory: 32 MB.
 * Every level up to 19 needs 8 MB at most; "zstd --ultra" and "--long" make
 * frames that need more.
 */
#define SFDW_ZSTD_MAX_WINDOW_LOG 25

/* A text that is not larger than this may have grown by any ratio. */
#define SFDW_INFLATE_FREE_SIZE ((uint64_t) 8 * 1024 * 1024)

/*
 * Start to decompress; kind is GZIP or ZSTD; memory must outlive the filter.
 * The text may be max_ratio times as large as the data taken.  NULL with a
 * status when there is no memory.
 */
extern SfdwFilter *sfdw_inflate_create(const SfdwMemory *memory,
									   SfdwCompression kind,
									   uint32_t max_ratio, SfdwStatus *status);

#endif							/* SFDW_INFLATE_H */
