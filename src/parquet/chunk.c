/*-------------------------------------------------------------------------
 * chunk.c
 *		Turn the values of one column into the pages of one row group
 *
 * Pure.  See chunk.h.  A row is a byte in levels, and a value is bytes in
 * values and an end in ends, whatever its type.
 *-------------------------------------------------------------------------
 */
#include "parquet/chunk.h"

#include <string.h>
#include <zlib.h>

#include "parquet/encoding.h"
#include "parquet/footer.h"

/*
 * When to give up on a dictionary before the chunk is whole: after so many
 * values of which nearly all were new.
 */
#define TRIAL_VALUES 16384
#define TRIAL_MAX_DISTINCT_PERCENT 99

/* More distinct values than this never pay. */
#define MAX_DISTINCT_PERCENT 75

/* Levels that stand for a null and for a value. */
#define LEVEL_NULL 0
#define LEVEL_VALUE 1

/* The buffers of a chunk, without its dictionary's. */
#define BUFFER_COUNT 8

/* Point to each of them. */
static void
list_buffers(SfdwChunk *chunk, SfdwBuffer *buffers[BUFFER_COUNT])
{
	buffers[0] = &chunk->values;
	buffers[1] = &chunk->ends;
	buffers[2] = &chunk->levels;
	buffers[3] = &chunk->numbers;
	buffers[4] = &chunk->scratch;
	buffers[5] = &chunk->body;
	buffers[6] = &chunk->compressed;
	buffers[7] = &chunk->pages;
}

/* Start a chunk. */
void
sfdw_chunk_init(SfdwChunk *chunk, const SfdwChunkLayout *layout,
				const SfdwMemory *memory, SfdwCompressor *compressor)
{
	SfdwBuffer *buffers[BUFFER_COUNT];
	int			i;

	memset(chunk, 0, sizeof(*chunk));
	chunk->layout = layout;
	chunk->memory = memory;
	chunk->compressor = compressor;
	chunk->in_dictionary = layout->use_dictionary;
	list_buffers(chunk, buffers);
	for (i = 0; i < BUFFER_COUNT; i++)
		sfdw_buffer_init(buffers[i], memory, SIZE_MAX);
	sfdw_page_dictionary_init(&chunk->dictionary, memory);
}

/* The numbers in a buffer. */
static inline uint32_t *
numbers_in(const SfdwBuffer *buffer)
{
	return (uint32_t *) buffer->data;
}

/* How many numbers are in a buffer. */
static inline size_t
number_count(const SfdwBuffer *buffer)
{
	return buffer->length / sizeof(uint32_t);
}

/*
 * Append to a buffer, without a call while there is room: it is done three
 * times a value.
 */
static inline bool
append(SfdwBuffer *buffer, const void *data, size_t length,
	   SfdwStatus *status)
{
	if (length > buffer->capacity - buffer->length)
		return sfdw_buffer_append(buffer, data, length, status);
	memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	return true;
}

/* Append one level. */
static inline bool
put_level(SfdwChunk *chunk, uint8_t level, SfdwStatus *status)
{
	return append(&chunk->levels, &level, 1, status);
}

/* Note where the value that was just appended ends. */
static inline bool
put_end(SfdwChunk *chunk, SfdwStatus *status)
{
	uint32_t	end = (uint32_t) chunk->values.length;

	return append(&chunk->ends, &end, sizeof(end), status);
}

/* Add a row without a value. */
bool
sfdw_chunk_put_null(SfdwChunk *chunk, SfdwStatus *status)
{
	chunk->num_rows++;
	chunk->num_nulls++;
	return put_level(chunk, LEVEL_NULL, status);
}

/* Add a row with a value of a fixed size. */
bool
sfdw_chunk_put(SfdwChunk *chunk, const void *value, size_t length,
			   SfdwStatus *status)
{
	chunk->num_rows++;
	return put_level(chunk, LEVEL_VALUE, status) &&
		append(&chunk->values, value, length, status) &&
		put_end(chunk, status);
}

