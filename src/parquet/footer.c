/*-------------------------------------------------------------------------
 * footer.c
 *		The Thrift structs of a Parquet file: footer and page headers
 *
 * Pure.  See footer.h.  The tables below are parquet.thrift's structs, with
 * the fields that we write or look at.  Structs that parquet.thrift nests and
 * metadata.h does not (a chunk and its metadata, a page header and that of the
 * data page) lie at offset 0 of the struct that holds them.
 *-------------------------------------------------------------------------
 */
#include "parquet/footer.h"

#include "parquet/thrift.h"

#define LENGTH(array) ((int) (sizeof(array) / sizeof((array)[0])))
#define AT(type, member) offsetof(type, member)

/* A struct without fields that are looked at. */
static const SfdwThriftStruct empty_struct = {"empty", 0, NULL, 0};

/* TimeUnit */
static const SfdwThriftField unit_fields[] = {
	{SFDW_UNIT_MILLIS, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_UNIT_MICROS, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_UNIT_NANOS, SFDW_THRIFT_STRUCT, .type = &empty_struct},
};
static const SfdwThriftStruct unit_struct = {
	"TimeUnit", sizeof(SfdwLogicalType), unit_fields, LENGTH(unit_fields),
	true, AT(SfdwLogicalType, unit)
};

/* TimeType and TimestampType */
static const SfdwThriftField time_fields[] = {
	{1, SFDW_THRIFT_BOOL, true, AT(SfdwLogicalType, is_adjusted_to_utc)},
	{2, SFDW_THRIFT_STRUCT, true, 0, .type = &unit_struct},
};
static const SfdwThriftStruct time_struct = {
	"TimestampType", sizeof(SfdwLogicalType), time_fields, LENGTH(time_fields)
};

/* DecimalType */
static const SfdwThriftField decimal_fields[] = {
	{1, SFDW_THRIFT_I32, true, AT(SfdwLogicalType, scale)},
	{2, SFDW_THRIFT_I32, true, AT(SfdwLogicalType, precision)},
};
static const SfdwThriftStruct decimal_struct = {
	"DecimalType", sizeof(SfdwLogicalType), decimal_fields,
	LENGTH(decimal_fields)
};

/* IntType */
static const SfdwThriftField integer_fields[] = {
	{1, SFDW_THRIFT_I8, true, AT(SfdwLogicalType, bit_width)},
	{2, SFDW_THRIFT_BOOL, true, AT(SfdwLogicalType, is_signed)},
};
static const SfdwThriftStruct integer_struct = {
	"IntType", sizeof(SfdwLogicalType), integer_fields, LENGTH(integer_fields)
};

/* LogicalType */
static const SfdwThriftField logical_fields[] = {
	{SFDW_LOGICAL_STRING, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_MAP, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_LIST, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_ENUM, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_DECIMAL, SFDW_THRIFT_STRUCT, .type = &decimal_struct},
	{SFDW_LOGICAL_DATE, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_TIME, SFDW_THRIFT_STRUCT, .type = &time_struct},
	{SFDW_LOGICAL_TIMESTAMP, SFDW_THRIFT_STRUCT, .type = &time_struct},
	{SFDW_LOGICAL_INTEGER, SFDW_THRIFT_STRUCT, .type = &integer_struct},
	{SFDW_LOGICAL_UNKNOWN, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_JSON, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_BSON, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_UUID, SFDW_THRIFT_STRUCT, .type = &empty_struct},
	{SFDW_LOGICAL_FLOAT16, SFDW_THRIFT_STRUCT, .type = &empty_struct},
};
static const SfdwThriftStruct logical_struct = {
	"LogicalType", sizeof(SfdwLogicalType), logical_fields,
	LENGTH(logical_fields), true, AT(SfdwLogicalType, kind)
};

