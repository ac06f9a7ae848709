/*-------------------------------------------------------------------------
 * inflate_gzip.c
 *		Decompress gzip
 *
 * Pure.  zlib reads headers, data and trailers of a member; here members follow
 * each other, and nothing else does.
 *-------------------------------------------------------------------------
 */
#include "export/inflate_private.h"

#include <limits.h>
#include <zlib.h>

/* What every member starts with. */
static const unsigned char magic[] = {0x1f, 0x8b};

/* windowBits of zlib: the largest window, and gzip's header and trailer. */
#define GZIP_WINDOW (MAX_WBITS + 16)

typedef struct Gzip
{
	SfdwFilter	base;
	z_stream	stream;
	uint32_t	max_ratio;
	bool		is_open;		/* zlib was initialised */
	bool		is_inside;		/* of a member */
	bool		has_more;		/* zlib filled the output: it may hold more */
	bool		has_member;		/* one is complete */
} Gzip;

/* zlib's allocator; must not throw. */
static voidpf
get_memory(voidpf opaque, uInt items, uInt size)
{
	const SfdwMemory *memory = opaque;

	return memory->resize(memory->context, NULL, (size_t) items * size);
}

/* Its counterpart. */
static void
free_memory(voidpf opaque, voidpf pointer)
{
	const SfdwMemory *memory = opaque;

	memory->resize(memory->context, pointer, 0);
}

/*
 * Compare what there is of the member's first bytes: zlib would say of anything
 * that its header is wrong.
 */
static bool
check_magic(Gzip *gzip)
{
	SfdwFilter *base = &gzip->base;
	size_t		seen = gzip->stream.total_in;
	size_t		i;

	for (i = seen; i < sizeof(magic) && i - seen < base->input_length; i++)
		if ((unsigned char) base->input[i - seen] != magic[i])
			return sfdw_fail(&base->failure, SFDW_MALFORMED,
							 base->taken - seen, "%s",
							 gzip->has_member ?
							 "data behind the end of the gzip file" :
							 "data is not compressed with gzip");
	return true;
}

/* Begin a member. */
static bool
begin_member(Gzip *gzip)
{
	if (gzip->is_open)
		inflateReset(&gzip->stream);
	else if (inflateInit2(&gzip->stream, GZIP_WINDOW) != Z_OK)
		return sfdw_fail(&gzip->base.failure, SFDW_OUT_OF_MEMORY, 0,
						 "no memory for zlib");
	gzip->is_open = true;
	gzip->is_inside = true;
	return true;
}

/* Note what zlib found. */
static void
judge(Gzip *gzip, int result)
{
	SfdwFilter *base = &gzip->base;

	switch (result)
	{
		case Z_OK:
		case Z_BUF_ERROR:		/* it needs more input */
			break;
		case Z_STREAM_END:
			gzip->is_inside = false;
			gzip->has_more = false;
			gzip->has_member = true;
			break;
		case Z_MEM_ERROR:
			sfdw_fail(&base->failure, SFDW_OUT_OF_MEMORY, base->taken,
					  "no memory for zlib");
			break;
		default:
			sfdw_fail(&base->failure, SFDW_MALFORMED, base->taken,
					  "gzip data is damaged: %s",
					  gzip->stream.msg ? gzip->stream.msg : "stream error");
	}
}

/* Have zlib read on; gives the number of bytes that it wrote. */
static size_t
run(Gzip *gzip)
{
	SfdwFilter *base = &gzip->base;
	z_stream   *stream = &gzip->stream;
	uInt		offered = base->input_length > UINT_MAX ? UINT_MAX
		: (uInt) base->input_length;
	int			result;

	stream->next_in = (z_const Bytef *) base->input;
	stream->avail_in = offered;
	stream->next_out = (Bytef *) base->output;
	stream->avail_out = SFDW_FILTER_BLOCK_SIZE;
	result = inflate(stream, Z_NO_FLUSH);
	sfdw_filter_take(base, offered - stream->avail_in);
	gzip->has_more = stream->avail_out == 0;
	judge(gzip, result);
	return SFDW_FILTER_BLOCK_SIZE - stream->avail_out;
}

/* The input is over. */
static SfdwFilterResult
end(Gzip *gzip)
{
	if (gzip->is_inside || !gzip->has_member)
		sfdw_fail(&gzip->base.failure, SFDW_MALFORMED, gzip->base.taken,
				  "gzip file ends before its end");
	return SFDW_FILTER_END;
}

/* The next bytes. */
static SfdwFilterResult
next(SfdwFilter *base, size_t *length)
{
	Gzip	   *gzip = (Gzip *) base;

	while (base->failure.code == SFDW_OK)
	{
		if (base->input_length == 0 && !gzip->has_more)
			return base->is_last ? end(gzip) : SFDW_FILTER_NEED_INPUT;
		if (!gzip->is_inside && !begin_member(gzip))
			break;
		if (!check_magic(gzip))
			break;
		*length = run(gzip);
		if (*length > 0 && sfdw_inflate_fits(base, *length, gzip->max_ratio))
			return SFDW_FILTER_DATA;
	}
	return SFDW_FILTER_FAILED;
}

/* Give zlib's memory back. */
static void
release(SfdwFilter *base)
{
	Gzip	   *gzip = (Gzip *) base;

	if (gzip->is_open)
		inflateEnd(&gzip->stream);
}

static const SfdwFilterOps gzip_ops = {next, release};

/* Start to decompress. */
SfdwFilter *
sfdw_inflate_gzip(const SfdwMemory *memory, uint32_t max_ratio,
				  SfdwStatus *status)
{
	Gzip	   *gzip = sfdw_filter_create(memory, sizeof(Gzip), &gzip_ops,
										  status);

	if (gzip == NULL)
		return NULL;
	gzip->max_ratio = max_ratio;
	gzip->stream.zalloc = get_memory;
	gzip->stream.zfree = free_memory;
	gzip->stream.opaque = (voidpf) memory;
	return &gzip->base;
}