/* Add a row with a byte array. */
bool
sfdw_chunk_put_bytes(SfdwChunk *chunk, SfdwBytes value, SfdwStatus *status)
{
	uint32_t	length = (uint32_t) value.length;

	if (value.length > SFDW_MAX_VALUE_BYTES)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "a value is longer than %zu bytes",
						 SFDW_MAX_VALUE_BYTES);
	chunk->num_rows++;
	return put_level(chunk, LEVEL_VALUE, status) &&
		append(&chunk->values, &length, SFDW_LENGTH_PREFIX, status) &&
		append(&chunk->values, value.data, value.length, status) &&
		put_end(chunk, status);
}

/* Count a page of a kind. */
static void
count_page(SfdwChunk *chunk, int32_t type, int32_t encoding)
{
	SfdwPageEncodingStats *kind = chunk->page_kinds;

	while (kind->count > 0 &&
		   (kind->page_type != type || kind->encoding != encoding))
		kind++;
	kind->page_type = type;
	kind->encoding = encoding;
	kind->count++;
	chunk->encodings |= UINT32_C(1) << encoding;
	if (type == SFDW_PAGE_DATA)
		chunk->encodings |= UINT32_C(1) << SFDW_ENCODING_RLE;
}

/* Compress a page's content and append it, with its header, to the pages. */
static bool
emit_page(SfdwChunk *chunk, SfdwPageType type, SfdwParquetEncoding encoding,
		  SfdwBytes content, size_t num_values, SfdwStatus *status)
{
	SfdwPageHeader header = {0};
	size_t		start = chunk->pages.length;
	size_t		header_size;

	if (!sfdw_compress(chunk->compressor, content, &chunk->compressed, status))
		return false;
	header.type = type;
	header.encoding = encoding;
	header.num_values = (int32_t) num_values;
	header.definition_encoding = SFDW_ENCODING_RLE;
	header.repetition_encoding = SFDW_ENCODING_RLE;
	header.uncompressed_size = (int32_t) content.length;
	header.compressed_size = (int32_t) chunk->compressed.length;
	header.has_crc = true;
	header.crc = (uint32_t) crc32_z(0, (const Bytef *) chunk->compressed.data,
									chunk->compressed.length);
	if (!sfdw_page_header_write(&chunk->pages, &header, status))
		return false;
	header_size = chunk->pages.length - start;
	chunk->uncompressed_size += (int64_t) (header_size + content.length);
	count_page(chunk, type, encoding);
	return sfdw_buffer_append(&chunk->pages, chunk->compressed.data,
							  chunk->compressed.length, status);
}

/* Start a data page's content: the levels of its rows. */
static bool
start_body(SfdwChunk *chunk, const uint8_t *levels, size_t rows,
		   SfdwStatus *status)
{
	sfdw_buffer_reset(&chunk->body);
	return sfdw_buffer_reserve(&chunk->scratch, rows * sizeof(uint32_t),
							   status) &&
		sfdw_levels_encode(&chunk->body, levels, rows,
						   numbers_in(&chunk->scratch), status);
}

/* Append the content in body as a data page. */
static bool
emit_body(SfdwChunk *chunk, SfdwParquetEncoding encoding, size_t rows,
		  SfdwStatus *status)
{
	SfdwBytes	content = {chunk->body.data, chunk->body.length};

	return emit_page(chunk, SFDW_PAGE_DATA, encoding, content, rows, status);
}

/* Drop the first bytes of a buffer. */
static void
drop_front(SfdwBuffer *buffer, size_t length)
{
	buffer->length -= length;
	memmove(buffer->data, buffer->data + length, buffer->length);
}

/* Drop the first values, and let the ends of the others count from there. */
static void
drop_values(SfdwChunk *chunk, size_t count)
{
	uint32_t	length;
	size_t		i;

	if (count == 0)
		return;
	length = numbers_in(&chunk->ends)[count - 1];
	drop_front(&chunk->values, length);
	drop_front(&chunk->ends, count * sizeof(uint32_t));
	for (i = 0; i < number_count(&chunk->ends); i++)
		numbers_in(&chunk->ends)[i] -= length;
}

