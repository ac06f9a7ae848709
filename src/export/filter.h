/*-------------------------------------------------------------------------
 * filter.h
 *		What makes one stream of bytes out of another
 *
 * Pure.  A decompressor (inflate.h) or a converter of encodings (convert.h).
 * Blocks are pushed and pulled, of any size and with any cuts:
 *
 *		filter = sfdw_inflate_create(...) or sfdw_convert_create(...);
 *		for (;;)
 *			switch (sfdw_filter_next(filter, &data, &length, &status))
 *				case SFDW_FILTER_NEED_INPUT:	sfdw_filter_push(...)
 *												or sfdw_filter_finish(filter)
 *				case SFDW_FILTER_DATA:			use data
 *				case SFDW_FILTER_END:			done: all input was right
 *				case SFDW_FILTER_FAILED:		report status
 *		sfdw_filter_free(filter);
 *
 * The end is told only after finish, and only when the input was complete: one
 * that was cut anywhere fails.  status->offset of a failure is a byte of the
 * filter's whole input.
 *
 * The rest of this file is for those who implement one.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FILTER_H
#define SFDW_FILTER_H

#include "core/memory.h"
#include "core/status.h"

/*
 * Bytes that a filter gives at most at a time: small enough to be still in the
 * processor's cache when the next stage reads them.
 */
#define SFDW_FILTER_BLOCK_SIZE ((size_t) 128 * 1024)

typedef enum SfdwFilterResult
{
	SFDW_FILTER_DATA,			/* *data and *length are set, never empty */
	SFDW_FILTER_NEED_INPUT,		/* push the next block, or finish */
	SFDW_FILTER_END,			/* nothing more */
	SFDW_FILTER_FAILED			/* status is set; next would fail again */
} SfdwFilterResult;

typedef struct SfdwFilter SfdwFilter;

typedef struct SfdwFilterOps
{
	/*
	 * Take some of input, and put some into output: sets *length, or
	 * failure.  Not called after a failure.
	 */
	SfdwFilterResult (*next) (SfdwFilter *filter, size_t *length);
	void		(*release) (SfdwFilter *filter);	/* what is not memory */
} SfdwFilterOps;

/* Implementations put this first in their own struct. */
struct SfdwFilter
{
	const SfdwFilterOps *ops;
	const SfdwMemory *memory;
	const char *input;			/* of the block, what is not taken yet */
	size_t		input_length;
	bool		is_last;		/* no more blocks will come */
	uint64_t	taken;			/* bytes of input */
	uint64_t	given;			/* bytes of output */
	SfdwStatus	failure;
	char		output[SFDW_FILTER_BLOCK_SIZE];
};

/*
 * Give the next block, after NEED_INPUT or at the start.  It must stay as it is
 * until next asks for more.
 */
extern void sfdw_filter_push(SfdwFilter *filter, const char *data,
							 size_t length);

/* Say that there are no more blocks, after NEED_INPUT or at the start. */
extern void sfdw_filter_finish(SfdwFilter *filter);

/* The next bytes, valid until the following call. */
extern SfdwFilterResult sfdw_filter_next(SfdwFilter *filter, const char **data,
										 size_t *length, SfdwStatus *status);

/* Give everything back; NULL is allowed. */
extern void sfdw_filter_free(SfdwFilter *filter);

/*
 * For implementations: size bytes that start with a filter, all zero.  NULL
 * with a status when there is no memory.
 */
extern void *sfdw_filter_create(const SfdwMemory *memory, size_t size,
								const SfdwFilterOps *ops, SfdwStatus *status);

/* For implementations: so many first bytes of the input were taken. */
static inline void
sfdw_filter_take(SfdwFilter *filter, size_t length)
{
	filter->input += length;
	filter->input_length -= length;
	filter->taken += length;
}

#endif							/* SFDW_FILTER_H */
