/*-------------------------------------------------------------------------
 * csv_reader.c
 *		Rows of a foreign table, out of CSV
 *
 * Joins the pure parts: a source's blocks go into the scan, the scan's fields
 * into the columns' decoders.  Knows how a header binds columns, and how what
 * went wrong is said.
 *-------------------------------------------------------------------------
 */
#include "fdw/row_reader.h"

#include "miscadmin.h"
#include "nodes/value.h"
#include "utils/lsyscache.h"

#include "core/errors.h"
#include "core/memory_pg.h"
#include "export/text_source.h"

/* Bytes of a header's name that is repeated in a report. */
#define MAX_REPORTED_NAME 80

typedef struct SfdwCsvReader
{
	SfdwRowReader reader;
	const SfdwRowRequest *request;
	SfdwTextSource *text;		/* of the source */
	SfdwMemory	memory;
	SfdwCsvScan *scan;
	SfdwCsvRecord record;
	SfdwScratch scratch;
	int		   *places;			/* of the needed columns, in the header */
	MemoryContextCallback cleanup;
} SfdwCsvReader;

/* Give back what no memory context does; runs when the context is reset. */
static void
release_scan(void *arg)
{
	SfdwCsvReader *reader = arg;

	sfdw_csv_free(reader->scan);
	reader->scan = NULL;
}

/* Close the reader and its source. */
static void
close_reader(SfdwRowReader *base)
{
	release_scan(base);
	sfdw_text_source_close(((SfdwCsvReader *) base)->text);
}

/*
 * Where in a record a rule was broken, to go behind the byte: the column, or
 * the field's number when no column that is read has it; "" for the whole.
 */
static const char *
failed_place(const SfdwCsvReader *reader)
{
	int			field = sfdw_csv_failed_field(reader->scan);

	if (field == 0)
		return "";
	for (int i = 0; reader->places != NULL &&
		 i < reader->request->column_count; i++)
	{
		if (reader->places[i] == field - 1)
			return psprintf(", column \"%s\"", reader->request->columns[i].name);
	}
	return psprintf(", field %d", field);
}

/* Raise the error for a record. */
static void
fail_record(SfdwCsvReader *reader, const SfdwStatus *status)
{
	uint64		number = sfdw_csv_record_number(reader->scan);

	ereport(ERROR,
			errcode(sfdw_errcode_of(status->code)),
			errmsg("could not read object \"%s\": %s, byte " UINT64_FORMAT "%s%s: %s",
				   reader->reader.source->name,
				   number == 0 ? "header" : psprintf("record " UINT64_FORMAT, number),
				   (uint64) status->offset,
				   sfdw_text_source_unit(reader->text),
				   failed_place(reader), status->message));
}

/*
 * Raise the error for a field.  The status counts bytes of its value; in the
 * object, quotes stand around it and each of its own stands twice.
 */
static void
fail_field(SfdwCsvReader *reader, const SfdwColumn *column,
		   const SfdwCsvField *field, const SfdwStatus *status)
{
	uint64		byte = sfdw_csv_field_offset(field,
											 reader->request->format->dialect.quote,
											 Min(status->offset, field->length));

	ereport(ERROR,
			errcode(sfdw_column_errcode(column, status->code)),
			errmsg("could not read object \"%s\": record " UINT64_FORMAT ", byte " UINT64_FORMAT "%s, column \"%s\": %s",
				   reader->reader.source->name,
				   (uint64) reader->record.number, byte,
				   sfdw_text_source_unit(reader->text), column->name,
				   status->message),
			status->code == SFDW_BAD_VALUE || status->code == SFDW_OUT_OF_RANGE ?
			errhint("If the file is right, change the column's type with ALTER FOREIGN TABLE.") : 0);
}