/* Emit the first rows as a PLAIN page and drop them. */
static bool
emit_plain(SfdwChunk *chunk, size_t rows, size_t values, SfdwStatus *status)
{
	size_t		bytes = values ? numbers_in(&chunk->ends)[values - 1] : 0;
	bool		ok;

	if (!start_body(chunk, (uint8_t *) chunk->levels.data, rows, status))
		return false;
	if (chunk->layout->type == SFDW_PARQUET_BOOLEAN)
		ok = sfdw_bits_encode(&chunk->body, (uint8_t *) chunk->values.data,
							  values, status);
	else
		ok = sfdw_buffer_append(&chunk->body, chunk->values.data, bytes,
								status);
	if (!ok || !emit_body(chunk, SFDW_ENCODING_PLAIN, rows, status))
		return false;
	drop_front(&chunk->levels, rows);
	drop_values(chunk, values);
	return true;
}

/* How many of the first rows, and of their values, fit into one page. */
static size_t
page_rows(const SfdwChunk *chunk, size_t *values)
{
	const uint8_t *levels = (const uint8_t *) chunk->levels.data;
	const uint32_t *ends = numbers_in(&chunk->ends);
	size_t		rows = 0;

	*values = 0;
	while (rows < chunk->levels.length && rows < SFDW_PAGE_MAX_ROWS)
	{
		if (levels[rows] == LEVEL_VALUE)
		{
			if (rows > 0 && ends[*values] > SFDW_PAGE_MAX_BYTES)
				break;
			(*values)++;
		}
		rows++;
	}
	return rows;
}

/* Emit PLAIN pages while there is enough for one, at the end all of it. */
static bool
cut_pages(SfdwChunk *chunk, bool at_end, SfdwStatus *status)
{
	size_t		values;
	size_t		rows;

	while (chunk->levels.length >= SFDW_PAGE_MAX_ROWS ||
		   chunk->values.length >= SFDW_PAGE_MAX_BYTES ||
		   (at_end && chunk->levels.length > 0))
	{
		rows = page_rows(chunk, &values);
		if (!emit_plain(chunk, rows, values, status))
			return false;
	}
	chunk->batch_values = number_count(&chunk->ends);
	return true;
}

/* The bytes in front of a value that are not part of it. */
static size_t
value_prefix(const SfdwChunk *chunk)
{
	return chunk->layout->type == SFDW_PARQUET_BYTE_ARRAY ?
		SFDW_LENGTH_PREFIX : 0;
}

/* Take values into account for the bounds. */
static void
add_bounds(SfdwChunk *chunk, const SfdwValues *values)
{
	if (chunk->layout->bounds)
		sfdw_bounds_add(&chunk->bounds, chunk->layout->order,
						value_prefix(chunk), values);
}

/* The values of the batch. */
static SfdwValues
batch_of(const SfdwChunk *chunk)
{
	size_t		first = chunk->batch_values;
	SfdwValues	values = {chunk->values.data, 0, NULL, 0};

	values.count = number_count(&chunk->ends) - first;
	if (values.count > 0)
		values.ends = numbers_in(&chunk->ends) + first;
	if (first > 0)
		values.start = numbers_in(&chunk->ends)[first - 1];
	return values;
}

/* Take the dictionary's values into account for the bounds: all are used. */
static bool
add_dictionary_bounds(SfdwChunk *chunk, SfdwStatus *status)
{
	SfdwPageDictionary *dictionary = &chunk->dictionary;
	uint32_t	end = (uint32_t) dictionary->values.length;
	SfdwValues	values = {dictionary->values.data, 0, NULL,
	dictionary->count};

	/* where the next value starts, this one ends */
	if (dictionary->count == 0)
		return true;
	if (!sfdw_buffer_append(&dictionary->starts, &end, sizeof(end), status))
		return false;
	values.ends = numbers_in(&dictionary->starts) + 1;
	add_bounds(chunk, &values);
	dictionary->starts.length -= sizeof(end);
	return true;
}

