/*-------------------------------------------------------------------------
 * chunk.h
 *		Turn the values of one column into the pages of one row group
 *
 * Pure.  Call order: init, (put*, end_batch)*, finish, and then init again for
 * the next row group.  A batch is a few hundred rows: values are only appended
 * when they are put, and hashed, compared and cut into pages a batch at a time.
 *
 * As long as a dictionary may pay, the chunk is kept as the dictionary and a
 * number for each value.  When it turns out that it does not, the values are
 * made again from those and become PLAIN pages; from then on they are cut into
 * pages as they come.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CHUNK_H
#define SFDW_CHUNK_H

#include "parquet/bounds.h"
#include "parquet/compress.h"
#include "parquet/page_dictionary.h"

/* Limits of a data page, as other writers have them. */
#define SFDW_PAGE_MAX_ROWS 20000
#define SFDW_PAGE_MAX_BYTES ((size_t) 1024 * 1024)

/*
 * The longest value: what a page adds to it, and what a codec may add to that,
 * still fits the page's signed 32-bit sizes.
 */
#define SFDW_MAX_VALUE_BYTES ((size_t) 1024 * 1024 * 1024)

/* What is the same for all chunks of a column. */
typedef struct SfdwChunkLayout
{
	SfdwParquetType type;
	SfdwValueOrder order;
	bool		use_dictionary; /* false: never try */
	bool		null_counts;	/* say how many nulls there are */
	bool		bounds;			/* say the smallest and the largest value */
} SfdwChunkLayout;

/* The kinds of pages that a chunk may have, and count of each. */
#define SFDW_CHUNK_PAGE_KINDS 3

typedef struct SfdwChunk
{
	const SfdwChunkLayout *layout;
	SfdwCompressor *compressor;
	const SfdwMemory *memory;
	bool		in_dictionary;	/* still kept as dictionary and numbers */
	SfdwBuffer	values;			/* PLAIN bytes: of the batch, or of the page
								 * that is being filled */
	SfdwBuffer	ends;			/* uint32_t: where each of values ends */
	SfdwBuffer	levels;			/* a byte for each row: of the whole chunk, or
								 * of the page that is being filled */
	SfdwPageDictionary dictionary;
	SfdwBuffer	numbers;		/* uint32_t: the chunk's values so far */
	size_t		batch_values;	/* of ends: worked off by earlier batches */
	uint64_t	plain_bytes;	/* what those would take without a dictionary */
	int64_t		num_rows;
	int64_t		num_nulls;
	SfdwBounds	bounds;
	SfdwBuffer	scratch;		/* uint32_t: numbers to encode */
	SfdwBuffer	body;			/* scratch: a page before compression */
	SfdwBuffer	compressed;		/* scratch: and after it */
	SfdwBuffer	pages;			/* finished pages with their headers */
	int64_t		uncompressed_size;	/* of those */
	int64_t		dictionary_size;	/* of the dictionary page in pages, or 0 */
	uint32_t	encodings;
	SfdwPageEncodingStats page_kinds[SFDW_CHUNK_PAGE_KINDS];
} SfdwChunk;

/* Start a chunk; its memory is the caller's to drop as a whole. */
extern void sfdw_chunk_init(SfdwChunk *chunk, const SfdwChunkLayout *layout,
							const SfdwMemory *memory,
							SfdwCompressor *compressor);

/* Add a row without a value. */
extern bool sfdw_chunk_put_null(SfdwChunk *chunk, SfdwStatus *status);

/* Add a row with a value of a fixed size; a boolean is a byte of 0 or 1. */
extern bool sfdw_chunk_put(SfdwChunk *chunk, const void *value, size_t length,
						   SfdwStatus *status);

/* Add a row with a byte array. */
extern bool sfdw_chunk_put_bytes(SfdwChunk *chunk, SfdwBytes value,
								 SfdwStatus *status);

/* Work off the rows that were put since the last call. */
extern bool sfdw_chunk_end_batch(SfdwChunk *chunk, SfdwStatus *status);

/*
 * Make the last pages, and describe the chunk: everything but the path and the
 * codec, offsets counted from the chunk's first byte.  chunk->pages are the
 * chunk's bytes; what metadata points to lies in the chunk itself.
 */
extern bool sfdw_chunk_finish(SfdwChunk *chunk, SfdwColumnMetadata *metadata,
							  SfdwStatus *status);

/*
 * The value that was put last, without a length in front; only between that
 * put and the end of the batch, and not after a null.
 */
extern SfdwBytes sfdw_chunk_last(const SfdwChunk *chunk);

/* Memory that the chunk holds. */
extern size_t sfdw_chunk_memory(SfdwChunk *chunk);

/* Give all of it back; what finish described keeps its bounds and counts. */
extern void sfdw_chunk_free(SfdwChunk *chunk);

#endif							/* SFDW_CHUNK_H */
