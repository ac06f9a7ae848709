/*
 * parquet/footer.c and parquet/thrift_*.c: a footer comes back as it was
 * written, and no footer, however malformed, does harm.
 */
#include "parquet/footer.h"
#include "parquet/names.h"
#include "random.h"
#include "tap.h"

#define COLUMNS 4
#define GROUPS 3
#define MUTATIONS 60000

/*
 * Memory that is dropped as a whole, as a memory context is; asking for more
 * than the arena has is a failure of the test.
 */
#define ARENA_SIZE (64 << 20)
static char *arena;
static size_t arena_used;
static bool arena_exhausted;

static void *
arena_resize(void *context, void *pointer, size_t size)
{
	char	   *block;

	(void) context;
	if (size == 0)
		return NULL;
	if (size > ARENA_SIZE - arena_used - 32)
	{
		arena_exhausted = true;
		return NULL;
	}
	block = arena + arena_used + 16;
	memcpy(arena + arena_used, &size, sizeof(size));
	if (pointer != NULL)
	{
		size_t		old;

		memcpy(&old, (char *) pointer - 16, sizeof(old));
		memcpy(block, pointer, old < size ? old : size);
	}
	arena_used += 16 + ((size + 15) & ~(size_t) 15);
	return block;
}

static const SfdwMemory arena_memory = {arena_resize, NULL};

/* Text as bytes. */
static SfdwBytes
text(const char *string)
{
	SfdwBytes	bytes = {string, strlen(string)};

	return bytes;
}

/* A file's description with something in every field. */
static const SfdwParquetMetadata *
example(void)
{
	static SfdwSchemaElement schema[COLUMNS + 1];
	static SfdwColumnMetadata columns[GROUPS][COLUMNS];
	static SfdwPageEncodingStats stats[] = {{2, 0, 1}, {0, 8, 5}};
	static SfdwSortingColumn sorting[] = {{1, false, false}, {0, true, true}};
	static SfdwRowGroup groups[GROUPS];
	static SfdwColumnOrder orders[COLUMNS] = {{1}, {1}, {1}, {1}};
	static SfdwBytes path;
	static SfdwParquetKeyValue key_values[2];
	static SfdwParquetMetadata metadata;
	int			i;
	int			j;

	path = text("name");
	for (i = 0; i <= COLUMNS; i++)
	{
		SfdwSchemaElement *element = &schema[i];

		memset(element, 0, sizeof(*element));
		element->name = text(i ? "name" : "root");
		element->type = i ? SFDW_PARQUET_INT64 : SFDW_PARQUET_ABSENT;
		element->type_length = i == 3 ? 16 : SFDW_PARQUET_ABSENT;
		element->repetition = i ? SFDW_PARQUET_OPTIONAL : SFDW_PARQUET_ABSENT;
		element->num_children = i ? 0 : COLUMNS;
		element->converted = i ? i - 1 : SFDW_PARQUET_ABSENT;
		element->scale = i == 2 ? 3 : SFDW_PARQUET_ABSENT;
		element->precision = i == 2 ? 12 : SFDW_PARQUET_ABSENT;
		element->field_id = i == 4 ? 70000 : SFDW_PARQUET_ABSENT;
	}
	schema[1].logical.kind = SFDW_LOGICAL_TIMESTAMP;
	schema[1].logical.is_adjusted_to_utc = true;
	schema[1].logical.unit = SFDW_UNIT_MICROS;
	schema[2].logical.kind = SFDW_LOGICAL_DECIMAL;
	schema[2].logical.scale = 3;
	schema[2].logical.precision = 12;
	schema[3].logical.kind = SFDW_LOGICAL_STRING;
	schema[4].logical.kind = SFDW_LOGICAL_INTEGER;
	schema[4].logical.bit_width = 16;
	schema[4].logical.is_signed = true;
	for (i = 0; i < GROUPS; i++)
	{
		for (j = 0; j < COLUMNS; j++)
		{
			SfdwColumnMetadata *column = &columns[i][j];

			memset(column, 0, sizeof(*column));
			column->type = SFDW_PARQUET_INT64;
			column->encodings = 1 | 1 << 3 | 1 << 8;
			column->path = &path;
			column->path_length = 1;
			column->codec = SFDW_CODEC_ZSTD;
			column->num_values = 1000 + i;
			column->uncompressed_size = INT64_C(1) << 40;
			column->compressed_size = 12345;
			column->data_page_offset = 4 + j;
			column->dictionary_page_offset = j ? SFDW_PARQUET_ABSENT : 4;
			column->statistics.min_value = text("");
			column->statistics.max_value = j ? text("zz") : (SfdwBytes) {NULL, 0};
			column->statistics.is_min_exact = true;
			column->statistics.null_count = 7;
			column->statistics.distinct_count = SFDW_PARQUET_ABSENT;
			column->encoding_stats = stats;
			column->num_encoding_stats = 2;
			column->offset_index_offset = 77;
			column->offset_index_length = 5;
			column->column_index_offset = SFDW_PARQUET_ABSENT;
			column->column_index_length = SFDW_PARQUET_ABSENT;
		}
		memset(&groups[i], 0, sizeof(groups[i]));
		groups[i].columns = columns[i];
		groups[i].num_columns = COLUMNS;
		groups[i].num_rows = 1000 + i;
		groups[i].file_offset = 4;
		groups[i].ordinal = i;
		groups[i].sorting = sorting;
		groups[i].num_sorting = i;
	}
	key_values[0].key = text("k");
	key_values[0].value = text("v");
	key_values[1].key = text("without value");
	memset(&metadata, 0, sizeof(metadata));
	metadata.version = 2;
	metadata.schema = schema;
	metadata.num_schema = COLUMNS + 1;
	metadata.num_rows = 3003;
	metadata.row_groups = groups;
	metadata.num_row_groups = GROUPS;
	metadata.key_values = key_values;
	metadata.num_key_values = 2;
	metadata.created_by = text("somebody");
	metadata.column_orders = orders;
	metadata.num_column_orders = COLUMNS;
	return &metadata;
}