/* Put the value that a number stands for. */
static bool
restore_value(SfdwChunk *chunk, uint32_t number, SfdwStatus *status)
{
	SfdwBytes	value = sfdw_page_dictionary_value(&chunk->dictionary, number);

	return sfdw_buffer_append(&chunk->values, value.data, value.length,
							  status) && put_end(chunk, status);
}

/*
 * Make PLAIN pages of the chunk so far.  levels and numbers are taken out of
 * the chunk, and rows put back one by one, cutting pages on the way, so that
 * never much more than a page is there twice.
 */
static bool
restore_rows(SfdwChunk *chunk, const SfdwBuffer *levels, SfdwStatus *status)
{
	size_t		at = 0;
	size_t		row;

	for (row = 0; row < levels->length; row++)
	{
		uint8_t		level = (uint8_t) levels->data[row];

		/* the rows of the batch that the dictionary did not take stay out */
		if (level == LEVEL_VALUE && at == number_count(&chunk->numbers))
			break;
		if (!put_level(chunk, level, status))
			return false;
		if (level == LEVEL_VALUE &&
			!restore_value(chunk, numbers_in(&chunk->numbers)[at++], status))
			return false;
		if (chunk->values.length >= SFDW_PAGE_MAX_BYTES ||
			chunk->levels.length >= SFDW_PAGE_MAX_ROWS)
			if (!cut_pages(chunk, false, status))
				return false;
	}
	return sfdw_buffer_append(&chunk->levels, levels->data + row,
							  levels->length - row, status);
}

/* Put back what is left of the batch: values from the first one on. */
static bool
restore_batch(SfdwChunk *chunk, const SfdwValues *batch, size_t first,
			  SfdwStatus *status)
{
	uint32_t	start = first ? batch->ends[first - 1] : 0;
	size_t		i;

	for (i = first; i < batch->count; i++)
	{
		if (!sfdw_buffer_append(&chunk->values, batch->data + start,
								batch->ends[i] - start, status) ||
			!put_end(chunk, status))
			return false;
		start = batch->ends[i];
	}
	return true;
}

/*
 * Give the dictionary up.  batch is what the values buffer holds, of which the
 * first added values have numbers already.
 */
static bool
leave_dictionary(SfdwChunk *chunk, const SfdwValues *batch, size_t added,
				 SfdwStatus *status)
{
	SfdwBuffer	levels = chunk->levels;
	SfdwBuffer	values = chunk->values;
	SfdwBuffer	ends = chunk->ends;
	bool		ok;

	if (!add_dictionary_bounds(chunk, status))
		return false;
	chunk->in_dictionary = false;
	chunk->batch_values = 0;
	sfdw_buffer_init(&chunk->levels, chunk->memory, SIZE_MAX);
	sfdw_buffer_init(&chunk->values, chunk->memory, SIZE_MAX);
	sfdw_buffer_init(&chunk->ends, chunk->memory, SIZE_MAX);
	ok = restore_rows(chunk, &levels, status);
	chunk->batch_values = number_count(&chunk->ends);
	ok = ok && restore_batch(chunk, batch, added, status);
	sfdw_buffer_free(&levels);
	sfdw_buffer_free(&values);
	sfdw_buffer_free(&ends);
	sfdw_buffer_free(&chunk->numbers);
	sfdw_page_dictionary_free(&chunk->dictionary);
	return ok;
}

/* The value that was put last. */
SfdwBytes
sfdw_chunk_last(const SfdwChunk *chunk)
{
	size_t		count = number_count(&chunk->ends);
	const uint32_t *ends = numbers_in(&chunk->ends);
	uint32_t	start = count > 1 ? ends[count - 2] : 0;
	size_t		prefix = value_prefix(chunk);
	SfdwBytes	value = {chunk->values.data + start + prefix,
	ends[count - 1] - start - prefix};

	return value;
}

