/*-------------------------------------------------------------------------
 * writer.c
 *		Write rows into a sink as one Parquet file
 *
 * See writer.h.  Rows are put into one chunk a column; every batch of them is
 * worked off column by column, and a full row group goes to the sink column by
 * column.  What a finished row group leaves behind is its description.
 *-------------------------------------------------------------------------
 */
#include "parquet/writer.h"

#include "core/errors.h"
#include "core/memory_pg.h"
#include "miscadmin.h"
#include "parquet/created_by.h"
#include "parquet/sha256.h"
#include "parquet/footer.h"
#include "parquet/order.h"
#include "parquet/types.h"
#include "utils/memutils.h"

/* A batch ends after so many rows, or bytes of values. */
#define BATCH_ROWS 1024
#define BATCH_BYTES ((size_t) 1024 * 1024)

/* A row group's number has 16 bits with a sign. */
#define MAX_ROW_GROUPS 32767

/* Newest version of the format that the files follow. */
#define FORMAT_VERSION 2

#define ROOT_NAME "schema"

struct SfdwParquetWriter
{
	SfdwSink   *sink;
	SfdwParquetOptions options;
	MemoryContext context;		/* of the writer, below the opener's */
	MemoryContext group_context;	/* of the row group in memory */
	MemoryContext value_context;	/* of what converting values leaves */
	MemoryContextCallback cleanup;
	SfdwMemory	group_memory;
	SfdwCompressor compressor;
	SfdwSha256 *digest;			/* NULL unless asked for */
	SfdwParquetColumn *columns;
	int			num_columns;
	SfdwRowOrder *order;		/* NULL unless asked for */
	int64		offset;			/* bytes written */
	int64		rows;			/* of the whole file so far */
	int64		group_rows;
	int			batch_rows;
	size_t		batch_bytes;
	SfdwStatus	status;			/* of puts; clearing one a value would cost
								 * more than the value */
	SfdwRowGroup *groups;
	int			num_groups;
	int			max_groups;
};

/* Reset callback: release what is not palloc'd. */
static void
release_writer(void *arg)
{
	SfdwParquetWriter *writer = arg;

	sfdw_compressor_release(&writer->compressor);
}

/* Let a cancel in between two pages: a whole chunk may take seconds. */
static void
pause_for_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* Raise the error for a failure of a pure function that names no column. */
static void
raise_status(const SfdwParquetWriter *writer, const SfdwStatus *status)
{
	ereport(ERROR,
			errcode(sfdw_errcode_of(status->code)),
			errmsg("could not write Parquet file \"%s\": %s",
				   writer->sink->name, status->message));
}

/* Refuse two names that a reader may take for one. */
static void
check_names(const SfdwParquetColumn *columns, int num_columns)
{
	int			i;
	int			j;

	for (i = 0; i < num_columns; i++)
		for (j = 0; j < i; j++)
			if (pg_strcasecmp(columns[i].name, columns[j].name) == 0)
				ereport(ERROR,
						errcode(ERRCODE_DUPLICATE_COLUMN),
						errmsg("cannot write columns \"%s\" and \"%s\" to one Parquet file",
							   columns[j].name, columns[i].name),
						errdetail("Readers match the names of columns without regard to case."),
						errhint("Give one of them an alias."));
}

/* Describe the columns, without the dropped ones, and check them. */
static SfdwParquetColumn *
make_columns(TupleDesc desc, const SfdwParquetOptions *options,
			 int *num_columns)
{
	SfdwParquetColumn *columns = palloc0(sizeof(SfdwParquetColumn) *
										 Max(desc->natts, 1));
	int			i;

	*num_columns = 0;
	for (i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			sfdw_parquet_column_init(&columns[(*num_columns)++],
									 TupleDescAttr(desc, i), options);
	if (*num_columns == 0)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("cannot write a Parquet file without columns"));
	check_names(columns, *num_columns);
	return columns;
}

/* Raise an error unless rows of this shape can be written. */
void
sfdw_parquet_writer_check(TupleDesc desc, const SfdwParquetOptions *options)
{
	SfdwParquetColumn *columns;
	int			num_columns;

	columns = make_columns(desc, options, &num_columns);
	(void) sfdw_row_order_create(options->sorted_by, columns, num_columns);
}

