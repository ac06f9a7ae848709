/*
 * parquet/chunk.c: whatever way a chunk takes (dictionary, PLAIN, one after
 * the other), a naive reader finds the values that were put.
 */
#include "parquet/chunk.h"
#include "parquet/footer.h"
#include "random.h"
#include "tap.h"

#include <zlib.h>

#define MAX_ROWS 120000
#define MAX_LENGTH 40

/* What was put: a length (-1 for null) and bytes for each row. */
static int	lengths[MAX_ROWS];
static char bytes[MAX_ROWS][MAX_LENGTH];

static const SfdwChunkLayout text_layout = {
	SFDW_PARQUET_BYTE_ARRAY, SFDW_ORDER_TEXT, true, true, true
};
static const SfdwChunkLayout number_layout = {
	SFDW_PARQUET_INT64, SFDW_ORDER_INT64, true, true, true
};
static const SfdwChunkLayout boolean_layout = {
	SFDW_PARQUET_BOOLEAN, SFDW_ORDER_BOOLEAN, false, true, true
};

/* What a naive reader knows of a chunk while it reads. */
typedef struct Naive
{
	const SfdwChunkLayout *layout;
	const unsigned char *dictionary;
	size_t		dictionary_length;
	size_t		row;
	int			wrong;
	int			data_pages;
	size_t		largest_page;
} Naive;

/* A little-endian number of four bytes. */
static uint32_t
four(const unsigned char *data)
{
	return data[0] | data[1] << 8 | data[2] << 16 | (uint32_t) data[3] << 24;
}

/* A hybrid that is decoded one number at a time. */
typedef struct Hybrid
{
	const unsigned char *at;
	int			width;
	uint64_t	left;
	bool		is_run;
	uint32_t	number;
	int			bit;
} Hybrid;

/* The next number of a hybrid. */
static uint32_t
hybrid_next(Hybrid *hybrid)
{
	uint32_t	number = 0;
	int			i;

	if (hybrid->left == 0)
	{
		uint64_t	header = 0;
		int			shift = 0;

		do
			header |= (uint64_t) (*hybrid->at & 0x7f) << shift;
		while (shift += 7, *hybrid->at++ & 0x80);
		hybrid->is_run = !(header & 1);
		hybrid->left = hybrid->is_run ? header >> 1 : (header >> 1) * 8;
		hybrid->bit = 0;
		if (hybrid->is_run)
		{
			hybrid->number = 0;
			for (i = 0; i < (hybrid->width + 7) / 8; i++)
				hybrid->number |= (uint32_t) *hybrid->at++ << (8 * i);
		}
	}
	hybrid->left--;
	if (hybrid->is_run)
		return hybrid->number;
	for (i = 0; i < hybrid->width; i++)
	{
		number |= (uint32_t) (*hybrid->at >> hybrid->bit & 1) << i;
		hybrid->at += (hybrid->bit + 1) / 8;
		hybrid->bit = (hybrid->bit + 1) % 8;
	}
	return number;
}

/* The value that starts here in PLAIN bytes, and where the next one does. */
static const unsigned char *
plain_value(const SfdwChunkLayout *layout, const unsigned char *at,
			const unsigned char **value, int *length)
{
	*length = layout->type == SFDW_PARQUET_BYTE_ARRAY ? (int) four(at) : 8;
	*value = layout->type == SFDW_PARQUET_BYTE_ARRAY ? at + 4 : at;
	return *value + *length;
}

/* Compare one value with the row that it should be. */
static void
compare(Naive *naive, const unsigned char *value, int length)
{
	if (lengths[naive->row] != length ||
		memcmp(bytes[naive->row], value, (size_t) length) != 0)
		naive->wrong++;
}

/* Read a data page. */
static void
read_page(Naive *naive, const SfdwPageHeader *header, const unsigned char *data)
{
	Hybrid		levels = {data + 4, 1, 0, false, 0, 0};
	const unsigned char *at = data + 4 + four(data);
	Hybrid		numbers = {at + 1, 0, 0, false, 0, 0};
	int			bit = 0;
	int			i;

	if (header->encoding == SFDW_ENCODING_RLE_DICTIONARY)
		numbers.width = *at;
	naive->data_pages++;
	for (i = 0; i < header->num_values; i++, naive->row++)
	{
		const unsigned char *value;
		int			length;
		unsigned char boolean;

		if (hybrid_next(&levels) == 0)
		{
			naive->wrong += lengths[naive->row] != -1;
			continue;
		}
		if (header->encoding == SFDW_ENCODING_RLE_DICTIONARY)
		{
			const unsigned char *next = naive->dictionary;
			uint32_t	number = hybrid_next(&numbers);

			do
				next = plain_value(naive->layout, next, &value, &length);
			while (number-- > 0);
		}
		else if (naive->layout->type == SFDW_PARQUET_BOOLEAN)
		{
			boolean = at[bit / 8] >> (bit % 8) & 1;
			bit++;
			value = &boolean;
			length = 1;
		}
		else
			at = plain_value(naive->layout, at, &value, &length);
		compare(naive, value, length);
	}
}

