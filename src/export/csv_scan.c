/*-------------------------------------------------------------------------
 * csv_scan.c
 *		Cut blocks of CSV into records and fields
 *
 * Pure.  See csv_scan.h for the rules.
 *
 * libcsv decides where fields end.  It is fed one line at a time, because its
 * callbacks cannot stop it, and it reports neither positions nor whether a
 * field was quoted.  So the raw bytes of the record are kept together (in the
 * caller's block, or in carry when the record spans blocks): the place of each
 * field follows from the lengths of those before it, and its value is handed
 * out from there without a copy unless it holds doubled quotes.  Records that
 * lie within one block and have nothing odd do not come here: csv_scan_split.c
 * takes them.
 *
 * libcsv gets its buffer from us and is given enough before each call, so that
 * it never allocates.
 *-------------------------------------------------------------------------
 */
#include "export/csv_scan_private.h"

#include <string.h>

/* The smallest max_record_size that makes sense. */
#define MIN_RECORD_SIZE 16

/* libcsv must not trim: Python leaves spaces unquoted, and they are data. */
static int
never_space(unsigned char c)
{
	return 0;
}

/* libcsv has all it needs; growing would go past the caller's memory. */
static void *
refuse_memory(void *pointer, size_t size)
{
	return NULL;
}

/* The bytes are ours. */
static void
keep_memory(void *pointer)
{
}

/* The place for a column's field, or NULL when it is not wanted. */
static FieldPlace *
place_of(SfdwCsvScan *scan, int column)
{
	int			slot = column;

	if (scan->has_header && column >= scan->column_count)
		return NULL;			/* counted, and rejected later */
	if (scan->is_projected)
		slot = ((int *) scan->slots.data)[column];
	if (slot < 0)
		return NULL;
	return (FieldPlace *) scan->places.data + slot;
}

/* Make room for one more column of the header. */
static bool
add_column(SfdwCsvScan *scan)
{
	if (scan->column >= SFDW_CSV_MAX_COLUMNS)
		return sfdw_fail(&scan->failure, SFDW_TOO_LARGE, scan->offset,
						 "header has more than %d columns",
						 SFDW_CSV_MAX_COLUMNS);
	scan->places.length = scan->column * sizeof(FieldPlace);
	return sfdw_buffer_reserve(&scan->places, sizeof(FieldPlace),
							   &scan->failure);
}

/* How many quotes a value holds; each stands twice in the file. */
static size_t
count_quotes(const char *data, size_t length, char quote)
{
	size_t		count = 0;
	const char *end = data + length;

	while (data < end && (data = memchr(data, quote, end - data)) != NULL)
	{
		count++;
		data++;
	}
	return count;
}

/*
 * libcsv's callback for a field; value is NULL for an unquoted empty one.  It
 * must not throw: what fails is noted.
 */
static void
on_field(void *value, size_t length, void *arg)
{
	SfdwCsvScan *scan = arg;
	const char *raw = scan->span + scan->field_start;
	bool		is_quoted = value != NULL && *raw == scan->options.quote;
	size_t		quotes = 0;
	FieldPlace *place;

	if (scan->is_complete || scan->failure.code != SFDW_OK)
		return;					/* a second row: its end is judged later */
	if (!scan->has_header && !add_column(scan))
		return;
	if (is_quoted)
		quotes = count_quotes(value, length, scan->options.quote);
	place = place_of(scan, scan->column);
	if (place != NULL)
	{
		place->raw_start = scan->field_start;
		place->length = length;
		place->is_quoted = is_quoted;
		place->is_doubled = quotes > 0;
		place->copy_start = scan->scratch.length;
		if (quotes > 0)
			sfdw_buffer_append(&scan->scratch, value, length, &scan->failure);
	}
	scan->column++;
	scan->field_start += length + (is_quoted ? 2 + quotes : 0) + 1;
}

/* libcsv's callback for the end of a row. */
static void
on_row(int end_char, void *arg)
{
	SfdwCsvScan *scan = arg;

	if (scan->is_complete)
		return;
	scan->is_complete = true;
	scan->end_char = end_char;
	scan->end_position = scan->field_start - 1;
}