/* SchemaElement */
#define ELEMENT(member) AT(SfdwSchemaElement, member)
static const SfdwThriftField schema_fields[] = {
	{1, SFDW_THRIFT_I32, false, ELEMENT(type), SFDW_PARQUET_ABSENT},
	{2, SFDW_THRIFT_I32, false, ELEMENT(type_length), SFDW_PARQUET_ABSENT},
	{3, SFDW_THRIFT_I32, false, ELEMENT(repetition), SFDW_PARQUET_ABSENT},
	{4, SFDW_THRIFT_BINARY, true, ELEMENT(name)},
	{5, SFDW_THRIFT_I32, false, ELEMENT(num_children), 0},
	{6, SFDW_THRIFT_I32, false, ELEMENT(converted), SFDW_PARQUET_ABSENT},
	{7, SFDW_THRIFT_I32, false, ELEMENT(scale), SFDW_PARQUET_ABSENT},
	{8, SFDW_THRIFT_I32, false, ELEMENT(precision), SFDW_PARQUET_ABSENT},
	{9, SFDW_THRIFT_I32, false, ELEMENT(field_id), SFDW_PARQUET_ABSENT},
	{10, SFDW_THRIFT_STRUCT, false, ELEMENT(logical), .type = &logical_struct},
};
static const SfdwThriftStruct schema_struct = {
	"SchemaElement", sizeof(SfdwSchemaElement), schema_fields,
	LENGTH(schema_fields)
};

/* Statistics: without the deprecated bounds, whose order is not defined */
#define STATISTIC(member) AT(SfdwParquetStatistics, member)
static const SfdwThriftField statistics_fields[] = {
	{3, SFDW_THRIFT_I64, false, STATISTIC(null_count), SFDW_PARQUET_ABSENT},
	{4, SFDW_THRIFT_I64, false, STATISTIC(distinct_count), SFDW_PARQUET_ABSENT},
	{5, SFDW_THRIFT_BINARY, false, STATISTIC(max_value)},
	{6, SFDW_THRIFT_BINARY, false, STATISTIC(min_value)},
	{7, SFDW_THRIFT_FLAG, false, STATISTIC(is_max_exact), 0, STATISTIC(max_value.data)},
	{8, SFDW_THRIFT_FLAG, false, STATISTIC(is_min_exact), 0, STATISTIC(min_value.data)},
};
static const SfdwThriftStruct statistics_struct = {
	"Statistics", sizeof(SfdwParquetStatistics), statistics_fields,
	LENGTH(statistics_fields)
};

/* PageEncodingStats */
static const SfdwThriftField encoding_stats_fields[] = {
	{1, SFDW_THRIFT_I32, true, AT(SfdwPageEncodingStats, page_type)},
	{2, SFDW_THRIFT_I32, true, AT(SfdwPageEncodingStats, encoding)},
	{3, SFDW_THRIFT_I32, true, AT(SfdwPageEncodingStats, count)},
};
static const SfdwThriftStruct encoding_stats_struct = {
	"PageEncodingStats", sizeof(SfdwPageEncodingStats), encoding_stats_fields,
	LENGTH(encoding_stats_fields)
};

/* ColumnMetaData */
#define COLUMN(member) AT(SfdwColumnMetadata, member)
static const SfdwThriftField column_fields[] = {
	{1, SFDW_THRIFT_I32, true, COLUMN(type)},
	{2, SFDW_THRIFT_ENUM_SET, true, COLUMN(encodings)},
	{3, SFDW_THRIFT_LIST, true, COLUMN(path), 0, COLUMN(path_length)},
	{4, SFDW_THRIFT_I32, true, COLUMN(codec)},
	{5, SFDW_THRIFT_I64, true, COLUMN(num_values)},
	{6, SFDW_THRIFT_I64, true, COLUMN(uncompressed_size)},
	{7, SFDW_THRIFT_I64, true, COLUMN(compressed_size)},
	{9, SFDW_THRIFT_I64, true, COLUMN(data_page_offset)},
	{11, SFDW_THRIFT_I64, false, COLUMN(dictionary_page_offset), SFDW_PARQUET_ABSENT},
	{12, SFDW_THRIFT_STRUCT, false, COLUMN(statistics), .type = &statistics_struct},
	{13, SFDW_THRIFT_LIST, false, COLUMN(encoding_stats), 0,
	COLUMN(num_encoding_stats), &encoding_stats_struct},
};
static const SfdwThriftStruct column_struct = {
	"ColumnMetaData", sizeof(SfdwColumnMetadata), column_fields,
	LENGTH(column_fields)
};

