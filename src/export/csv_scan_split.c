/*-------------------------------------------------------------------------
 * csv_scan_split.c
 *		The usual way of csv_scan: records split by masks
 *
 * Pure.  Takes a record where it lies.  A value with doubled quotes is given to
 * libcsv, which takes them away; and whatever the masks find odd is none of
 * this file's business.
 *-------------------------------------------------------------------------
 */
#include "export/csv_scan_private.h"

#include <string.h>

/* Tell the splitter which columns are wanted, in the order of the header. */
static bool
prepare(SfdwCsvScan *scan)
{
	const int  *slots = (const int *) scan->slots.data;
	int		   *columns;
	int			count = 0;

	if (!sfdw_buffer_reserve(&scan->columns,
							 (scan->wanted_count + 1) * sizeof(int),
							 &scan->failure) ||
		!sfdw_buffer_reserve(&scan->spans,
							 (scan->wanted_count + 1) * sizeof(SfdwCsvSpan),
							 &scan->failure))
		return false;
	columns = (int *) scan->columns.data;
	for (int i = 0; i < scan->column_count; i++)
		if (!scan->is_projected || slots[i] >= 0)
			columns[count++] = i;
	scan->splitter.delimiter = scan->options.delimiter;
	scan->splitter.quote = scan->options.quote;
	scan->splitter.column_count = scan->column_count;
	scan->splitter.columns = columns;
	scan->splitter.wanted_count = count;
	return true;
}

/* libcsv's callback for the one value: its length, and the value in scratch. */
static void
on_value(void *value, size_t length, void *arg)
{
	SfdwCsvScan *scan = arg;

	sfdw_buffer_append(&scan->scratch, value, length, &scan->failure);
}

/* Have libcsv take the doubled quotes out of a field, into scratch. */
static bool
undouble(SfdwCsvScan *scan, const char *raw, size_t length)
{
	return lend_entry(scan, 0, length) &&
		csv_parse(&scan->parser, raw, length, on_value, NULL, scan) == length &&
		csv_fini(&scan->parser, on_value, NULL, scan) == 0 &&
		scan->failure.code == SFDW_OK;
}

/* Describe a field; one with doubled quotes gets its data later. */
static bool
take_field(SfdwCsvScan *scan, const char *record, const SfdwCsvSpan *span,
		   SfdwCsvField *field)
{
	const char *raw = record + span->start;
	size_t		length = span->end - span->start;
	size_t		before = scan->scratch.length;

	field->data = raw;
	field->length = length;
	field->offset = scan->offset + span->start;
	field->is_quoted = length > 0 && raw[0] == scan->options.quote;
	field->is_doubled = false;
	if (!field->is_quoted)
		return true;
	field->data = raw + 1;
	field->length = length - 2;
	field->is_doubled = memchr(field->data, scan->options.quote,
							   field->length) != NULL;
	if (!field->is_doubled)
		return true;
	if (!undouble(scan, raw, length))
		return false;
	field->length = scan->scratch.length - before;
	return true;
}

/* The field that a wanted column's value goes to. */
static SfdwCsvField *
field_of(const SfdwCsvScan *scan, int place)
{
	const int  *slots = (const int *) scan->slots.data;
	int			column = scan->splitter.columns[place];

	return (SfdwCsvField *) scan->fields.data +
		(scan->is_projected ? slots[column] : column);
}

/* Describe the wanted fields; scratch stays where it is only at the end. */
static bool
take_fields(SfdwCsvScan *scan, const char *record, bool is_plain)
{
	const SfdwCsvSpan *spans = (const SfdwCsvSpan *) scan->spans.data;
	size_t		copied = 0;

	for (int i = 0; i < scan->splitter.wanted_count; i++)
	{
		SfdwCsvField *field = field_of(scan, i);

		field->is_plain = is_plain;
		if (!take_field(scan, record, &spans[i], field))
			return false;
	}
	for (int i = 0; i < scan->splitter.wanted_count && copied < scan->scratch.length; i++)
	{
		SfdwCsvField *field = field_of(scan, i);

		if (!field->is_doubled)
			continue;
		field->data = scan->scratch.data + copied;
		copied += field->length;
	}
	return true;
}

/* Hand out a record. */
bool
sfdw_csv_split_record(SfdwCsvScan *scan, SfdwCsvRecord *record)
{
	const char *from = scan->block + scan->block_position;
	size_t		rest = scan->block_length - scan->block_position;
	SfdwCsvSplitRecord split;

	if (scan->splitter.columns == NULL && !prepare(scan))
		return false;
	if (rest > scan->options.max_record_size)
		rest = scan->options.max_record_size;
	if (rest > SFDW_CSV_MAX_SPLIT)
		rest = SFDW_CSV_MAX_SPLIT;
	if (!sfdw_csv_split(&scan->splitter, from, rest,
						(SfdwCsvSpan *) scan->spans.data, &split) ||
		!take_fields(scan, from, split.is_plain))
	{
		sfdw_buffer_reset(&scan->scratch);
		return false;
	}
	scan->span = from;
	scan->span_length = split.length;
	scan->block_position += split.length;
	scan->column = scan->column_count;
	scan->is_complete = true;
	memset(record, 0, sizeof(*record));
	record->fields = (const SfdwCsvField *) scan->fields.data;
	record->field_count = scan->wanted_count;
	record->number = scan->number;
	record->offset = scan->offset;
	record->length = split.length;
	return true;
}