/* The example as bytes. */
static SfdwBytes
example_bytes(void)
{
	static SfdwBuffer buffer;
	SfdwStatus	status = {0};
	SfdwBytes	bytes;

	if (buffer.data == NULL)
	{
		sfdw_buffer_init(&buffer, &tap_memory, 1 << 20);
		if (!sfdw_footer_write(&buffer, example(), &status))
			abort();
	}
	bytes.data = buffer.data;
	bytes.length = buffer.length;
	return bytes;
}

/* Read bytes as a footer, into an empty arena. */
static bool
read_footer(SfdwBytes bytes, SfdwParquetMetadata *metadata, SfdwStatus *status)
{
	arena_used = 0;
	memset(status, 0, sizeof(*status));
	return sfdw_footer_read(&arena_memory, bytes, metadata, status);
}

/* What is read is what was written: writing it again gives the same bytes. */
static void
test_round_trip(void)
{
	SfdwBytes	bytes = example_bytes();
	SfdwParquetMetadata metadata;
	SfdwStatus	status;
	SfdwBuffer	again;
	char		logical[SFDW_LOGICAL_TEXT_SIZE];

	sfdw_buffer_init(&again, &tap_memory, 1 << 20);
	TAP_OK(read_footer(bytes, &metadata, &status), "the footer is read (%s)",
		   status.message);
	TAP_OK(sfdw_footer_write(&again, &metadata, &status) &&
		   again.length == bytes.length &&
		   memcmp(again.data, bytes.data, bytes.length) == 0,
		   "and written again as the same bytes");
	TAP_OK(metadata.num_leaves == COLUMNS && metadata.num_rows == 3003 &&
		   metadata.row_groups[2].num_sorting == 2 &&
		   metadata.row_groups[1].columns[1].dictionary_page_offset ==
		   SFDW_PARQUET_ABSENT &&
		   metadata.row_groups[1].columns[0].statistics.max_value.data == NULL &&
		   metadata.row_groups[1].columns[0].statistics.min_value.data != NULL,
		   "with the values it had");
	TAP_OK(strcmp(sfdw_parquet_logical_text(&metadata.schema[1].logical, logical),
				  "TIMESTAMP(isAdjustedToUTC=true, unit=MICROS)") == 0,
		   "the logical type has its words");
	sfdw_buffer_free(&again);
}

/* A footer that was cut anywhere is refused. */
static void
test_truncation(void)
{
	SfdwBytes	bytes = example_bytes();
	size_t		whole = bytes.length;
	SfdwParquetMetadata metadata;
	SfdwStatus	status;
	int			accepted = 0;

	for (bytes.length = 0; bytes.length < whole; bytes.length++)
		accepted += read_footer(bytes, &metadata, &status);
	TAP_OK(accepted == 0, "none of %zu truncated footers is accepted", whole);
}

/* Refused for the reason given. */
static void
refuse(const char *bytes, size_t length, const char *message,
	   const char *claim)
{
	SfdwBytes	footer = {bytes, length};
	SfdwParquetMetadata metadata;
	SfdwStatus	status;

	TAP_OK(!read_footer(footer, &metadata, &status) &&
		   status.code == SFDW_MALFORMED &&
		   strstr(status.message, message) != NULL, "%s: %s", claim,
		   status.message);
}