/* ColumnChunk; its file_offset is deprecated, and 0 */
static const SfdwThriftField chunk_fields[] = {
	{2, SFDW_THRIFT_I64, true, COLUMN(file_offset)},
	{3, SFDW_THRIFT_STRUCT, true, 0, .type = &column_struct},
	{4, SFDW_THRIFT_I64, false, COLUMN(offset_index_offset), SFDW_PARQUET_ABSENT},
	{5, SFDW_THRIFT_I32, false, COLUMN(offset_index_length), SFDW_PARQUET_ABSENT},
	{6, SFDW_THRIFT_I64, false, COLUMN(column_index_offset), SFDW_PARQUET_ABSENT},
	{7, SFDW_THRIFT_I32, false, COLUMN(column_index_length), SFDW_PARQUET_ABSENT},
};
static const SfdwThriftStruct chunk_struct = {
	"ColumnChunk", sizeof(SfdwColumnMetadata), chunk_fields,
	LENGTH(chunk_fields)
};

/* SortingColumn */
static const SfdwThriftField sorting_fields[] = {
	{1, SFDW_THRIFT_I32, true, AT(SfdwSortingColumn, column)},
	{2, SFDW_THRIFT_BOOL, true, AT(SfdwSortingColumn, is_descending)},
	{3, SFDW_THRIFT_BOOL, true, AT(SfdwSortingColumn, nulls_first)},
};
static const SfdwThriftStruct sorting_struct = {
	"SortingColumn", sizeof(SfdwSortingColumn), sorting_fields,
	LENGTH(sorting_fields)
};

/* RowGroup */
#define GROUP(member) AT(SfdwRowGroup, member)
static const SfdwThriftField group_fields[] = {
	{1, SFDW_THRIFT_LIST, true, GROUP(columns), 0, GROUP(num_columns), &chunk_struct},
	{2, SFDW_THRIFT_I64, true, GROUP(uncompressed_size)},
	{3, SFDW_THRIFT_I64, true, GROUP(num_rows)},
	{4, SFDW_THRIFT_LIST, false, GROUP(sorting), 0, GROUP(num_sorting), &sorting_struct},
	{5, SFDW_THRIFT_I64, false, GROUP(file_offset), SFDW_PARQUET_ABSENT},
	{6, SFDW_THRIFT_I64, false, GROUP(compressed_size), SFDW_PARQUET_ABSENT},
	{7, SFDW_THRIFT_I16, false, GROUP(ordinal), SFDW_PARQUET_ABSENT},
};
static const SfdwThriftStruct group_struct = {
	"RowGroup", sizeof(SfdwRowGroup), group_fields, LENGTH(group_fields)
};

/* KeyValue */
static const SfdwThriftField key_value_fields[] = {
	{1, SFDW_THRIFT_BINARY, true, AT(SfdwParquetKeyValue, key)},
	{2, SFDW_THRIFT_BINARY, false, AT(SfdwParquetKeyValue, value)},
};
static const SfdwThriftStruct key_value_struct = {
	"KeyValue", sizeof(SfdwParquetKeyValue), key_value_fields,
	LENGTH(key_value_fields)
};

/* ColumnOrder */
static const SfdwThriftField order_fields[] = {
	{SFDW_ORDER_TYPE_DEFINED, SFDW_THRIFT_STRUCT, .type = &empty_struct},
};
static const SfdwThriftStruct order_struct = {
	"ColumnOrder", sizeof(SfdwColumnOrder), order_fields,
	LENGTH(order_fields), true, AT(SfdwColumnOrder, order)
};

/* FileMetaData */
#define FILE_(member) AT(SfdwParquetMetadata, member)
static const SfdwThriftField file_fields[] = {
	{1, SFDW_THRIFT_I32, true, FILE_(version)},
	{2, SFDW_THRIFT_LIST, true, FILE_(schema), 0, FILE_(num_schema), &schema_struct},
	{3, SFDW_THRIFT_I64, true, FILE_(num_rows)},
	{4, SFDW_THRIFT_LIST, true, FILE_(row_groups), 0, FILE_(num_row_groups), &group_struct},
	{5, SFDW_THRIFT_LIST, false, FILE_(key_values), 0, FILE_(num_key_values), &key_value_struct},
	{6, SFDW_THRIFT_BINARY, false, FILE_(created_by)},
	{7, SFDW_THRIFT_LIST, false, FILE_(column_orders), 0, FILE_(num_column_orders), &order_struct},
};
static const SfdwThriftStruct file_struct = {
	"FileMetaData", sizeof(SfdwParquetMetadata), file_fields,
	LENGTH(file_fields)
};