/* Read a whole chunk, page by page. */
static void
read_chunk(Naive *naive, const SfdwChunk *chunk)
{
	SfdwBytes	rest = {chunk->pages.data, chunk->pages.length};
	SfdwStatus	status = {0};

	while (rest.length > 0)
	{
		SfdwPageHeader header;
		size_t		consumed;
		const unsigned char *data;

		if (!sfdw_page_header_read(&tap_memory, rest, &header, &consumed, &status))
		{
			naive->wrong++;
			return;
		}
		data = (const unsigned char *) rest.data + consumed;
		naive->wrong += header.crc != crc32(0, data, (uInt) header.compressed_size);
		if ((size_t) header.compressed_size > naive->largest_page)
			naive->largest_page = (size_t) header.compressed_size;
		if (header.type == SFDW_PAGE_DICTIONARY)
			naive->dictionary = data;
		else
		{
			naive->wrong += header.num_values > SFDW_PAGE_MAX_ROWS;
			read_page(naive, &header, data);
		}
		rest.data += consumed + (size_t) header.compressed_size;
		rest.length -= consumed + (size_t) header.compressed_size;
	}
}

/* Put all rows in batches of odd sizes, and finish; false without memory. */
static bool
write_chunk(SfdwChunk *chunk, const SfdwChunkLayout *layout,
			SfdwCompressor *compressor, size_t rows,
			SfdwColumnMetadata *metadata, SfdwStatus *status)
{
	size_t		i;

	sfdw_chunk_init(chunk, layout, &tap_memory, compressor);
	for (i = 0; i < rows; i++)
	{
		SfdwBytes	value = {bytes[i], (size_t) lengths[i]};
		bool		ok;

		if (lengths[i] < 0)
			ok = sfdw_chunk_put_null(chunk, status);
		else if (layout->type == SFDW_PARQUET_BYTE_ARRAY)
			ok = sfdw_chunk_put_bytes(chunk, value, status);
		else
			ok = sfdw_chunk_put(chunk, value.data, value.length, status);
		if (!ok || (i % 997 == 0 && !sfdw_chunk_end_batch(chunk, status)))
			return false;
	}
	return sfdw_chunk_finish(chunk, metadata, status);
}

/* Write the rows, read them back and check the description. */
static void
round_trip(const SfdwChunkLayout *layout, size_t rows, uint32_t encodings,
		   const char *claim)
{
	static SfdwChunk chunk;
	SfdwCompressor compressor;
	SfdwColumnMetadata metadata;
	SfdwStatus	status = {0};
	Naive		naive = {layout};

	sfdw_compressor_init(&compressor, SFDW_CODEC_NONE, 0);
	TAP_OK(write_chunk(&chunk, layout, &compressor, rows, &metadata, &status),
		   "%s: written", claim);
	read_chunk(&naive, &chunk);
	TAP_OK(naive.wrong == 0 && naive.row == rows,
		   "%s: %zu values in %d pages come back (%d wrong)", claim, naive.row,
		   naive.data_pages, naive.wrong);
	TAP_OK(metadata.encodings == (encodings | 1 << SFDW_ENCODING_RLE),
		   "%s: in the encodings expected (%x)", claim, metadata.encodings);
	TAP_OK(metadata.num_values == (int64_t) rows &&
		   metadata.compressed_size == (int64_t) chunk.pages.length &&
		   metadata.uncompressed_size == metadata.compressed_size &&
		   naive.largest_page <= SFDW_PAGE_MAX_BYTES + 4096 + SFDW_PAGE_MAX_ROWS,
		   "%s: and described as what they are", claim);
	sfdw_chunk_free(&chunk);
}