/* Each limit by itself. */
static void
test_limits(void)
{
	char		nested[200];

	/* an unrecognized field 20 that is a struct in a struct in a struct ... */
	memset(nested, 0x1c, sizeof(nested));
	memcpy(nested, "\x0c\x28", 2);
	refuse(nested, sizeof(nested), "too deeply", "nesting");
	/* field 2 (the schema) claims 2^31 - 1 elements */
	refuse("\x15\x02\x19\xfc\xff\xff\xff\xff\x07", 9, "longer than what is left",
		   "a count without elements");
	/* field 6 (created_by) claims 2^40 bytes */
	refuse("\x15\x02\x58\x80\x80\x80\x80\x80\x20", 9, "longer than what is left",
		   "a length without bytes");
	refuse("\x15\x02\x05\x02\x02", 5, "given twice", "a field twice");
	refuse("\x18\x01x", 3, "another type", "a string for a number");
	refuse("\x15\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12,
		   "too many bytes", "a number of eleven bytes");
	refuse("\x15\xff\xff\xff\xff\x7f", 6, "range", "a number beyond its type");
	refuse("\x15\x02\x00", 3, "lacks its field", "required fields");
	refuse("", 0, "ends early", "nothing at all");
}

/*
 * Bytes changed, inserted, removed and copied at random: every footer is read
 * or refused, within the memory that its size justifies.
 */
static void
test_mutations(void)
{
	SfdwBytes	original = example_bytes();
	char	   *mutant = malloc(original.length + 64);
	SfdwParquetMetadata metadata;
	SfdwStatus	status;
	int			accepted = 0;
	int			i;

	for (i = 0; i < MUTATIONS; i++)
	{
		SfdwBytes	bytes = {mutant, original.length};
		uint64_t	changes = 1 + random_below(4);

		memcpy(mutant, original.data, original.length);
		while (changes-- > 0)
		{
			size_t		at = (size_t) random_below(bytes.length);
			size_t		other = (size_t) random_below(bytes.length);

			switch (random_below(4))
			{
				case 0:
					mutant[at] = (char) random_next();
					break;
				case 1:
					mutant[at] ^= (char) (1 << random_below(8));
					break;
				case 2:
					memmove(mutant + at, mutant + other,
							bytes.length - (at > other ? at : other));
					break;
				default:
					bytes.length -= bytes.length > 1;
					memmove(mutant + at, mutant + at + 1,
							at < bytes.length ? bytes.length - at : 0);
					break;
			}
		}
		accepted += read_footer(bytes, &metadata, &status);
	}
	TAP_OK(!arena_exhausted, "%d mutated footers are read within 64 MB", i);
	TAP_OK(accepted > 0 && accepted < MUTATIONS / 2,
		   "some are still footers (%d), most are refused", accepted);
	free(mutant);
}

/* The header of a page comes back; one with negative sizes is refused. */
static void
test_page_header(void)
{
	SfdwPageHeader header = {0};
	SfdwPageHeader back;
	SfdwStatus	status = {0};
	SfdwBuffer	buffer;
	SfdwBytes	bytes;
	size_t		consumed;

	header.type = SFDW_PAGE_DATA;
	header.compressed_size = 100;
	header.uncompressed_size = 200;
	header.has_crc = true;
	header.crc = 0xfffffffe;
	header.num_values = 17;
	header.encoding = SFDW_ENCODING_RLE_DICTIONARY;
	header.definition_encoding = SFDW_ENCODING_RLE;
	header.repetition_encoding = SFDW_ENCODING_RLE;
	sfdw_buffer_init(&buffer, &tap_memory, 1000);
	sfdw_page_header_write(&buffer, &header, &status);
	bytes.data = buffer.data;
	bytes.length = buffer.length;
	TAP_OK(sfdw_page_header_read(&tap_memory, bytes, &back, &consumed, &status) &&
		   consumed == buffer.length && back.crc == header.crc && back.has_crc &&
		   back.num_values == 17 && back.encoding == header.encoding,
		   "a page header comes back");
	sfdw_buffer_reset(&buffer);
	header.compressed_size = -1;
	sfdw_page_header_write(&buffer, &header, &status);
	bytes.data = buffer.data;
	bytes.length = buffer.length;
	TAP_OK(!sfdw_page_header_read(&tap_memory, bytes, &back, &consumed, &status),
		   "a negative size is refused");
	sfdw_buffer_free(&buffer);
}

int
main(void)
{
	arena = malloc(ARENA_SIZE);
	test_round_trip();
	test_truncation();
	test_limits();
	test_mutations();
	test_page_header();
	free(arena);
	return tap_done();
}