/* Pull the next record out of the source; false at its end. */
static bool
next_record(SfdwCsvReader *reader)
{
	const char *data;
	size_t		length;

	for (;;)
	{
		SfdwStatus	status = {SFDW_OK};

		switch (sfdw_csv_next(reader->scan, &reader->record, &status))
		{
			case SFDW_CSV_RECORD:
				return true;
			case SFDW_CSV_END:
				return false;
			case SFDW_CSV_NEED_INPUT:
				if (sfdw_text_source_next(reader->text, &data, &length))
					sfdw_csv_push(reader->scan, data, length);
				else
					sfdw_csv_finish(reader->scan);
				break;
			case SFDW_CSV_REJECTED:
			case SFDW_CSV_FAILED:
				fail_record(reader, &status);
		}
	}
}

/* Make the values of some columns of the current record. */
static void
decode_columns(SfdwCsvReader *reader, int from, int to, Datum *values,
			   bool *nulls)
{
	const SfdwRowRequest *request = reader->request;

	for (int i = from; i < to; i++)
	{
		const SfdwColumn *column = &request->columns[i];
		const SfdwCsvField *field = &reader->record.fields[i];
		SfdwStatus	status = {SFDW_OK};

		if (!sfdw_column_decode(column, &reader->scratch, field,
								&values[column->attnum - 1],
								&nulls[column->attnum - 1], &status))
			fail_field(reader, column, field, &status);
	}
}

/* Give the next row. */
static bool
next_row(SfdwRowReader *base, Datum *values, bool *nulls)
{
	SfdwCsvReader *reader = (SfdwCsvReader *) base;

	const SfdwRowRequest *request = reader->request;
	int			made = 0;

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (!next_record(reader))
			return false;
		base->records++;
		if (request->accept == NULL)
			break;
		made = request->first_count;
		decode_columns(reader, 0, made, values, nulls);
		if (request->accept(request->argument))
			break;
	}
	decode_columns(reader, made, request->column_count, values, nulls);
	return true;
}

/* Whether a field of the header is the name of a column's field. */
static bool
names_field(const SfdwCsvField *name, const char *field)
{
	return name->length == strlen(field) &&
		pg_strncasecmp(name->data, field, name->length) == 0;
}

/*
 * The place of a field in the header, or -1.  Twice is an error: the value of
 * the one would be taken for the other's.
 */
static int
find_in_header(SfdwCsvReader *reader, const SfdwColumn *column)
{
	int			found = -1;

	for (int i = 0; i < reader->record.field_count; i++)
	{
		if (!names_field(&reader->record.fields[i], column->field))
			continue;
		if (found >= 0)
			ereport(ERROR,
					errcode(ERRCODE_DUPLICATE_COLUMN),
					errmsg("could not read object \"%s\": header has field \"%s\" of column \"%s\" twice",
						   reader->reader.source->name, column->field,
						   column->name),
					errdetail("Fields %d and %d are \"%.*s\" and \"%.*s\"; case does not count.",
							  found + 1, i + 1,
							  (int) reader->record.fields[found].length,
							  reader->record.fields[found].data,
							  (int) reader->record.fields[i].length,
							  reader->record.fields[i].data));
		found = i;
	}
	return found;
}

/* Raise the error for a field that the header does not have. */
static void
fail_missing(SfdwCsvReader *reader, const SfdwColumn *column)
{
	ereport(ERROR,
			errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
			errmsg("could not read object \"%s\": header has no field \"%s\" for column \"%s\" of foreign table \"%s\"",
				   reader->reader.source->name, column->field, column->name,
				   get_rel_name(reader->request->relid)),
			errhint("Correct the column's option \"field\", or drop the column."));
}

/* Tell the scan which columns of the header are wanted, in our order. */
static void
bind_columns(SfdwCsvReader *reader)
{
	const SfdwRowRequest *request = reader->request;
	int		   *places = palloc(sizeof(int) * Max(request->column_count, 1));
	SfdwStatus	status = {SFDW_OK};

	for (int i = 0; i < request->column_count; i++)
	{
		places[i] = find_in_header(reader, &request->columns[i]);
		if (places[i] < 0)
			fail_missing(reader, &request->columns[i]);
		for (int k = 0; k < i; k++)
		{
			if (places[k] == places[i])
				ereport(ERROR,
						errcode(ERRCODE_DUPLICATE_COLUMN),
						errmsg("columns \"%s\" and \"%s\" of foreign table \"%s\" have the same field \"%s\"",
							   request->columns[k].name,
							   request->columns[i].name,
							   get_rel_name(request->relid),
							   request->columns[i].field));
		}
	}
	if (!sfdw_csv_project(reader->scan, places, request->column_count, &status))
		fail_record(reader, &status);
	reader->places = places;
}

