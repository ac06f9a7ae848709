/*-------------------------------------------------------------------------
 * stats_text.c
 *		Smallest and largest values of a Parquet column, as text
 *
 * See stats_text.h for the contract.  Statistics come from a file that anybody
 * may have written: every length is compared before bytes are read.
 *-------------------------------------------------------------------------
 */
#include "copy/stats_text.h"

#include <limits.h>

#include "common/int.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* Days and microseconds from the epoch of Unix to that of PostgreSQL. */
#define EPOCH_DAYS (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_USECS (EPOCH_DAYS * USECS_PER_DAY)

/* Bytes of the largest decimal that PostgreSQL and we can name: 38 digits. */
#define MAX_DECIMAL_BYTES 16
#define MAX_DECIMAL_SCALE 38

/* Digits of the largest number of so many bytes, its sign and the NUL. */
#define MAX_DECIMAL_TEXT 64

/* Whether the column's values are decimals, by either annotation. */
static bool
is_decimal(const SfdwSchemaElement *column)
{
	return column->logical.kind == SFDW_LOGICAL_DECIMAL ||
		column->converted == SFDW_CONVERTED_DECIMAL;
}

/* Whether the column's values are text, by either annotation. */
static bool
is_text(const SfdwSchemaElement *column)
{
	return column->logical.kind == SFDW_LOGICAL_STRING ||
		column->logical.kind == SFDW_LOGICAL_JSON ||
		column->logical.kind == SFDW_LOGICAL_ENUM ||
		column->converted == SFDW_CONVERTED_UTF8 ||
		column->converted == SFDW_CONVERTED_JSON;
}

/*
 * A value that is an integer in the file: little-endian in INT32 and INT64,
 * big-endian in a decimal of bytes.  False when it is neither.
 */
static bool
integer_of(const SfdwSchemaElement *column, SfdwBytes value, int128 *number)
{
	const unsigned char *bytes = (const unsigned char *) value.data;
	bool		is_big_endian = column->type == SFDW_PARQUET_FIXED ||
	column->type == SFDW_PARQUET_BYTE_ARRAY;
	size_t		length = value.length;
	uint128		sum;

	if (is_big_endian ? !is_decimal(column) || length == 0 ||
		length > MAX_DECIMAL_BYTES :
		length != (column->type == SFDW_PARQUET_INT32 ? 4 :
				   column->type == SFDW_PARQUET_INT64 ? 8 : 0) || length == 0)
		return false;
	sum = bytes[is_big_endian ? 0 : length - 1] & 0x80 ? ~(uint128) 0 : 0;
	for (size_t i = 0; i < length; i++)
		sum = (sum << 8) | bytes[is_big_endian ? i : length - 1 - i];
	*number = (int128) sum;
	return true;
}

/* A decimal as text, its point scale digits from the right. */
static char *
decimal_text(int128 number, int scale)
{
	uint128		rest = number < 0 ? -(uint128) number : (uint128) number;
	char		digits[MAX_DECIMAL_TEXT];
	int			at = MAX_DECIMAL_TEXT - 1;

	digits[at] = '\0';
	for (int written = 0; rest != 0 || written <= scale; written++)
	{
		if (written == scale && scale > 0)
			digits[--at] = '.';
		digits[--at] = '0' + (int) (rest % 10);
		rest /= 10;
	}
	if (number < 0)
		digits[--at] = '-';
	return pstrdup(digits + at);
}

/* A timestamp as text, or NULL when PostgreSQL cannot hold it. */
static char *
timestamp_text(const SfdwLogicalType *logical, int64 number)
{
	Timestamp	value = number;

	if (logical->unit == SFDW_UNIT_NANOS)
		value = number / 1000;
	if ((logical->unit == SFDW_UNIT_MILLIS &&
		 pg_mul_s64_overflow(number, 1000, &value)) ||
		pg_sub_s64_overflow(value, EPOCH_USECS, &value) ||
		!IS_VALID_TIMESTAMP(value))
		return NULL;
	return DatumGetCString(DirectFunctionCall1(logical->is_adjusted_to_utc ?
											   timestamptz_out : timestamp_out,
											   TimestampGetDatum(value)));
}

/* A date as text, or NULL when PostgreSQL cannot hold it. */
static char *
date_text(int64 days)
{
	if (!IS_VALID_DATE(days - EPOCH_DAYS))
		return NULL;
	return DatumGetCString(DirectFunctionCall1(date_out,
											   DateADTGetDatum((DateADT) (days - EPOCH_DAYS))));
}

/* The scale of a decimal column; 0 when the file's is not credible. */
static int
scale_of(const SfdwSchemaElement *column)
{
	int			scale = column->logical.kind == SFDW_LOGICAL_DECIMAL ?
	column->logical.scale : column->scale;

	return scale >= 0 && scale <= MAX_DECIMAL_SCALE ? scale : 0;
}