/* Whether the first values have shown that a dictionary cannot pay. */
static bool
is_hopeless(const SfdwChunk *chunk)
{
	uint64_t	count = number_count(&chunk->numbers);

	return count >= TRIAL_VALUES &&
		chunk->dictionary.count > count * TRIAL_MAX_DISTINCT_PERCENT / 100;
}

/* Give the batch's values numbers; *added says how many got one. */
static bool
number_batch(SfdwChunk *chunk, const SfdwValues *batch, size_t *added,
			 SfdwStatus *status)
{
	if (!sfdw_buffer_reserve(&chunk->numbers, batch->count * sizeof(uint32_t),
							 status) ||
		!sfdw_page_dictionary_add(&chunk->dictionary, batch,
								  numbers_in(&chunk->numbers) +
								  number_count(&chunk->numbers), added, status))
		return false;
	chunk->numbers.length += *added * sizeof(uint32_t);
	chunk->plain_bytes += chunk->values.length;
	return true;
}

/* Work off a batch as long as the chunk is kept in a dictionary. */
static bool
end_dictionary_batch(SfdwChunk *chunk, SfdwStatus *status)
{
	SfdwValues	batch = batch_of(chunk);
	size_t		added;

	if (batch.count == 0)
		return true;
	if (!number_batch(chunk, &batch, &added, status))
		return false;
	if (added < batch.count || is_hopeless(chunk))
		return leave_dictionary(chunk, &batch, added, status);
	sfdw_buffer_reset(&chunk->values);
	sfdw_buffer_reset(&chunk->ends);
	return true;
}

/* Work off the rows that were put since the last call. */
bool
sfdw_chunk_end_batch(SfdwChunk *chunk, SfdwStatus *status)
{
	SfdwValues	batch;

	if (chunk->in_dictionary && !end_dictionary_batch(chunk, status))
		return false;
	if (chunk->in_dictionary)
		return true;
	batch = batch_of(chunk);
	add_bounds(chunk, &batch);
	return cut_pages(chunk, false, status);
}

/*
 * Whether the dictionary pays, now that the chunk is whole: what it and the
 * numbers take is less than the values themselves.
 */
static bool
dictionary_pays(const SfdwChunk *chunk)
{
	uint64_t	count = number_count(&chunk->numbers);
	uint64_t	distinct = chunk->dictionary.count;
	uint64_t	number_bytes;

	if (distinct == 0 || distinct * 100 > count * MAX_DISTINCT_PERCENT)
		return false;
	number_bytes = count * (uint64_t) sfdw_bit_width((uint32_t) distinct - 1) / 8;
	return chunk->dictionary.values.length + number_bytes < chunk->plain_bytes;
}

/* Emit the rows from the first one on as a page of dictionary numbers. */
static bool
emit_numbers(SfdwChunk *chunk, const uint8_t *levels, size_t rows,
			 const uint32_t *numbers, size_t count, SfdwStatus *status)
{
	int			bits = sfdw_bit_width(chunk->dictionary.count - 1);
	char		width;

	/* some readers take a width of zero for a mistake */
	width = (char) (bits > 0 ? bits : 1);
	return start_body(chunk, levels, rows, status) &&
		sfdw_buffer_append(&chunk->body, &width, 1, status) &&
		sfdw_rle_encode(&chunk->body, numbers, count, width, status) &&
		emit_body(chunk, SFDW_ENCODING_RLE_DICTIONARY, rows, status);
}

