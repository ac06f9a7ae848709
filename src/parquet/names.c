/*-------------------------------------------------------------------------
 * names.c
 *		The words of parquet.thrift for the numbers in a footer
 *
 * Pure.  See names.h.
 *-------------------------------------------------------------------------
 */
#include "parquet/names.h"

#include <stdio.h>

#define LENGTH(array) ((int) (sizeof(array) / sizeof((array)[0])))

/* The word at a place of a table, or NULL beyond it. */
#define WORD(table, number) \
	((number) >= 0 && (number) < LENGTH(table) ? (table)[number] : NULL)

static const char *const type_names[] = {
	"BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY",
	"FIXED_LEN_BYTE_ARRAY"
};
static const char *const repetition_names[] = {
	"REQUIRED", "OPTIONAL", "REPEATED"
};
static const char *const converted_names[] = {
	"UTF8", "MAP", "MAP_KEY_VALUE", "LIST", "ENUM", "DECIMAL", "DATE",
	"TIME_MILLIS", "TIME_MICROS", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS",
	"UINT_8", "UINT_16", "UINT_32", "UINT_64", "INT_8", "INT_16", "INT_32",
	"INT_64", "JSON", "BSON", "INTERVAL"
};
static const char *const encoding_names[] = {
	"PLAIN", NULL, "PLAIN_DICTIONARY", "RLE", "BIT_PACKED",
	"DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY",
	"RLE_DICTIONARY", "BYTE_STREAM_SPLIT"
};
static const char *const codec_names[] = {
	"UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD",
	"LZ4_RAW"
};
static const char *const logical_names[] = {
	"", "STRING", "MAP", "LIST", "ENUM", "DECIMAL", "DATE", "TIME",
	"TIMESTAMP", NULL, "INTEGER", "UNKNOWN", "JSON", "BSON", "UUID",
	"FLOAT16", "VARIANT", "GEOMETRY", "GEOGRAPHY"
};
static const char *const unit_names[] = {NULL, "MILLIS", "MICROS", "NANOS"};

/* Physical types. */
const char *
sfdw_parquet_type_name(int32_t type)
{
	return WORD(type_names, type);
}

/* Repetitions. */
const char *
sfdw_parquet_repetition_name(int32_t repetition)
{
	return WORD(repetition_names, repetition);
}

/* Converted types. */
const char *
sfdw_parquet_converted_name(int32_t converted)
{
	return WORD(converted_names, converted);
}

/* Encodings. */
const char *
sfdw_parquet_encoding_name(int32_t encoding)
{
	return WORD(encoding_names, encoding);
}

/* Codecs. */
const char *
sfdw_parquet_codec_name(int32_t codec)
{
	return WORD(codec_names, codec);
}

/* A word, or one that says that there is none. */
static const char *
or_unrecognized(const char *word)
{
	return word ? word : "unrecognized";
}

/* Logical types, with their parameters. */
char *
sfdw_parquet_logical_text(const SfdwLogicalType *logical,
						  char text[SFDW_LOGICAL_TEXT_SIZE])
{
	const char *name = or_unrecognized(WORD(logical_names,
											(int) logical->kind));

	switch (logical->kind)
	{
		case SFDW_LOGICAL_DECIMAL:
			snprintf(text, SFDW_LOGICAL_TEXT_SIZE, "%s(%d, %d)", name,
					 (int) logical->precision, (int) logical->scale);
			break;
		case SFDW_LOGICAL_TIME:
		case SFDW_LOGICAL_TIMESTAMP:
			snprintf(text, SFDW_LOGICAL_TEXT_SIZE,
					 "%s(isAdjustedToUTC=%s, unit=%s)", name,
					 logical->is_adjusted_to_utc ? "true" : "false",
					 or_unrecognized(WORD(unit_names, (int) logical->unit)));
			break;
		case SFDW_LOGICAL_INTEGER:
			snprintf(text, SFDW_LOGICAL_TEXT_SIZE, "%s(%d, %s)", name,
					 (int) logical->bit_width,
					 logical->is_signed ? "true" : "false");
			break;
		default:
			snprintf(text, SFDW_LOGICAL_TEXT_SIZE, "%s", name);
			break;
	}
	return text;
}