/*
 * A name of the header as a report shows it.  A file that lost its header
 * starts with values, so what does not look like an API name is not repeated.
 */
static String *
report_name(const SfdwCsvField *name, int number)
{
	bool		is_name = name->length > 0 && name->length <= MAX_REPORTED_NAME;

	for (size_t i = 0; i < name->length && is_name; i++)
	{
		char		c = name->data[i];

		is_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			c == '_' || (i > 0 && ((c >= '0' && c <= '9') || c == '.'));
	}
	return makeString(is_name ? pnstrdup(name->data, name->length) :
					  psprintf("(field %d)", number));
}

/* Whether some column of the table, needed or not, has this field. */
static bool
is_bound(const SfdwRowRequest *request, const SfdwCsvField *name)
{
	ListCell   *cell;

	for (int i = 0; i < request->column_count; i++)
	{
		if (names_field(name, request->columns[i].field))
			return true;
	}
	foreach(cell, request->fields)
	{
		if (names_field(name, strVal(lfirst(cell))))
			return true;
	}
	return false;
}

/* Whether the header has a field of that name. */
static bool
header_has(const SfdwCsvRecord *header, const char *field)
{
	for (int i = 0; i < header->field_count; i++)
	{
		if (names_field(&header->fields[i], field))
			return true;
	}
	return false;
}

/*
 * Note how header and table differ.  When not one field of the header belongs
 * to the table, it is no header of it, and nothing of it is repeated.
 */
static void
note_drift(SfdwCsvReader *reader)
{
	SfdwRowReader *base = &reader->reader;
	ListCell   *cell;
	List	   *names = NIL;
	List	   *extra = NIL;

	for (int i = 0; i < reader->record.field_count; i++)
	{
		const SfdwCsvField *name = &reader->record.fields[i];
		String	   *shown = report_name(name, i + 1);

		names = lappend(names, shown);
		if (!is_bound(reader->request, name))
			extra = lappend(extra, shown);
	}
	if (list_length(extra) < list_length(names))
	{
		base->header = names;
		base->extra = extra;
	}
	foreach(cell, reader->request->fields)
	{
		if (!header_has(&reader->record, strVal(lfirst(cell))))
			base->missing = lappend(base->missing, lfirst(cell));
	}
}

/* Make the scan, whose cleanup is armed before. */
static void
create_scan(SfdwCsvReader *reader)
{
	const SfdwFormat *format = reader->request->format;
	SfdwCsvOptions options;
	SfdwStatus	status = {SFDW_OK};

	reader->memory = sfdw_memory_pg(CurrentMemoryContext);
	reader->cleanup.func = release_scan;
	reader->cleanup.arg = reader;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &reader->cleanup);
	options.delimiter = format->dialect.delimiter;
	options.quote = format->dialect.quote;
	options.max_record_size = format->max_record_size;
	reader->scan = sfdw_csv_create(&reader->memory, &options, &status);
	if (reader->scan == NULL)
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not read object \"%s\": %s",
					   reader->reader.source->name, status.message));
}

static const SfdwRowReaderOps csv_reader_ops = {
	.next = next_row,
	.close = close_reader,
};

/* Start to read CSV. */
SfdwRowReader *
sfdw_csv_reader_open(SfdwSource *source, const SfdwRowRequest *request)
{
	SfdwCsvReader *reader = palloc0(sizeof(SfdwCsvReader));

	reader->reader.ops = &csv_reader_ops;
	reader->reader.source = source;
	reader->request = request;
	reader->text = sfdw_text_source_open(source, &request->format->text);
	create_scan(reader);
	sfdw_column_init_scratch(&reader->scratch,
							 request->format->max_record_size);
	if (!next_record(reader))
		elog(ERROR, "scan ended without a header");
	note_drift(reader);
	bind_columns(reader);
	return &reader->reader;
}