/* Hand bytes to the sink. */
static void
emit(SfdwParquetWriter *writer, const char *data, size_t length)
{
	if (writer->digest != NULL)
		sfdw_sha256_update(writer->digest, data, length);
	sfdw_sink_write(writer->sink, data, length);
	writer->offset += (int64) length;
}

/* Start the chunks of the next row group. */
static void
start_group(SfdwParquetWriter *writer)
{
	int			i;

	writer->group_rows = 0;
	for (i = 0; i < writer->num_columns; i++)
		sfdw_chunk_init(&writer->columns[i].chunk, &writer->columns[i].layout,
						&writer->group_memory, &writer->compressor);
}

/* Make a writer with its contexts; nothing is written yet. */
static SfdwParquetWriter *
create_writer(SfdwSink *sink, const SfdwParquetOptions *options)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "Parquet writer",
												  ALLOCSET_DEFAULT_SIZES);
	SfdwParquetWriter *writer = MemoryContextAllocZero(context,
													   sizeof(SfdwParquetWriter));

	writer->sink = sink;
	writer->options = *options;
	writer->context = context;
	writer->group_context = AllocSetContextCreate(context,
												  "Parquet row group",
												  ALLOCSET_DEFAULT_SIZES);
	writer->value_context = AllocSetContextCreate(context,
												  "Parquet values",
												  ALLOCSET_DEFAULT_SIZES);
	writer->group_memory = sfdw_memory_pg(writer->group_context);
	sfdw_compressor_init(&writer->compressor, options->codec, options->level);
	writer->compressor.pause = pause_for_interrupts;
	writer->cleanup.func = release_writer;
	writer->cleanup.arg = writer;
	MemoryContextRegisterResetCallback(context, &writer->cleanup);
	return writer;
}

/* Start a file. */
SfdwParquetWriter *
sfdw_parquet_writer_open(SfdwSink *sink, TupleDesc desc,
						 const SfdwParquetOptions *options)
{
	SfdwParquetWriter *writer = create_writer(sink, options);
	MemoryContext old = MemoryContextSwitchTo(writer->context);

	writer->columns = make_columns(desc, options, &writer->num_columns);
	writer->order = sfdw_row_order_create(options->sorted_by, writer->columns,
										  writer->num_columns);
	if (options->checksum)
		writer->digest = sfdw_sha256_create();
	start_group(writer);
	emit(writer, SFDW_PARQUET_MAGIC, SFDW_PARQUET_MAGIC_SIZE);
	MemoryContextSwitchTo(old);
	return writer;
}

/* Describe a chunk whose bytes are about to be written. */
static void
keep_description(SfdwParquetWriter *writer, SfdwParquetColumn *column,
				 SfdwColumnMetadata *metadata)
{
	SfdwParquetStatistics *statistics = &metadata->statistics;
	SfdwBytes  *path = palloc(sizeof(SfdwBytes));

	/* the chunk is used again: what points into it must be copied */
	metadata->encoding_stats =
		memcpy(palloc(sizeof(column->chunk.page_kinds)),
			   column->chunk.page_kinds, sizeof(column->chunk.page_kinds));
	if (statistics->min_value.data != NULL)
		statistics->min_value.data =
			memcpy(palloc(statistics->min_value.length + 1),
				   statistics->min_value.data, statistics->min_value.length);
	if (statistics->max_value.data != NULL)
		statistics->max_value.data =
			memcpy(palloc(statistics->max_value.length + 1),
				   statistics->max_value.data, statistics->max_value.length);
	*path = column->element.name;
	metadata->path = path;
	metadata->path_length = 1;
	metadata->codec = writer->options.codec;
	metadata->data_page_offset += writer->offset;
	if (metadata->dictionary_page_offset != SFDW_PARQUET_ABSENT)
		metadata->dictionary_page_offset += writer->offset;
}

/* Write one column of the row group, and give its memory back. */
static void
write_column(SfdwParquetWriter *writer, SfdwParquetColumn *column,
			 SfdwRowGroup *group)
{
	SfdwColumnMetadata *metadata = &group->columns[group->num_columns++];
	SfdwStatus	status = {0};

	if (!sfdw_chunk_finish(&column->chunk, metadata, &status))
		raise_status(writer, &status);
	keep_description(writer, column, metadata);
	emit(writer, column->chunk.pages.data, column->chunk.pages.length);
	group->uncompressed_size += metadata->uncompressed_size;
	group->compressed_size += metadata->compressed_size;
	sfdw_chunk_free(&column->chunk);
}

