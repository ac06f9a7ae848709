/*-------------------------------------------------------------------------
 * metadata.h
 *		What a Parquet footer says, as structs
 *
 * Pure.  The numbers of the enums are those of parquet.thrift.  Text points
 * into the bytes that were parsed (or that the writer holds): it has a length
 * and no terminating NUL.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_METADATA_H
#define SFDW_PARQUET_METADATA_H

#include "core/buffer.h"

/* A count or size that the file does not give. */
#define SFDW_PARQUET_ABSENT (-1)

/* The bytes that a Parquet file starts and ends with. */
#define SFDW_PARQUET_MAGIC "PAR1"
#define SFDW_PARQUET_MAGIC_SIZE 4

/* What follows the footer: its length in four bytes, and the magic. */
#define SFDW_PARQUET_TAIL_SIZE 8

/* The largest footer that is written or read: beyond any sensible file's. */
#define SFDW_PARQUET_MAX_FOOTER_SIZE ((size_t) 64 * 1024 * 1024)

typedef enum SfdwParquetType
{
	SFDW_PARQUET_BOOLEAN = 0,
	SFDW_PARQUET_INT32 = 1,
	SFDW_PARQUET_INT64 = 2,
	SFDW_PARQUET_INT96 = 3,
	SFDW_PARQUET_FLOAT = 4,
	SFDW_PARQUET_DOUBLE = 5,
	SFDW_PARQUET_BYTE_ARRAY = 6,
	SFDW_PARQUET_FIXED = 7		/* FIXED_LEN_BYTE_ARRAY */
} SfdwParquetType;

typedef enum SfdwParquetRepetition
{
	SFDW_PARQUET_REQUIRED = 0,
	SFDW_PARQUET_OPTIONAL = 1,
	SFDW_PARQUET_REPEATED = 2
} SfdwParquetRepetition;

/* The older annotation; only those that we write have a name here. */
typedef enum SfdwParquetConverted
{
	SFDW_CONVERTED_UTF8 = 0,
	SFDW_CONVERTED_DECIMAL = 5,
	SFDW_CONVERTED_DATE = 6,
	SFDW_CONVERTED_TIMESTAMP_MILLIS = 9,
	SFDW_CONVERTED_TIMESTAMP_MICROS = 10,
	SFDW_CONVERTED_INT_16 = 16,
	SFDW_CONVERTED_JSON = 19
} SfdwParquetConverted;

/* Field numbers of the union LogicalType; 0 for none. */
typedef enum SfdwLogicalKind
{
	SFDW_LOGICAL_NONE = 0,
	SFDW_LOGICAL_STRING = 1,
	SFDW_LOGICAL_MAP = 2,
	SFDW_LOGICAL_LIST = 3,
	SFDW_LOGICAL_ENUM = 4,
	SFDW_LOGICAL_DECIMAL = 5,
	SFDW_LOGICAL_DATE = 6,
	SFDW_LOGICAL_TIME = 7,
	SFDW_LOGICAL_TIMESTAMP = 8,
	SFDW_LOGICAL_INTEGER = 10,
	SFDW_LOGICAL_UNKNOWN = 11,
	SFDW_LOGICAL_JSON = 12,
	SFDW_LOGICAL_BSON = 13,
	SFDW_LOGICAL_UUID = 14,
	SFDW_LOGICAL_FLOAT16 = 15
} SfdwLogicalKind;

/* Field numbers of the union TimeUnit. */
typedef enum SfdwTimeUnit
{
	SFDW_UNIT_MILLIS = 1,
	SFDW_UNIT_MICROS = 2,
	SFDW_UNIT_NANOS = 3
} SfdwTimeUnit;

typedef enum SfdwParquetEncoding
{
	SFDW_ENCODING_PLAIN = 0,
	SFDW_ENCODING_PLAIN_DICTIONARY = 2,
	SFDW_ENCODING_RLE = 3,
	SFDW_ENCODING_RLE_DICTIONARY = 8
} SfdwParquetEncoding;

/* Encodings have small numbers: a set of them is a word of bits. */
#define SFDW_PARQUET_MAX_ENCODING 31

typedef enum SfdwParquetCodec
{
	SFDW_CODEC_NONE = 0,
	SFDW_CODEC_SNAPPY = 1,
	SFDW_CODEC_ZSTD = 6
} SfdwParquetCodec;

typedef enum SfdwPageType
{
	SFDW_PAGE_DATA = 0,
	SFDW_PAGE_INDEX = 1,
	SFDW_PAGE_DICTIONARY = 2,
	SFDW_PAGE_DATA_V2 = 3
} SfdwPageType;

/* Bytes somewhere else; data is NULL where the file gives none. */
typedef struct SfdwBytes
{
	const char *data;
	size_t		length;
} SfdwBytes;