/* An integer as its column's type writes it, or NULL when that cannot be. */
static char *
integer_text(const SfdwSchemaElement *column, int128 number)
{
	if (is_decimal(column))
		return decimal_text(number, scale_of(column));
	if (column->type == SFDW_PARQUET_INT32 &&
		(column->logical.kind == SFDW_LOGICAL_DATE ||
		 column->converted == SFDW_CONVERTED_DATE))
		return date_text((int64) number);
	if (column->type == SFDW_PARQUET_INT64 &&
		column->logical.kind == SFDW_LOGICAL_TIMESTAMP)
		return timestamp_text(&column->logical, (int64) number);
	return psprintf(INT64_FORMAT, (int64) number);
}

/* A number in floating point; false when the bytes are not one. */
static bool
float_of(const SfdwSchemaElement *column, SfdwBytes value, double *number)
{
	float		single;

	if (column->type == SFDW_PARQUET_DOUBLE && value.length == sizeof(double))
		memcpy(number, value.data, sizeof(double));
	else if (column->type == SFDW_PARQUET_FLOAT &&
			 value.length == sizeof(float))
	{
		memcpy(&single, value.data, sizeof(float));
		*number = single;
	}
	else
		return false;
	return true;
}

/* A number in floating point as PostgreSQL writes it. */
static char *
float_text(const SfdwSchemaElement *column, double number)
{
	if (column->type == SFDW_PARQUET_FLOAT)
		return DatumGetCString(DirectFunctionCall1(float4out,
												   Float4GetDatum((float) number)));
	return DatumGetCString(DirectFunctionCall1(float8out,
											   Float8GetDatum(number)));
}

/* Bytes in hexadecimal digits, as bytea is written. */
static char *
hex_text(SfdwBytes value)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "\\x");
	for (size_t i = 0; i < value.length; i++)
		appendStringInfo(&text, "%02x", (unsigned char) value.data[i]);
	return text.data;
}

/* Whether bytes are UTF-8 without a NUL. */
static bool
is_utf8(SfdwBytes value)
{
	return value.length <= INT_MAX &&
		pg_verify_mbstr(PG_UTF8, value.data, (int) value.length, true);
}

/* UTF-8 in the database's encoding, with a NUL behind it. */
static char *
server_text(SfdwBytes value)
{
	return pg_any_to_server(pnstrdup(value.data, value.length),
							(int) value.length, PG_UTF8);
}

/* A value as text. */
char *
sfdw_copy_stats_text(const SfdwSchemaElement *column, SfdwBytes value)
{
	char	   *text = NULL;
	int128		number;
	double		real;

	if (value.data == NULL)
		return NULL;
	if (column->type == SFDW_PARQUET_BOOLEAN && value.length == 1)
		text = pstrdup(value.data[0] ? "true" : "false");
	else if (integer_of(column, value, &number))
		text = integer_text(column, number);
	else if (float_of(column, value, &real))
		text = float_text(column, real);
	else if (column->type == SFDW_PARQUET_FIXED &&
			 column->logical.kind == SFDW_LOGICAL_UUID &&
			 value.length == UUID_LEN)
		text = DatumGetCString(DirectFunctionCall1(uuid_out,
												   PointerGetDatum(value.data)));
	else if (is_text(column) && is_utf8(value))
		text = server_text(value);
	return text != NULL ? text : hex_text(value);
}

/* Compare two values in the order of the column's type. */
bool
sfdw_copy_stats_compare(const SfdwSchemaElement *column, SfdwBytes left,
						SfdwBytes right, int *order)
{
	int128		left_number;
	int128		right_number;
	double		left_real;
	double		right_real;

	if (column->type == SFDW_PARQUET_INT96)
		return false;
	if (integer_of(column, left, &left_number) &&
		integer_of(column, right, &right_number))
		*order = (left_number > right_number) - (left_number < right_number);
	else if (float_of(column, left, &left_real) &&
			 float_of(column, right, &right_real))
		*order = (left_real > right_real) - (left_real < right_real);
	else if (column->type == SFDW_PARQUET_BYTE_ARRAY ||
			 column->type == SFDW_PARQUET_FIXED ||
			 column->type == SFDW_PARQUET_BOOLEAN)
	{
		*order = memcmp(left.data, right.data, Min(left.length, right.length));
		if (*order == 0)
			*order = (left.length > right.length) - (left.length < right.length);
	}
	else
		return false;
	return true;
}

/* Text of a footer in the database's encoding. */
char *
sfdw_copy_footer_text(SfdwBytes text, const char *what, const char *url)
{
	if (text.data == NULL)
		return NULL;
	if (!is_utf8(text))
		ereport(ERROR,
				errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
				errmsg("could not read Parquet file \"%s\": %s is not valid UTF-8",
					   url, what));
	return server_text(text);
}