/* Make the description of the next row group. */
static SfdwRowGroup *
next_group(SfdwParquetWriter *writer)
{
	SfdwRowGroup *group;

	if (writer->num_groups == MAX_ROW_GROUPS)
		ereport(ERROR,
				errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				errmsg("could not write Parquet file \"%s\": more than %d row groups",
					   writer->sink->name, MAX_ROW_GROUPS),
				errhint("Raise the options \"row_group_size\" and \"row_group_size_bytes\"."));
	if (writer->groups == NULL)
	{
		writer->max_groups = 16;
		writer->groups = palloc(writer->max_groups * sizeof(SfdwRowGroup));
	}
	else if (writer->num_groups == writer->max_groups)
	{
		writer->max_groups *= 2;
		writer->groups = repalloc(writer->groups,
								  writer->max_groups * sizeof(SfdwRowGroup));
	}
	group = &writer->groups[writer->num_groups];
	memset(group, 0, sizeof(*group));
	group->ordinal = writer->num_groups++;
	group->file_offset = writer->offset;
	group->num_rows = writer->group_rows;
	group->columns = palloc(writer->num_columns * sizeof(SfdwColumnMetadata));
	return group;
}

/* Write the row group in memory and start the next one. */
static void
flush_group(SfdwParquetWriter *writer)
{
	MemoryContext old = MemoryContextSwitchTo(writer->context);
	SfdwRowGroup *group = next_group(writer);
	int			i;

	for (i = 0; i < writer->num_columns; i++)
	{
		CHECK_FOR_INTERRUPTS();
		write_column(writer, &writer->columns[i], group);
	}
	if (writer->order != NULL)
		group->num_sorting = sfdw_row_order_finish(writer->order,
												   &group->sorting);
	MemoryContextReset(writer->group_context);
	start_group(writer);
	MemoryContextSwitchTo(old);
}

/* Memory that the row group holds. */
static int64
group_memory(SfdwParquetWriter *writer)
{
	int64		memory = 0;
	int			i;

	for (i = 0; i < writer->num_columns; i++)
		memory += (int64) sfdw_chunk_memory(&writer->columns[i].chunk);
	return memory;
}

/* Work off a batch, and the row group when it is full. */
static void
end_batch(SfdwParquetWriter *writer)
{
	int			i;

	for (i = 0; i < writer->num_columns; i++)
	{
		SfdwStatus	status = {0};

		CHECK_FOR_INTERRUPTS();
		if (!sfdw_chunk_end_batch(&writer->columns[i].chunk, &status))
			raise_status(writer, &status);
	}
	MemoryContextReset(writer->value_context);
	writer->batch_rows = 0;
	writer->batch_bytes = 0;
	if (writer->group_rows >= writer->options.row_group_rows ||
		group_memory(writer) >= writer->options.row_group_bytes)
		flush_group(writer);
}

/* Put one value, or a null. */
static void
put(SfdwParquetWriter *writer, SfdwParquetColumn *column, Datum value,
	bool is_null)
{
	size_t		before = column->chunk.values.length;
	SfdwStatus *status = &writer->status;
	bool		ok;

	if (is_null)
		ok = sfdw_chunk_put_null(&column->chunk, status);
	else
		ok = column->put(column, value, status);
	if (!ok)
		ereport(ERROR,
				errcode(sfdw_errcode_of(status->code)),
				errmsg("could not write column \"%s\" of row " INT64_FORMAT " to Parquet: %s",
					   column->name, writer->rows + 1, status->message));
	writer->batch_bytes += column->chunk.values.length - before;
}

/* Add a row. */
void
sfdw_parquet_writer_append(SfdwParquetWriter *writer, const Datum *values,
						   const bool *isnull)
{
	MemoryContext old = MemoryContextSwitchTo(writer->value_context);
	int			i;

	for (i = 0; i < writer->num_columns; i++)
	{
		SfdwParquetColumn *column = &writer->columns[i];

		put(writer, column, values[column->index], isnull[column->index]);
	}
	if (writer->order != NULL)
		sfdw_row_order_next(writer->order, isnull);
	writer->rows++;
	writer->group_rows++;
	writer->batch_rows++;
	if (writer->batch_rows == BATCH_ROWS ||
		writer->batch_bytes >= BATCH_BYTES ||
		writer->group_rows >= writer->options.row_group_rows)
		end_batch(writer);
	MemoryContextSwitchTo(old);
}

