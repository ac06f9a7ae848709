/*-------------------------------------------------------------------------
 * inspect.c
 *		parquet_schema(), parquet_metadata() and their kin: what a footer says
 *
 * Each function reads the footer of one object and returns rows; the columns
 * are named as those of pg_parquet's functions.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "copy/stats_text.h"
#include "parquet/names.h"
#include "parquet/reader.h"
#include "storage/storage.h"

/* The widest of the functions has so many columns. */
#define MAX_COLUMNS 21

/* A row of a function's result while it is put together, and where it goes. */
typedef struct Row
{
	ReturnSetInfo *result;
	Datum		values[MAX_COLUMNS];
	bool		isnull[MAX_COLUMNS];
	int			count;
} Row;

PG_FUNCTION_INFO_V1(sfdw_sql_parquet_schema);
PG_FUNCTION_INFO_V1(sfdw_sql_parquet_metadata);
PG_FUNCTION_INFO_V1(sfdw_sql_parquet_file_metadata);
PG_FUNCTION_INFO_V1(sfdw_sql_parquet_kv_metadata);
PG_FUNCTION_INFO_V1(sfdw_sql_parquet_column_stats);

/* Add a column; what is_null says comes first. */
static void
add_datum(Row *row, bool is_null, Datum value)
{
	Assert(row->count < MAX_COLUMNS);
	row->isnull[row->count] = is_null;
	row->values[row->count++] = value;
}

/* Add a text, NULL for none. */
static void
add_text(Row *row, const char *text)
{
	add_datum(row, text == NULL,
			  text == NULL ? (Datum) 0 : CStringGetTextDatum(text));
}

/* Add a bigint, NULL for one that the file does not give. */
static void
add_int64(Row *row, int64 value)
{
	add_datum(row, value == SFDW_PARQUET_ABSENT, Int64GetDatum(value));
}

/* Add an integer, NULL for one that the file does not give. */
static void
add_int32(Row *row, int32 value)
{
	add_datum(row, value == SFDW_PARQUET_ABSENT, Int32GetDatum(value));
}

/* Hand the row over and start the next. */
static void
emit(Row *row)
{
	tuplestore_putvalues(row->result->setResult, row->result->setDesc,
						 row->values, row->isnull);
	row->count = 0;
}

/* Start a function's result and read the footer that its argument names. */
static SfdwParquetFile *
begin(FunctionCallInfo fcinfo, Row *row, char **url)
{
	SfdwStorage *storage;
	SfdwVersion *version;
	SfdwSource *source;
	SfdwParquetFile *file;
	char	   *key;

	InitMaterializedSRF(fcinfo, 0);
	row->result = (ReturnSetInfo *) fcinfo->resultinfo;
	row->count = 0;
	*url = text_to_cstring(PG_GETARG_TEXT_PP(0));
	storage = sfdw_storage_for_url(*url, GetUserId(), SFDW_STORAGE_READ, &key);
	version = sfdw_storage_find(storage, key);
	if (version == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_FILE),
				errmsg("object \"%s\" does not exist", *url));
	source = sfdw_storage_open_version(storage, key, version->version_id);
	file = sfdw_parquet_read_footer(source);
	sfdw_source_close(source);
	return file;
}

/* The schema's leaves, in the order of the columns of a row group. */
static const SfdwSchemaElement **
leaves_of(const SfdwParquetMetadata *metadata)
{
	const SfdwSchemaElement **leaves = palloc(metadata->num_schema *
											  sizeof(*leaves));
	int			count = 0;

	/* The root is a group, even when it has no column. */
	for (int i = 1; i < metadata->num_schema; i++)
	{
		if (metadata->schema[i].num_children == 0)
			leaves[count++] = &metadata->schema[i];
	}
	return leaves;
}