typedef struct SfdwLogicalType
{
	SfdwLogicalKind kind;
	bool		is_adjusted_to_utc; /* time, timestamp */
	SfdwTimeUnit unit;			/* time, timestamp */
	int32_t		scale;			/* decimal */
	int32_t		precision;		/* decimal */
	int32_t		bit_width;		/* integer */
	bool		is_signed;		/* integer */
} SfdwLogicalType;

/* A node of the schema tree, which is stored depth first, the root first. */
typedef struct SfdwSchemaElement
{
	SfdwBytes	name;
	int32_t		type;			/* SfdwParquetType; absent for a group */
	int32_t		type_length;	/* of FIXED, else absent */
	int32_t		repetition;		/* absent for the root */
	int32_t		num_children;	/* 0 for a leaf */
	int32_t		converted;		/* SfdwParquetConverted, or absent */
	int32_t		scale;			/* of the converted type, or absent */
	int32_t		precision;
	int32_t		field_id;		/* or absent */
	SfdwLogicalType logical;
} SfdwSchemaElement;

typedef struct SfdwParquetStatistics
{
	SfdwBytes	min_value;
	SfdwBytes	max_value;
	bool		is_min_exact;
	bool		is_max_exact;
	int64_t		null_count;		/* or absent */
	int64_t		distinct_count; /* or absent */
} SfdwParquetStatistics;

/* How many pages of a chunk have which type and encoding. */
typedef struct SfdwPageEncodingStats
{
	int32_t		page_type;
	int32_t		encoding;
	int32_t		count;
} SfdwPageEncodingStats;

typedef struct SfdwColumnMetadata
{
	int32_t		type;
	uint32_t	encodings;		/* a bit for each encoding used */
	SfdwBytes  *path;			/* names from below the root to the leaf */
	int			path_length;
	int32_t		codec;
	int64_t		num_values;		/* nulls included */
	int64_t		uncompressed_size;	/* of all pages, with headers */
	int64_t		compressed_size;
	int64_t		data_page_offset;
	int64_t		dictionary_page_offset; /* or absent */
	SfdwParquetStatistics statistics;
	SfdwPageEncodingStats *encoding_stats;
	int			num_encoding_stats;
	int64_t		file_offset;	/* deprecated: 0 */
	int64_t		offset_index_offset;	/* or absent, as the three below */
	int32_t		offset_index_length;
	int64_t		column_index_offset;
	int32_t		column_index_length;
} SfdwColumnMetadata;

typedef struct SfdwSortingColumn
{
	int32_t		column;			/* leaf number, from 0 */
	bool		is_descending;
	bool		nulls_first;
} SfdwSortingColumn;

typedef struct SfdwRowGroup
{
	SfdwColumnMetadata *columns;
	int			num_columns;
	int64_t		uncompressed_size;
	int64_t		num_rows;
	int64_t		compressed_size;
	int64_t		file_offset;	/* of the first page, or absent */
	int32_t		ordinal;		/* from 0, or absent */
	SfdwSortingColumn *sorting;
	int			num_sorting;
} SfdwRowGroup;

typedef struct SfdwParquetKeyValue
{
	SfdwBytes	key;
	SfdwBytes	value;			/* data is NULL for a key without a value */
} SfdwParquetKeyValue;

/* Field numbers of the union ColumnOrder; 0 for none. */
typedef enum SfdwOrder
{
	SFDW_ORDER_TYPE_DEFINED = 1
} SfdwOrder;

typedef struct SfdwColumnOrder
{
	SfdwOrder	order;
} SfdwColumnOrder;

typedef struct SfdwParquetMetadata
{
	int32_t		version;
	SfdwSchemaElement *schema;
	int			num_schema;
	int			num_leaves;		/* columns of every row group */
	int64_t		num_rows;
	SfdwRowGroup *row_groups;
	int			num_row_groups;
	SfdwParquetKeyValue *key_values;
	int			num_key_values;
	SfdwBytes	created_by;
	SfdwColumnOrder *column_orders;
	int			num_column_orders;	/* 0, or one a leaf */
} SfdwParquetMetadata;

typedef struct SfdwPageHeader
{
	int32_t		type;			/* SfdwPageType */
	int32_t		uncompressed_size;
	int32_t		compressed_size;
	bool		has_crc;
	uint32_t	crc;
	int32_t		num_values;		/* nulls included; of a dictionary: entries */
	int32_t		encoding;
	int32_t		definition_encoding;	/* of a version 1 data page */
	int32_t		repetition_encoding;
	int32_t		num_nulls;		/* of a version 2 page, else absent */
	int32_t		num_rows;		/* of a version 2 page, else absent */
} SfdwPageHeader;

#endif							/* SFDW_PARQUET_METADATA_H */