/* DataPageHeader */
#define PAGE(member) AT(SfdwPageHeader, member)
static const SfdwThriftField data_page_fields[] = {
	{1, SFDW_THRIFT_I32, true, PAGE(num_values)},
	{2, SFDW_THRIFT_I32, true, PAGE(encoding)},
	{3, SFDW_THRIFT_I32, true, PAGE(definition_encoding)},
	{4, SFDW_THRIFT_I32, true, PAGE(repetition_encoding)},
};
static const SfdwThriftStruct data_page_struct = {
	"DataPageHeader", sizeof(SfdwPageHeader), data_page_fields,
	LENGTH(data_page_fields)
};

/* DictionaryPageHeader */
static const SfdwThriftField dictionary_page_fields[] = {
	{1, SFDW_THRIFT_I32, true, PAGE(num_values)},
	{2, SFDW_THRIFT_I32, true, PAGE(encoding)},
};
static const SfdwThriftStruct dictionary_page_struct = {
	"DictionaryPageHeader", sizeof(SfdwPageHeader), dictionary_page_fields,
	LENGTH(dictionary_page_fields)
};

/* DataPageHeaderV2 */
static const SfdwThriftField data_page_v2_fields[] = {
	{1, SFDW_THRIFT_I32, true, PAGE(num_values)},
	{2, SFDW_THRIFT_I32, true, PAGE(num_nulls)},
	{3, SFDW_THRIFT_I32, true, PAGE(num_rows)},
	{4, SFDW_THRIFT_I32, true, PAGE(encoding)},
};
static const SfdwThriftStruct data_page_v2_struct = {
	"DataPageHeaderV2", sizeof(SfdwPageHeader), data_page_v2_fields,
	LENGTH(data_page_v2_fields)
};

/*
 * PageHeader.  Which of the last three fields is there follows from the type:
 * the part of a header that all pages share, and one table for each that we
 * write.
 */
#define PAGE_COMMON \
	{1, SFDW_THRIFT_I32, true, PAGE(type)}, \
	{2, SFDW_THRIFT_I32, true, PAGE(uncompressed_size)}, \
	{3, SFDW_THRIFT_I32, true, PAGE(compressed_size)}, \
	{4, SFDW_THRIFT_BITS, false, PAGE(crc), 0, PAGE(has_crc)}
#define PAGE_DATA_FIELD \
	{5, SFDW_THRIFT_STRUCT, false, 0, .type = &data_page_struct}
#define PAGE_DICTIONARY_FIELD \
	{7, SFDW_THRIFT_STRUCT, false, 0, .type = &dictionary_page_struct}
#define PAGE_DATA_V2_FIELD \
	{8, SFDW_THRIFT_STRUCT, false, 0, .type = &data_page_v2_struct}

static const SfdwThriftField any_page_fields[] = {
	PAGE_COMMON, PAGE_DATA_FIELD, PAGE_DICTIONARY_FIELD, PAGE_DATA_V2_FIELD
};
static const SfdwThriftField write_data_fields[] = {
	PAGE_COMMON, PAGE_DATA_FIELD
};
static const SfdwThriftField write_dictionary_fields[] = {
	PAGE_COMMON, PAGE_DICTIONARY_FIELD
};
static const SfdwThriftStruct any_page_struct = {
	"PageHeader", sizeof(SfdwPageHeader), any_page_fields,
	LENGTH(any_page_fields)
};
static const SfdwThriftStruct write_data_struct = {
	"PageHeader", sizeof(SfdwPageHeader), write_data_fields,
	LENGTH(write_data_fields)
};
static const SfdwThriftStruct write_dictionary_struct = {
	"PageHeader", sizeof(SfdwPageHeader), write_dictionary_fields,
	LENGTH(write_dictionary_fields)
};