/* SQL: parquet_schema(url text), a row for each node of the schema */
Datum
sfdw_sql_parquet_schema(PG_FUNCTION_ARGS)
{
	Row			row;
	char	   *url;
	SfdwParquetMetadata *metadata = &begin(fcinfo, &row, &url)->metadata;

	for (int i = 0; i < metadata->num_schema; i++)
	{
		const SfdwSchemaElement *element = &metadata->schema[i];
		char		logical[SFDW_LOGICAL_TEXT_SIZE];

		CHECK_FOR_INTERRUPTS();
		sfdw_parquet_logical_text(&element->logical, logical);
		add_text(&row, url);
		add_text(&row, sfdw_copy_footer_text(element->name, "a column's name",
											 url));
		add_text(&row, sfdw_parquet_type_name(element->type));
		add_int32(&row, element->type_length);
		add_text(&row, sfdw_parquet_repetition_name(element->repetition));
		add_datum(&row, i > 0 && element->num_children == 0,
				  Int32GetDatum(element->num_children));
		add_text(&row, sfdw_parquet_converted_name(element->converted));
		add_int32(&row, element->scale);
		add_int32(&row, element->precision);
		add_int32(&row, element->field_id);
		add_text(&row, logical[0] != '\0' ? logical : NULL);
		emit(&row);
	}
	return (Datum) 0;
}

/* A path in the schema with dots between its names. */
static char *
path_text(const SfdwColumnMetadata *column, const char *url)
{
	StringInfoData path;

	initStringInfo(&path);
	for (int i = 0; i < column->path_length; i++)
		appendStringInfo(&path, "%s%s", i > 0 ? "." : "",
						 sfdw_copy_footer_text(column->path[i],
											   "a column's name", url));
	return path.data;
}

/* The encodings of a chunk with commas between them. */
static char *
encodings_text(uint32 encodings)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i <= SFDW_PARQUET_MAX_ENCODING; i++)
	{
		const char *name = sfdw_parquet_encoding_name(i);

		if ((encodings & ((uint32) 1 << i)) == 0)
			continue;
		if (text.len > 0)
			appendStringInfoChar(&text, ',');
		if (name != NULL)
			appendStringInfoString(&text, name);
		else
			appendStringInfo(&text, "%d", i);
	}
	return text.data;
}

/* Where a column's chunk starts: at its dictionary, when that comes first. */
static int64
chunk_offset(const SfdwColumnMetadata *column)
{
	if (column->dictionary_page_offset > 0 &&
		column->dictionary_page_offset < column->data_page_offset)
		return column->dictionary_page_offset;
	return column->data_page_offset;
}

/* Add the columns that describe one chunk. */
static void
add_chunk(Row *row, const SfdwColumnMetadata *column,
		  const SfdwSchemaElement *leaf, const char *url)
{
	add_int64(row, chunk_offset(column));
	add_int64(row, column->num_values);
	add_text(row, path_text(column, url));
	add_text(row, sfdw_parquet_type_name(column->type));
	add_int64(row, column->statistics.null_count);
	add_int64(row, column->statistics.distinct_count);
	add_text(row, sfdw_copy_stats_text(leaf, column->statistics.min_value));
	add_text(row, sfdw_copy_stats_text(leaf, column->statistics.max_value));
	add_text(row, sfdw_parquet_codec_name(column->codec));
	add_text(row, encodings_text(column->encodings));
	add_int64(row, SFDW_PARQUET_ABSENT);	/* no writer makes index pages */
	add_int64(row, column->dictionary_page_offset);
	add_int64(row, column->data_page_offset);
	add_int64(row, column->compressed_size);
	add_int64(row, column->uncompressed_size);
}

/* SQL: parquet_metadata(url text), a row for each column of a row group */
Datum
sfdw_sql_parquet_metadata(PG_FUNCTION_ARGS)
{
	Row			row;
	char	   *url;
	SfdwParquetMetadata *metadata = &begin(fcinfo, &row, &url)->metadata;
	const SfdwSchemaElement **leaves = leaves_of(metadata);

	for (int i = 0; i < metadata->num_row_groups; i++)
	{
		const SfdwRowGroup *group = &metadata->row_groups[i];

		for (int j = 0; j < group->num_columns; j++)
		{
			CHECK_FOR_INTERRUPTS();
			add_text(&row, url);
			add_int64(&row, i);
			add_int64(&row, group->num_rows);
			add_int64(&row, group->num_columns);
			add_int64(&row, group->uncompressed_size);
			add_int64(&row, j);
			add_chunk(&row, &group->columns[j], leaves[j], url);
			emit(&row);
		}
	}
	return (Datum) 0;
}

