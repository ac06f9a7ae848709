/*-------------------------------------------------------------------------
 * inflate_private.h
 *		What the files of inflate share; see inflate.h
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_INFLATE_PRIVATE_H
#define SFDW_INFLATE_PRIVATE_H

#include "export/inflate.h"

/* One decompressor each. */
extern SfdwFilter *sfdw_inflate_gzip(const SfdwMemory *memory,
									 uint32_t max_ratio, SfdwStatus *status);
extern SfdwFilter *sfdw_inflate_zstd(const SfdwMemory *memory,
									 uint32_t max_ratio, SfdwStatus *status);

/* Whether length more bytes may be given; else the failure is noted. */
static inline bool
sfdw_inflate_fits(SfdwFilter *filter, size_t length, uint32_t max_ratio)
{
	uint64_t	size = filter->given + length;

	return size <= SFDW_INFLATE_FREE_SIZE ||
		size / max_ratio <= filter->taken ||
		sfdw_fail(&filter->failure, SFDW_TOO_LARGE, filter->taken,
				  "data grows to more than %u times its size when decompressed",
				  max_ratio);
}

#endif							/* SFDW_INFLATE_PRIVATE_H */