/* Append the FileMetaData struct. */
bool
sfdw_footer_write(SfdwBuffer *buffer, const SfdwParquetMetadata *metadata,
				  SfdwStatus *status)
{
	return sfdw_thrift_write(buffer, &file_struct, metadata, status);
}

/* Append the header of a page. */
bool
sfdw_page_header_write(SfdwBuffer *buffer, const SfdwPageHeader *header,
					   SfdwStatus *status)
{
	return sfdw_thrift_write(buffer,
							 header->type == SFDW_PAGE_DICTIONARY ?
							 &write_dictionary_struct : &write_data_struct,
							 header, status);
}

/* Whether a schema element is a column. */
bool
sfdw_schema_is_leaf(const SfdwSchemaElement *element)
{
	return element->num_children == 0 && element->type != SFDW_PARQUET_ABSENT;
}

/*
 * Check that the nodes make one tree and count the leaves.  Each node takes one
 * of the places that the nodes before it opened; there must be places while
 * nodes come, and none left at the end.
 */
static bool
check_schema(SfdwParquetMetadata *metadata, SfdwStatus *status)
{
	int64_t		places = 1;
	int			i;

	for (i = 0; i < metadata->num_schema && places > 0; i++)
	{
		const SfdwSchemaElement *element = &metadata->schema[i];

		if (element->num_children < 0)
			return sfdw_fail(status, SFDW_MALFORMED, 0,
							 "schema element %d has a negative number of children",
							 i);
		if (i > 0 && (element->num_children > 0) ==
			(element->type != SFDW_PARQUET_ABSENT))
			return sfdw_fail(status, SFDW_MALFORMED, 0,
							 "schema element %d is neither a column nor a group",
							 i);
		if (i > 0 && sfdw_schema_is_leaf(element))
			metadata->num_leaves++;
		places += element->num_children - 1;
	}
	if (places != 0 || i != metadata->num_schema)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the schema elements do not make one tree");
	return true;
}

/* Check the chunks of one row group against the schema's leaves. */
static bool
check_row_group(const SfdwParquetMetadata *metadata, int number,
				SfdwStatus *status)
{
	const SfdwRowGroup *group = &metadata->row_groups[number];
	int			column = 0;
	int			i;

	if (group->num_rows < 0)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "row group %d has a negative number of rows", number);
	if (group->num_columns != metadata->num_leaves)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "row group %d does not have every column", number);
	for (i = 1; i < metadata->num_schema; i++)
	{
		if (!sfdw_schema_is_leaf(&metadata->schema[i]))
			continue;
		if (group->columns[column].type != metadata->schema[i].type)
			return sfdw_fail(status, SFDW_MALFORMED, 0,
							 "column %d of row group %d has another type than in the schema",
							 column, number);
		column++;
	}
	return true;
}

/* Check the counts of rows, and every row group. */
static bool
check_row_groups(const SfdwParquetMetadata *metadata, SfdwStatus *status)
{
	int			i;

	if (metadata->num_rows < 0)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "the file has a negative number of rows");
	for (i = 0; i < metadata->num_row_groups; i++)
		if (!check_row_group(metadata, i, status))
			return false;
	return true;
}

/* Read the FileMetaData struct and check its shape. */
bool
sfdw_footer_read(const SfdwMemory *memory, SfdwBytes footer,
				 SfdwParquetMetadata *metadata, SfdwStatus *status)
{
	size_t		consumed;

	return sfdw_thrift_read(memory, footer, &file_struct, metadata, &consumed,
							status) &&
		check_schema(metadata, status) && check_row_groups(metadata, status);
}

/* Read a page header. */
bool
sfdw_page_header_read(const SfdwMemory *memory, SfdwBytes data,
					  SfdwPageHeader *header, size_t *consumed,
					  SfdwStatus *status)
{
	if (!sfdw_thrift_read(memory, data, &any_page_struct, header, consumed,
						  status))
		return false;
	if (header->compressed_size < 0 || header->uncompressed_size < 0 ||
		header->num_values < 0)
		return sfdw_fail(status, SFDW_MALFORMED, 0,
						 "a page header has a negative size or count");
	return true;
}