/* SQL: parquet_file_metadata(url text), one row */
Datum
sfdw_sql_parquet_file_metadata(PG_FUNCTION_ARGS)
{
	Row			row;
	char	   *url;
	SfdwParquetMetadata *metadata = &begin(fcinfo, &row, &url)->metadata;

	add_text(&row, url);
	add_text(&row, sfdw_copy_footer_text(metadata->created_by,
										 "the writer's name", url));
	add_int64(&row, metadata->num_rows);
	add_int64(&row, metadata->num_row_groups);
	add_text(&row, psprintf("%d", metadata->version));
	emit(&row);
	return (Datum) 0;
}

/* SQL: parquet_kv_metadata(url text), a row for each key */
Datum
sfdw_sql_parquet_kv_metadata(PG_FUNCTION_ARGS)
{
	Row			row;
	char	   *url;
	SfdwParquetMetadata *metadata = &begin(fcinfo, &row, &url)->metadata;

	for (int i = 0; i < metadata->num_key_values; i++)
	{
		const SfdwParquetKeyValue *entry = &metadata->key_values[i];

		CHECK_FOR_INTERRUPTS();
		add_text(&row, url);
		add_text(&row, sfdw_copy_footer_text(entry->key, "a key", url));
		add_text(&row, sfdw_copy_footer_text(entry->value, "a key's value",
											 url));
		emit(&row);
	}
	return (Datum) 0;
}

/* One column's statistics over all row groups. */
typedef struct Summary
{
	SfdwBytes	min_value;		/* data is NULL: not known */
	SfdwBytes	max_value;
	int64		null_count;		/* or absent */
	bool		is_ordered;		/* no row group without comparable limits */
} Summary;

/*
 * Replace limit by value when that lies beyond it in the direction asked for.
 * False when the two cannot be compared.
 */
static bool
widen(const SfdwSchemaElement *leaf, SfdwBytes *limit, SfdwBytes value,
	  int direction)
{
	int			order;

	if (value.data == NULL)
		return false;
	if (limit->data == NULL)
		*limit = value;
	else if (!sfdw_copy_stats_compare(leaf, value, *limit, &order))
		return false;
	else if (order * direction > 0)
		*limit = value;
	return true;
}

/* Add one row group's statistics to a column's summary. */
static void
summarise(Summary *summary, const SfdwSchemaElement *leaf,
		  const SfdwColumnMetadata *column)
{
	const SfdwParquetStatistics *statistics = &column->statistics;

	if (summary->null_count != SFDW_PARQUET_ABSENT)
		summary->null_count = statistics->null_count == SFDW_PARQUET_ABSENT ?
			SFDW_PARQUET_ABSENT : summary->null_count + statistics->null_count;

	/* A chunk of nulls alone has no limits, and says nothing about others. */
	if (statistics->null_count == column->num_values)
		return;
	if (!widen(leaf, &summary->min_value, statistics->min_value, -1) ||
		!widen(leaf, &summary->max_value, statistics->max_value, 1))
		summary->is_ordered = false;
}

/* SQL: parquet_column_stats(url text), a row for each column */
Datum
sfdw_sql_parquet_column_stats(PG_FUNCTION_ARGS)
{
	Row			row;
	char	   *url;
	SfdwParquetMetadata *metadata = &begin(fcinfo, &row, &url)->metadata;
	const SfdwSchemaElement **leaves = leaves_of(metadata);

	for (int i = 0; i < metadata->num_leaves; i++)
	{
		Summary		summary = {.is_ordered = true};

		for (int j = 0; j < metadata->num_row_groups; j++)
		{
			CHECK_FOR_INTERRUPTS();
			summarise(&summary, leaves[i],
					  &metadata->row_groups[j].columns[i]);
		}
		add_int32(&row, i);
		add_int32(&row, leaves[i]->field_id);
		add_text(&row, summary.is_ordered ?
				 sfdw_copy_stats_text(leaves[i], summary.min_value) : NULL);
		add_text(&row, summary.is_ordered ?
				 sfdw_copy_stats_text(leaves[i], summary.max_value) : NULL);
		add_int64(&row, summary.null_count);
		/* Counts of row groups do not add up: a value may be in several. */
		add_int64(&row, metadata->num_row_groups == 1 ?
				  metadata->row_groups[0].columns[i].statistics.distinct_count :
				  SFDW_PARQUET_ABSENT);
		emit(&row);
	}
	return (Datum) 0;
}