/* Whether the options fit together. */
static bool
check_options(const SfdwCsvOptions *options, SfdwStatus *status)
{
	static const char reserved[] = {'\0', '\r', '\n'};

	if (memchr(reserved, options->delimiter, sizeof(reserved)) != NULL ||
		memchr(reserved, options->quote, sizeof(reserved)) != NULL)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "delimiter and quote cannot be a line end or NUL");
	if (options->delimiter == options->quote)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "delimiter and quote cannot be the same");
	if (options->max_record_size < MIN_RECORD_SIZE)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "maximum record size is less than %d bytes",
						 MIN_RECORD_SIZE);
	return true;
}

/* Prepare libcsv: strict, trimming nothing, allocating nothing. */
static void
init_parser(SfdwCsvScan *scan)
{
	csv_init(&scan->parser,
			 CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
	csv_set_delim(&scan->parser, (unsigned char) scan->options.delimiter);
	csv_set_quote(&scan->parser, (unsigned char) scan->options.quote);
	csv_set_space_func(&scan->parser, never_space);
	csv_set_realloc_func(&scan->parser, refuse_memory);
	csv_set_free_func(&scan->parser, keep_memory);
}

/* Start a scan. */
SfdwCsvScan *
sfdw_csv_create(const SfdwMemory *memory, const SfdwCsvOptions *options,
				SfdwStatus *status)
{
	SfdwCsvScan *scan;
	size_t		record_limit = options->max_record_size + 1;

	if (!check_options(options, status))
		return NULL;
	scan = memory->resize(memory->context, NULL, sizeof(SfdwCsvScan));
	if (scan == NULL)
	{
		sfdw_fail(status, SFDW_OUT_OF_MEMORY, 0, "no memory for a scan");
		return NULL;
	}
	memset(scan, 0, sizeof(*scan));
	scan->memory = memory;
	scan->options = *options;
	sfdw_buffer_init(&scan->entry, memory, record_limit);
	sfdw_buffer_init(&scan->carry, memory, record_limit);
	sfdw_buffer_init(&scan->scratch, memory, record_limit);
	sfdw_buffer_init(&scan->places, memory,
					 SFDW_CSV_MAX_COLUMNS * sizeof(FieldPlace));
	sfdw_buffer_init(&scan->fields, memory,
					 SFDW_CSV_MAX_COLUMNS * sizeof(SfdwCsvField));
	sfdw_buffer_init(&scan->slots, memory,
					 SFDW_CSV_MAX_COLUMNS * sizeof(int));
	sfdw_buffer_init(&scan->columns, memory,
					 SFDW_CSV_MAX_COLUMNS * sizeof(int));
	sfdw_buffer_init(&scan->spans, memory,
					 SFDW_CSV_MAX_COLUMNS * sizeof(SfdwCsvSpan));
	init_parser(scan);
	return scan;
}

/* Give the next block. */
void
sfdw_csv_push(SfdwCsvScan *scan, const char *data, size_t length)
{
	scan->next_block = data;
	scan->next_length = length;
}

/* Say that there are no more blocks. */
void
sfdw_csv_finish(SfdwCsvScan *scan)
{
	scan->is_last = true;
}

/* Go on to the block that was pushed; false when there is none. */
static bool
switch_block(SfdwCsvScan *scan)
{
	if (scan->next_block == NULL)
		return false;
	scan->block = scan->next_block;
	scan->block_length = scan->next_length;
	scan->block_position = 0;
	scan->next_block = NULL;
	return true;
}

/* Forget the current record; the next one begins behind it. */
static void
begin_record(SfdwCsvScan *scan)
{
	scan->offset += scan->span_length;
	scan->span = NULL;
	scan->span_length = 0;
	scan->fed = 0;
	scan->is_carried = false;
	scan->field_start = 0;
	scan->column = 0;
	scan->is_complete = false;
	scan->failed_field = 0;
	sfdw_buffer_reset(&scan->scratch);
}

/* Note a carriage return, behind that field, that no line feed follows. */
static bool
fail_lone_return(SfdwCsvScan *scan, size_t position, int field)
{
	scan->failed_field = field;
	return sfdw_fail(&scan->failure, SFDW_MALFORMED, scan->offset + position,
					 "carriage return without a line feed outside quotes");
}

/* Refuse a file that is no plain text; *skip is the length of its mark. */
static bool
check_start(SfdwCsvScan *scan, const char *data, size_t length, size_t *skip)
{
	const char *kind = sfdw_file_kind(data, length, skip);

	return kind == NULL ||
		sfdw_fail(&scan->failure, SFDW_UNSUPPORTED, 0,
				  "file %s, not plain text", kind);
}

/*
 * Look at the first bytes, gathering them when the first blocks are tiny.
 * True without is_started means that more input is needed.
 */
static bool
start(SfdwCsvScan *scan)
{
	size_t		skip;

	if (scan->start_length == 0 && scan->next_length >= SFDW_FILE_KIND_LENGTH)
	{
		if (!check_start(scan, scan->next_block, scan->next_length, &skip))
			return false;
		switch_block(scan);
	}
	else
	{
		while (scan->start_length < SFDW_FILE_KIND_LENGTH && scan->next_length > 0)
		{
			scan->start[scan->start_length++] = *scan->next_block++;
			scan->next_length--;
		}
		if (scan->start_length < SFDW_FILE_KIND_LENGTH && !scan->is_last)
			return true;
		if (!check_start(scan, scan->start, scan->start_length, &skip))
			return false;
		scan->block = scan->start;
		scan->block_length = scan->start_length;
	}
	scan->block_position = skip;
	scan->offset = skip;
	scan->is_started = true;
	return true;
}

/* Take the bytes up to the next line feed, or all, from the block. */
static bool
take_line(SfdwCsvScan *scan, bool *has_line)
{
	const char *from = scan->block + scan->block_position;
	size_t		rest = scan->block_length - scan->block_position;
	const char *end = memchr(from, '\n', rest);
	size_t		length = end ? (size_t) (end - from) + 1 : rest;

	*has_line = end != NULL;
	if (length > scan->options.max_record_size - scan->span_length)
		return sfdw_fail(&scan->failure, SFDW_TOO_LARGE, scan->offset,
						 "record is larger than max_record_size (%zu bytes): a quote may not be closed",
						 scan->options.max_record_size);
	if (scan->span_length == 0)
		scan->span = from;
	else if (scan->is_carried)
	{
		if (!sfdw_buffer_append(&scan->carry, from, length, &scan->failure))
			return false;
		scan->span = scan->carry.data;
	}
	scan->span_length += length;
	scan->block_position += length;
	return true;
}

/* Keep the begun record: its block is about to go away. */
static bool
carry_over(SfdwCsvScan *scan)
{
	if (scan->span_length == 0 || scan->is_carried)
		return true;
	sfdw_buffer_reset(&scan->carry);
	if (!sfdw_buffer_append(&scan->carry, scan->span, scan->span_length,
							&scan->failure))
		return false;
	scan->span = scan->carry.data;
	scan->is_carried = true;
	return true;
}

/* Say why libcsv stopped at a byte of the record. */
static bool
fail_parse(SfdwCsvScan *scan, size_t position)
{
	bool		is_quote = scan->span[position] == scan->options.quote;

	if (csv_error(&scan->parser) != CSV_EPARSE)
		return sfdw_fail(&scan->failure, SFDW_OUT_OF_MEMORY, scan->offset,
						 "no memory for a field");
	scan->failed_field = scan->column + 1;
	return sfdw_fail(&scan->failure, SFDW_MALFORMED, scan->offset + position,
					 is_quote ? "quote inside a field that is not quoted"
					 : "data after a closing quote");
}

/* Give libcsv the record's bytes up to a position. */
static bool
feed(SfdwCsvScan *scan, size_t to)
{
	size_t		length = to - scan->fed;
	size_t		taken;

	if (length == 0)
		return true;
	if (!lend_entry(scan, scan->fed, length))
		return false;
	taken = csv_parse(&scan->parser, scan->span + scan->fed, length,
					  on_field, on_row, scan);
	scan->fed += taken;
	if (scan->failure.code != SFDW_OK)
		return false;
	if (taken < length && !scan->is_complete)
		return fail_parse(scan, scan->fed);
	return true;
}

/* Fill in a field from its place; a NUL is refused. */
static bool
fill_field(SfdwCsvScan *scan, const FieldPlace *place, SfdwCsvField *field)
{
	const char *nul;

	field->data = place->is_doubled ? scan->scratch.data + place->copy_start
		: scan->span + place->raw_start + (place->is_quoted ? 1 : 0);
	field->length = place->length;
	field->offset = scan->offset + place->raw_start;
	field->is_quoted = place->is_quoted;
	field->is_doubled = place->is_doubled;
	field->is_plain = false;
	nul = memchr(field->data, '\0', field->length);
	if (nul == NULL)
		return true;
	return sfdw_fail(&scan->failure, SFDW_BAD_ENCODING,
					 sfdw_csv_field_offset(field, scan->options.quote,
										   nul - field->data),
					 "zero byte in a field");
}

/* The record became the header: its columns are what all records must have. */
static bool
accept_header(SfdwCsvScan *scan)
{
	scan->column_count = scan->column;
	scan->wanted_count = scan->column;
	scan->has_header = true;
	return sfdw_buffer_reserve(&scan->fields,
							   scan->column * sizeof(SfdwCsvField),
							   &scan->failure);
}

/* The number, from 1, of the header's column that stands at a wanted place. */
static int
column_at(const SfdwCsvScan *scan, int place)
{
	int			column = place;

	if (scan->is_projected)
	{
		for (column = 0; column < scan->column_count; column++)
			if (((const int *) scan->slots.data)[column] == place)
				break;
	}
	return column + 1;
}

/* Check the column count and fill in the wanted fields. */
static bool
fill_record(SfdwCsvScan *scan, SfdwCsvRecord *record)
{
	SfdwCsvField *fields;
	int			i;

	if (scan->column != scan->column_count)
		return sfdw_fail(&scan->failure, SFDW_MALFORMED, scan->offset,
						 "record has %d fields, but the header has %d",
						 scan->column, scan->column_count);
	fields = (SfdwCsvField *) scan->fields.data;
	for (i = 0; i < scan->wanted_count; i++)
		if (!fill_field(scan, (FieldPlace *) scan->places.data + i,
						&fields[i]))
		{
			scan->failed_field = column_at(scan, i);
			return false;
		}
	record->fields = fields;
	record->field_count = scan->wanted_count;
	return true;
}

/* libcsv saw the end of a row: judge it, and hand the record out. */
static SfdwCsvResult
complete(SfdwCsvScan *scan, SfdwCsvRecord *record)
{
	bool		is_header = !scan->has_header;

	if (scan->end_char == '\r' &&
		(scan->end_position + 2 != scan->span_length ||
		 scan->span[scan->end_position + 1] != '\n'))
	{
		fail_lone_return(scan, scan->end_position, scan->column);
		return SFDW_CSV_FAILED;
	}
	memset(record, 0, sizeof(*record));
	record->number = scan->number;
	record->offset = scan->offset;
	record->length = scan->span_length;
	if (is_header && !accept_header(scan))
		return SFDW_CSV_FAILED;
	if (!fill_record(scan, record))
		return is_header ? SFDW_CSV_FAILED : SFDW_CSV_REJECTED;
	return SFDW_CSV_RECORD;
}

/* The input is over: what is left is a last record without a line end. */
static SfdwCsvResult
end_of_input(SfdwCsvScan *scan, SfdwCsvRecord *record)
{
	if (scan->span_length > 0 && scan->fed == 0 && scan->span[0] == '\r')
		fail_lone_return(scan, 0, 1);
	else if (scan->span_length > 0)
	{
		if (feed(scan, scan->span_length) && !scan->is_complete &&
			csv_fini(&scan->parser, on_field, on_row, scan) != 0)
		{
			scan->failed_field = scan->column + 1;
			sfdw_fail(&scan->failure, SFDW_MALFORMED,
					  scan->offset + scan->field_start,
					  "quoted field is not closed");
		}
		if (scan->failure.code == SFDW_OK)
			return complete(scan, record);
	}
	else if (!scan->has_header)
		sfdw_fail(&scan->failure, SFDW_MALFORMED, scan->offset,
				  "file has no header line");
	return scan->failure.code == SFDW_OK ? SFDW_CSV_END : SFDW_CSV_FAILED;
}

/*
 * A blank line, or a lone carriage return, at the start of a record: libcsv
 * would skip both without a word.  True when the line was a blank one.
 */
static bool
skip_blank(SfdwCsvScan *scan)
{
	bool		is_return = scan->span[0] == '\r';

	if (scan->fed > 0 || (scan->span[0] != '\n' && !is_return))
		return false;
	if (is_return && scan->span_length == 1)
		return false;			/* the line feed may be in the next block */
	if (is_return && scan->span[1] != '\n')
		return fail_lone_return(scan, 0, 1);
	begin_record(scan);
	return true;
}

/* Read until a record is complete, or the input ends. */
static SfdwCsvResult
read_record(SfdwCsvScan *scan, SfdwCsvRecord *record)
{
	bool		has_line;
	size_t		known;

	for (;;)
	{
		if (scan->block_position >= scan->block_length)
		{
			if (!carry_over(scan))
				return SFDW_CSV_FAILED;
			if (!switch_block(scan))
				return scan->is_last ? end_of_input(scan, record)
					: SFDW_CSV_NEED_INPUT;
			continue;
		}
		if (!take_line(scan, &has_line))
			return SFDW_CSV_FAILED;
		if (skip_blank(scan))
			continue;
		/* A carriage return at the block's end waits for what follows it. */
		known = scan->span_length;
		if (!has_line && scan->span[known - 1] == '\r')
			known--;
		if (scan->failure.code != SFDW_OK || !feed(scan, known))
			return SFDW_CSV_FAILED;
		if (scan->is_complete)
			return complete(scan, record);
	}
}

/* The next record. */
SfdwCsvResult
sfdw_csv_next(SfdwCsvScan *scan, SfdwCsvRecord *record, SfdwStatus *status)
{
	SfdwCsvResult result = SFDW_CSV_FAILED;

	if (scan->failure.code == SFDW_OK && !scan->is_started)
		if (start(scan) && !scan->is_started)
			return SFDW_CSV_NEED_INPUT;
	if (scan->is_complete && scan->failure.code == SFDW_OK)
	{
		scan->number++;
		begin_record(scan);
	}
	if (scan->failure.code == SFDW_OK && scan->has_header &&
		scan->span_length == 0 && sfdw_csv_split_record(scan, record))
		return SFDW_CSV_RECORD;
	if (scan->failure.code == SFDW_OK)
		result = read_record(scan, record);
	if (scan->failure.code != SFDW_OK)
		*status = scan->failure;
	if (result == SFDW_CSV_REJECTED)
		memset(&scan->failure, 0, sizeof(scan->failure));
	return result;
}

/* Say which columns are wanted. */
bool
sfdw_csv_project(SfdwCsvScan *scan, const int *columns, int count,
				 SfdwStatus *status)
{
	int		   *slots;
	int			i;

	if (!sfdw_buffer_reserve(&scan->slots, scan->column_count * sizeof(int),
							 status))
		return false;
	slots = (int *) scan->slots.data;
	for (i = 0; i < scan->column_count; i++)
		slots[i] = -1;
	for (i = 0; i < count; i++)
	{
		if (columns[i] < 0 || columns[i] >= scan->column_count ||
			slots[columns[i]] >= 0)
			return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
							 "column %d cannot be asked for", columns[i]);
		slots[columns[i]] = i;
	}
	scan->wanted_count = count;
	scan->is_projected = true;
	scan->splitter.columns = NULL;
	return true;
}

/* The number of the current record. */
uint64_t
sfdw_csv_record_number(const SfdwCsvScan *scan)
{
	return scan->number;
}

/* The field in which the record broke a rule. */
int
sfdw_csv_failed_field(const SfdwCsvScan *scan)
{
	return scan->failed_field;
}

/* Count the quotes before the byte: each took two bytes of the file. */
uint64_t
sfdw_csv_field_offset(const SfdwCsvField *field, char quote, size_t index)
{
	uint64_t	offset = field->offset + index;

	if (field->is_quoted)
		offset++;
	if (field->is_doubled)
		offset += count_quotes(field->data, index, quote);
	return offset;
}

/* Give back all memory. */
void
sfdw_csv_free(SfdwCsvScan *scan)
{
	if (scan == NULL)
		return;
	sfdw_buffer_free(&scan->entry);
	sfdw_buffer_free(&scan->carry);
	sfdw_buffer_free(&scan->scratch);
	sfdw_buffer_free(&scan->places);
	sfdw_buffer_free(&scan->fields);
	sfdw_buffer_free(&scan->slots);
	sfdw_buffer_free(&scan->columns);
	sfdw_buffer_free(&scan->spans);
	scan->memory->resize(scan->memory->context, scan, 0);
}