/* The schema: a root, and below it one leaf a column. */
static void
describe_schema(SfdwParquetWriter *writer, SfdwParquetMetadata *metadata)
{
	SfdwSchemaElement *root;
	int			i;

	metadata->num_leaves = writer->num_columns;
	metadata->num_schema = writer->num_columns + 1;
	metadata->schema = palloc0(metadata->num_schema *
							   sizeof(SfdwSchemaElement));
	root = &metadata->schema[0];
	root->name.data = ROOT_NAME;
	root->name.length = strlen(ROOT_NAME);
	root->type = SFDW_PARQUET_ABSENT;
	root->type_length = SFDW_PARQUET_ABSENT;
	root->repetition = SFDW_PARQUET_ABSENT;
	root->num_children = writer->num_columns;
	root->converted = SFDW_PARQUET_ABSENT;
	root->scale = SFDW_PARQUET_ABSENT;
	root->precision = SFDW_PARQUET_ABSENT;
	root->field_id = SFDW_PARQUET_ABSENT;
	for (i = 0; i < writer->num_columns; i++)
		metadata->schema[i + 1] = writer->columns[i].element;
	metadata->num_column_orders = writer->num_columns;
	metadata->column_orders = palloc(writer->num_columns *
									 sizeof(SfdwColumnOrder));
	for (i = 0; i < writer->num_columns; i++)
		metadata->column_orders[i].order = SFDW_ORDER_TYPE_DEFINED;
}

/* The key-value metadata that the user gave. */
static void
describe_properties(SfdwParquetWriter *writer, SfdwParquetMetadata *metadata)
{
	List	   *properties = writer->options.properties;
	ListCell   *cell;

	metadata->key_values = palloc(Max(list_length(properties), 1) *
								  sizeof(SfdwParquetKeyValue));
	foreach(cell, properties)
	{
		SfdwParquetProperty *property = lfirst(cell);
		SfdwParquetKeyValue *entry =
		&metadata->key_values[metadata->num_key_values++];

		entry->key.data = property->key;
		entry->key.length = strlen(property->key);
		entry->value.data = property->value;
		entry->value.length = strlen(property->value);
	}
}

/* Write the footer, its length and the magic. */
static void
write_footer(SfdwParquetWriter *writer)
{
	SfdwParquetMetadata metadata = {0};
	SfdwMemory	memory = sfdw_memory_pg(writer->context);
	SfdwStatus	status = {0};
	SfdwBuffer	buffer;
	uint32		length;

	metadata.version = FORMAT_VERSION;
	metadata.num_rows = writer->rows;
	metadata.row_groups = writer->groups;
	metadata.num_row_groups = writer->num_groups;
	metadata.created_by.data = SFDW_CREATED_BY;
	metadata.created_by.length = strlen(SFDW_CREATED_BY);
	describe_schema(writer, &metadata);
	describe_properties(writer, &metadata);
	sfdw_buffer_init(&buffer, &memory, SFDW_PARQUET_MAX_FOOTER_SIZE);
	if (!sfdw_footer_write(&buffer, &metadata, &status))
		raise_status(writer, &status);
	length = (uint32) buffer.length;
	for (int i = 0; i < 4; i++)
	{
		char		byte = (char) (length >> (8 * i));

		if (!sfdw_buffer_append(&buffer, &byte, 1, &status))
			raise_status(writer, &status);
	}
	if (!sfdw_buffer_append(&buffer, SFDW_PARQUET_MAGIC,
							SFDW_PARQUET_MAGIC_SIZE, &status))
		raise_status(writer, &status);
	emit(writer, buffer.data, buffer.length);
}

/* Write what is left and the footer. */
void
sfdw_parquet_writer_finish(SfdwParquetWriter *writer,
						   SfdwParquetSummary *summary)
{
	MemoryContext old = MemoryContextSwitchTo(writer->context);

	if (writer->batch_rows > 0)
		end_batch(writer);
	if (writer->group_rows > 0)
		flush_group(writer);
	write_footer(writer);
	memset(summary, 0, sizeof(*summary));
	summary->rows = writer->rows;
	summary->row_groups = writer->num_groups;
	summary->bytes = writer->offset;
	if (writer->digest != NULL)
		sfdw_sha256_finish(writer->digest, summary->sha256);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(writer->context);
}
