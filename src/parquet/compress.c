/*-------------------------------------------------------------------------
 * compress.c
 *		Compress pages
 *
 * Pure.  See compress.h.
 *-------------------------------------------------------------------------
 */
#include "parquet/compress.h"

#include <snappy-c.h>
#include <zstd.h>

/* Start a compressor. */
void
sfdw_compressor_init(SfdwCompressor *compressor, SfdwParquetCodec codec,
					 int level)
{
	compressor->codec = codec;
	compressor->level = level;
	compressor->zstd = NULL;
	compressor->pause = NULL;
}

/* Compress with snappy, which has neither state nor levels. */
static bool
compress_snappy(SfdwBytes data, SfdwBuffer *out, SfdwStatus *status)
{
	size_t		length = snappy_max_compressed_length(data.length);

	if (!sfdw_buffer_reserve(out, length, status))
		return false;
	if (snappy_compress(data.data, data.length, out->data, &length) != SNAPPY_OK)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "could not compress a page of %zu bytes with snappy",
						 data.length);
	out->length = length;
	return true;
}

/* Compress with zstd; a page is a frame of its own. */
static bool
compress_zstd(SfdwCompressor *compressor, SfdwBytes data, SfdwBuffer *out,
			  SfdwStatus *status)
{
	size_t		bound = ZSTD_compressBound(data.length);
	size_t		length;

	if (compressor->zstd == NULL)
		compressor->zstd = ZSTD_createCCtx();
	if (compressor->zstd == NULL)
		return sfdw_fail(status, SFDW_OUT_OF_MEMORY, 0, "no memory for zstd");
	if (!sfdw_buffer_reserve(out, bound, status))
		return false;
	length = ZSTD_compressCCtx(compressor->zstd, out->data, bound, data.data,
							   data.length, compressor->level);
	if (ZSTD_isError(length))
		return sfdw_fail(status, SFDW_OUT_OF_MEMORY, 0,
						 "could not compress a page with zstd: %s",
						 ZSTD_getErrorName(length));
	out->length = length;
	return true;
}

/* Replace the content of out by the compressed data. */
bool
sfdw_compress(SfdwCompressor *compressor, SfdwBytes data, SfdwBuffer *out,
			  SfdwStatus *status)
{
	if (compressor->pause != NULL)
		compressor->pause();
	sfdw_buffer_reset(out);
	switch (compressor->codec)
	{
		case SFDW_CODEC_SNAPPY:
			return compress_snappy(data, out, status);
		case SFDW_CODEC_ZSTD:
			return compress_zstd(compressor, data, out, status);
		case SFDW_CODEC_NONE:
			break;
	}
	return sfdw_buffer_append(out, data.data, data.length, status);
}

/* Release what the compressor holds. */
void
sfdw_compressor_release(SfdwCompressor *compressor)
{
	ZSTD_freeCCtx(compressor->zstd);	/* NULL is allowed */
	compressor->zstd = NULL;
}
