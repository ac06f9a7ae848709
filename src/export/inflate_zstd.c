/*-------------------------------------------------------------------------
 * inflate_zstd.c
 *		Decompress zstd
 *
 * Pure, but for zstd's own memory.  libzstd reads the frames; what starts each
 * is looked at here first, because it would read the frames of its versions
 * before 1.0 too, whose memory no limit bounds.
 *-------------------------------------------------------------------------
 */
#include "export/inflate_private.h"

#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

typedef struct Zstd
{
	SfdwFilter	base;
	ZSTD_DCtx  *context;
	uint32_t	max_ratio;
	char		start[SFDW_COMPRESSION_START];	/* of the frame */
	size_t		start_length;
	uint64_t	piece;			/* byte at which a block or header starts */
	size_t		piece_left;		/* bytes of it that zstd has not seen */
	bool		is_inside;		/* of a frame */
	bool		has_more;		/* zstd filled the output: it may hold more */
	bool		has_frame;		/* one is complete */
} Zstd;

/*
 * Note what zstd found.  It does not say at which byte, but it asks for one
 * block or header after the other, so it is in the one that it was given last.
 */
static void
fail(Zstd *zstd, size_t result)
{
	SfdwStatus *failure = &zstd->base.failure;
	uint64_t	at = zstd->piece;

	switch (ZSTD_getErrorCode(result))
	{
		case ZSTD_error_memory_allocation:
			sfdw_fail(failure, SFDW_OUT_OF_MEMORY, at, "no memory for zstd");
			break;
		case ZSTD_error_frameParameter_windowTooLarge:
			sfdw_fail(failure, SFDW_TOO_LARGE, at,
					  "zstd frame needs a window of more than %d MB",
					  (1 << SFDW_ZSTD_MAX_WINDOW_LOG) / (1024 * 1024));
			break;
		case ZSTD_error_dictionary_wrong:
			sfdw_fail(failure, SFDW_UNSUPPORTED, at,
					  "zstd frame needs a dictionary");
			break;
		default:
			sfdw_fail(failure, SFDW_MALFORMED, at, "zstd data is damaged: %s",
					  ZSTD_getErrorName(result));
	}
}

/*
 * Have zstd read, up to the end of a piece; gives what it wrote.  at is where
 * data starts in the input.
 */
static size_t
run(Zstd *zstd, const char *data, size_t length, uint64_t at, size_t *used)
{
	ZSTD_inBuffer in = {data, length, 0};
	ZSTD_outBuffer out = {zstd->base.output, SFDW_FILTER_BLOCK_SIZE, 0};
	size_t		result;

	if (zstd->piece_left > 0 && in.size > zstd->piece_left)
		in.size = zstd->piece_left;
	result = ZSTD_decompressStream(zstd->context, &out, &in);
	*used = in.pos;
	zstd->has_more = out.pos == out.size;
	zstd->piece_left -= in.pos < zstd->piece_left ? in.pos : zstd->piece_left;
	if (ZSTD_isError(result))
		fail(zstd, result);
	else if (result == 0)
	{
		zstd->is_inside = false;
		zstd->has_more = false;
		zstd->has_frame = true;
		zstd->start_length = 0;
	}
	else if (zstd->piece_left == 0)
	{
		/* What it asks for next: never 0 within a frame. */
		zstd->piece_left = result;
		zstd->piece = at + in.pos;
	}
	return out.pos;
}

/*
 * Gather the first bytes of a frame, and give them to zstd once they are there
 * and right; it only keeps them.
 */
static bool
begin_frame(Zstd *zstd)
{
	SfdwFilter *base = &zstd->base;
	size_t		used;

	while (zstd->start_length < sizeof(zstd->start) && base->input_length > 0)
	{
		zstd->start[zstd->start_length++] = base->input[0];
		sfdw_filter_take(base, 1);
	}
	if (zstd->start_length < sizeof(zstd->start))
		return true;
	if (sfdw_compression_of_bytes(zstd->start, sizeof(zstd->start)) !=
		SFDW_COMPRESSION_ZSTD)
		return sfdw_fail(&base->failure, SFDW_MALFORMED,
						 base->taken - sizeof(zstd->start), "%s",
						 zstd->has_frame ?
						 "data behind the end of the zstd file" :
						 "data is not compressed with zstd");
	zstd->is_inside = true;
	zstd->piece = base->taken - sizeof(zstd->start);
	zstd->piece_left = 0;
	run(zstd, zstd->start, sizeof(zstd->start), zstd->piece, &used);
	if (used != sizeof(zstd->start))
		return sfdw_fail(&base->failure, SFDW_MALFORMED, base->taken,
						 "zstd frame is damaged");
	return true;
}

/* The input is over. */
static SfdwFilterResult
end(Zstd *zstd)
{
	if (zstd->is_inside || zstd->start_length > 0 || !zstd->has_frame)
		sfdw_fail(&zstd->base.failure, SFDW_MALFORMED, zstd->base.taken,
				  "zstd file ends before its end");
	return SFDW_FILTER_END;
}

/* The next bytes. */
static SfdwFilterResult
next(SfdwFilter *base, size_t *length)
{
	Zstd	   *zstd = (Zstd *) base;
	size_t		used;

	while (base->failure.code == SFDW_OK)
	{
		if (base->input_length == 0 && !zstd->has_more)
			return base->is_last ? end(zstd) : SFDW_FILTER_NEED_INPUT;
		if (!zstd->is_inside)
		{
			if (!begin_frame(zstd))
				break;
			continue;
		}
		*length = run(zstd, base->input, base->input_length, base->taken,
					  &used);
		sfdw_filter_take(base, used);
		if (base->failure.code == SFDW_OK && *length > 0 &&
			sfdw_inflate_fits(base, *length, zstd->max_ratio))
			return SFDW_FILTER_DATA;
	}
	return SFDW_FILTER_FAILED;
}

/* Give zstd's memory back. */
static void
release(SfdwFilter *base)
{
	ZSTD_freeDCtx(((Zstd *) base)->context);	/* NULL is allowed */
}

static const SfdwFilterOps zstd_ops = {next, release};

/* Start to decompress. */
SfdwFilter *
sfdw_inflate_zstd(const SfdwMemory *memory, uint32_t max_ratio,
				  SfdwStatus *status)
{
	Zstd	   *zstd = sfdw_filter_create(memory, sizeof(Zstd), &zstd_ops,
										  status);

	if (zstd == NULL)
		return NULL;
	zstd->max_ratio = max_ratio;
	zstd->context = ZSTD_createDCtx();
	if (zstd->context == NULL ||
		ZSTD_isError(ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax,
											SFDW_ZSTD_MAX_WINDOW_LOG)))
	{
		sfdw_fail(status, SFDW_OUT_OF_MEMORY, 0, "no memory for zstd");
		sfdw_filter_free(&zstd->base);
		return NULL;
	}
	return &zstd->base;
}
