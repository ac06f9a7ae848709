/*-------------------------------------------------------------------------
 * inflate.c
 *		Decompress gzip and zstd
 *
 * Pure.  See inflate.h; the two formats have a file each.
 *-------------------------------------------------------------------------
 */
#include "export/inflate_private.h"

/* Start to decompress. */
SfdwFilter *
sfdw_inflate_create(const SfdwMemory *memory, SfdwCompression kind,
					uint32_t max_ratio, SfdwStatus *status)
{
	if (kind == SFDW_COMPRESSION_GZIP)
		return sfdw_inflate_gzip(memory, max_ratio, status);
	if (kind == SFDW_COMPRESSION_ZSTD)
		return sfdw_inflate_zstd(memory, max_ratio, status);
	sfdw_fail(status, SFDW_UNSUPPORTED, 0, "data is not compressed");
	return NULL;
}
