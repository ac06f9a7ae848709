/*-------------------------------------------------------------------------
 * compress.h
 *		Compress pages
 *
 * Pure, but for the state of zstd, which comes from malloc: whoever inits a
 * compressor must release it, in a backend by a reset callback.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COMPRESS_H
#define SFDW_COMPRESS_H

#include "parquet/metadata.h"

/* What zstd does well for pages, and what it accepts. */
#define SFDW_ZSTD_DEFAULT_LEVEL 1
#define SFDW_ZSTD_MAX_LEVEL 19

typedef struct SfdwCompressor
{
	SfdwParquetCodec codec;
	int			level;			/* of zstd */
	void	   *zstd;			/* ZSTD_CCtx, made when first needed */

	/*
	 * Called before each page, unless NULL, to let a cancel in.  It need not
	 * return: at that point nothing is held but the caller's memory.
	 */
	void		(*pause) (void);
} SfdwCompressor;

/* Start a compressor; acquires nothing yet. */
extern void sfdw_compressor_init(SfdwCompressor *compressor,
								 SfdwParquetCodec codec, int level);

/*
 * Replace the content of out by the compressed data.  With SFDW_CODEC_NONE
 * that is a copy; callers save it.
 */
extern bool sfdw_compress(SfdwCompressor *compressor, SfdwBytes data,
						  SfdwBuffer *out, SfdwStatus *status);

/* Release what the compressor holds; may be called twice. */
extern void sfdw_compressor_release(SfdwCompressor *compressor);

#endif							/* SFDW_COMPRESS_H */