/* Emit the dictionary and all data pages. */
static bool
emit_dictionary(SfdwChunk *chunk, SfdwStatus *status)
{
	SfdwBytes	content = {chunk->dictionary.values.data,
	chunk->dictionary.values.length};
	const uint8_t *levels = (const uint8_t *) chunk->levels.data;
	const uint32_t *numbers = numbers_in(&chunk->numbers);
	size_t		rows;
	size_t		row;
	size_t		i;

	if (!emit_page(chunk, SFDW_PAGE_DICTIONARY, SFDW_ENCODING_PLAIN, content,
				   chunk->dictionary.count, status))
		return false;
	chunk->dictionary_size = (int64_t) chunk->pages.length;
	for (row = 0; row < chunk->levels.length; row += rows)
	{
		size_t		count = 0;

		rows = chunk->levels.length - row < SFDW_PAGE_MAX_ROWS ?
			chunk->levels.length - row : SFDW_PAGE_MAX_ROWS;
		for (i = 0; i < rows; i++)
			count += levels[row + i];
		if (!emit_numbers(chunk, levels + row, rows, numbers, count, status))
			return false;
		numbers += count;
	}
	return true;
}

/* Make the last pages. */
static bool
finish_pages(SfdwChunk *chunk, SfdwStatus *status)
{
	SfdwValues	none = {0};

	if (!chunk->in_dictionary)
		return cut_pages(chunk, true, status);
	if (dictionary_pays(chunk))
		return add_dictionary_bounds(chunk, status) &&
			emit_dictionary(chunk, status);
	return leave_dictionary(chunk, &none, 0, status) &&
		cut_pages(chunk, true, status);
}

/* Describe the finished chunk. */
static void
describe(SfdwChunk *chunk, SfdwColumnMetadata *metadata)
{
	memset(metadata, 0, sizeof(*metadata));
	metadata->type = chunk->layout->type;
	metadata->encodings = chunk->encodings;
	metadata->num_values = chunk->num_rows;
	metadata->uncompressed_size = chunk->uncompressed_size;
	metadata->compressed_size = (int64_t) chunk->pages.length;
	metadata->data_page_offset = chunk->dictionary_size;
	metadata->dictionary_page_offset = chunk->dictionary_size > 0 ?
		0 : SFDW_PARQUET_ABSENT;
	metadata->encoding_stats = chunk->page_kinds;
	while (metadata->num_encoding_stats < SFDW_CHUNK_PAGE_KINDS &&
		   chunk->page_kinds[metadata->num_encoding_stats].count > 0)
		metadata->num_encoding_stats++;
	metadata->statistics.null_count = chunk->layout->null_counts ?
		chunk->num_nulls : SFDW_PARQUET_ABSENT;
	metadata->statistics.distinct_count = SFDW_PARQUET_ABSENT;
	metadata->offset_index_offset = SFDW_PARQUET_ABSENT;
	metadata->offset_index_length = SFDW_PARQUET_ABSENT;
	metadata->column_index_offset = SFDW_PARQUET_ABSENT;
	metadata->column_index_length = SFDW_PARQUET_ABSENT;
	if (chunk->layout->bounds)
		sfdw_bounds_finish(&chunk->bounds, chunk->layout->order,
						   &metadata->statistics);
}

/* Make the last pages, and describe the chunk. */
bool
sfdw_chunk_finish(SfdwChunk *chunk, SfdwColumnMetadata *metadata,
				  SfdwStatus *status)
{
	if (!sfdw_chunk_end_batch(chunk, status) || !finish_pages(chunk, status))
		return false;
	describe(chunk, metadata);
	return true;
}

/* Give all memory back. */
void
sfdw_chunk_free(SfdwChunk *chunk)
{
	SfdwBuffer *buffers[BUFFER_COUNT];
	int			i;

	list_buffers(chunk, buffers);
	for (i = 0; i < BUFFER_COUNT; i++)
		sfdw_buffer_free(buffers[i]);
	sfdw_page_dictionary_free(&chunk->dictionary);
}

/* Memory that the chunk holds. */
size_t
sfdw_chunk_memory(SfdwChunk *chunk)
{
	SfdwBuffer *buffers[BUFFER_COUNT];
	size_t		memory = sfdw_page_dictionary_memory(&chunk->dictionary);
	int			i;

	list_buffers(chunk, buffers);
	for (i = 0; i < BUFFER_COUNT; i++)
		memory += buffers[i]->capacity;
	return memory;
}