/* Make rows: so many distinct values, from the row on where new ones start. */
static void
make_rows(const SfdwChunkLayout *layout, size_t distinct, size_t unique_from,
		  unsigned nulls_in_ten)
{
	size_t		i;

	for (i = 0; i < MAX_ROWS; i++)
	{
		uint64_t	number = i < unique_from ? random_below(distinct) : i;

		if (random_below(10) < nulls_in_ten)
			lengths[i] = -1;
		else if (layout->type == SFDW_PARQUET_BYTE_ARRAY)
			lengths[i] = snprintf(bytes[i], MAX_LENGTH, "value %0*llu",
								  (int) (number % 20), (unsigned long long) number);
		else
		{
			lengths[i] = layout->type == SFDW_PARQUET_BOOLEAN ? 1 : 8;
			number = layout->type == SFDW_PARQUET_BOOLEAN ? number & 1 : number;
			memcpy(bytes[i], &number, 8);
		}
	}
}

#define PLAIN (1 << SFDW_ENCODING_PLAIN)
#define BOTH (PLAIN | 1 << SFDW_ENCODING_RLE_DICTIONARY)

/* All ways that a chunk can take. */
static void
test_ways(void)
{
	make_rows(&text_layout, 9, MAX_ROWS, 1);
	round_trip(&text_layout, MAX_ROWS, BOTH, "few texts");
	make_rows(&text_layout, 1, MAX_ROWS, 0);
	round_trip(&text_layout, 50000, BOTH, "one text");
	make_rows(&number_layout, 500, MAX_ROWS, 9);
	round_trip(&number_layout, MAX_ROWS, BOTH, "few numbers, mostly null");
	make_rows(&text_layout, 1, 0, 0);
	round_trip(&text_layout, MAX_ROWS, PLAIN, "texts all different, given up early");
	round_trip(&text_layout, 10, PLAIN, "ten of them, given up at the end");
	make_rows(&number_layout, 100, 20000, 3);
	round_trip(&number_layout, MAX_ROWS, PLAIN, "few numbers, then all different");
	make_rows(&text_layout, 1, MAX_ROWS, 10);
	round_trip(&text_layout, 45000, PLAIN, "only nulls");
	make_rows(&boolean_layout, 2, MAX_ROWS, 2);
	round_trip(&boolean_layout, MAX_ROWS, PLAIN, "booleans");
	round_trip(&boolean_layout, 1, PLAIN, "one boolean");
}

/* A dictionary that grows beyond its limit is left in the middle. */
static void
test_full_dictionary(void)
{
	static char long_value[70000];
	static SfdwChunk chunk;
	SfdwCompressor compressor;
	SfdwColumnMetadata metadata;
	SfdwStatus	status = {0};
	bool		ok = true;
	int			i;

	sfdw_compressor_init(&compressor, SFDW_CODEC_NONE, 0);
	sfdw_chunk_init(&chunk, &text_layout, &tap_memory, &compressor);
	for (i = 0; i < 600; i++)
	{
		SfdwBytes	value = {long_value, sizeof(long_value)};

		memcpy(long_value, &i, sizeof(i));
		ok = ok && sfdw_chunk_put_bytes(&chunk, value, &status) &&
			sfdw_chunk_put_bytes(&chunk, value, &status) &&
			(i % 50 != 0 || sfdw_chunk_end_batch(&chunk, &status));
	}
	ok = ok && sfdw_chunk_finish(&chunk, &metadata, &status);
	TAP_OK(ok && metadata.encodings == (PLAIN | 1 << SFDW_ENCODING_RLE) &&
		   metadata.num_values == 1200 &&
		   metadata.uncompressed_size > INT64_C(1200) * 70000,
		   "a dictionary beyond 16 MB is given up without losing values");
	sfdw_chunk_free(&chunk);
}

/* Every allocation may fail: the status says so, and nothing leaks. */
static void
test_no_memory(void)
{
	static SfdwChunk chunk;
	SfdwCompressor compressor;
	SfdwColumnMetadata metadata;
	int			failed = 0;
	int			wrong = 0;
	bool		done = false;

	make_rows(&text_layout, 300, 18000, 1);
	sfdw_compressor_init(&compressor, SFDW_CODEC_SNAPPY, 0);
	while (!done && failed < 1000)
	{
		SfdwStatus	status = {0};

		tap_memory_left = failed;
		done = write_chunk(&chunk, &text_layout, &compressor, 40000, &metadata,
						   &status);
		tap_memory_left = -1;
		if (!done)
		{
			failed++;
			wrong += status.code != SFDW_OUT_OF_MEMORY;
		}
		sfdw_chunk_free(&chunk);
	}
	TAP_OK(done && failed > 20 && wrong == 0,
		   "each of %d allocations can fail (%d not reported)", failed, wrong);
	sfdw_compressor_release(&compressor);
}

int
main(void)
{
	test_ways();
	test_full_dictionary();
	test_no_memory();
	return tap_done();
}
