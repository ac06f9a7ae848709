/*-------------------------------------------------------------------------
 * types.c
 *		Which Parquet column a PostgreSQL column becomes, and its values
 *
 * One row of the table below is one type.  Numeric and the timestamps depend on
 * more than the type: their rows are finished by a function.
 *-------------------------------------------------------------------------
 */
#include "parquet/types.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "parquet/decimal.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* Between PostgreSQL's day 0 (2000-01-01) and Parquet's (1970-01-01). */
#define EPOCH_DAYS (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_MICROSECONDS (EPOCH_DAYS * USECS_PER_DAY)
#define MICROSECONDS_PER_MILLISECOND 1000

typedef struct TypeMap
{
	Oid			oid;
	SfdwParquetType type;
	int32		type_length;
	int32		converted;
	SfdwLogicalKind logical;
	SfdwValueOrder order;
	SfdwPutValue put;
	void		(*complete) (SfdwParquetColumn *column, int32 typmod,
							 const SfdwParquetOptions *options);
} TypeMap;

/* Put a boolean. */
static bool
put_bool(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	uint8		byte = DatumGetBool(value) ? 1 : 0;

	return sfdw_chunk_put(&column->chunk, &byte, sizeof(byte), status);
}

/* Put a smallint: Parquet's smallest integer has 32 bits. */
static bool
put_int2(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	int32		number = DatumGetInt16(value);

	return sfdw_chunk_put(&column->chunk, &number, sizeof(number), status);
}

/* Put an integer. */
static bool
put_int4(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	int32		number = DatumGetInt32(value);

	return sfdw_chunk_put(&column->chunk, &number, sizeof(number), status);
}

/* Put a bigint. */
static bool
put_int8(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	int64		number = DatumGetInt64(value);

	return sfdw_chunk_put(&column->chunk, &number, sizeof(number), status);
}

/* Put a real. */
static bool
put_float4(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	float4		number = DatumGetFloat4(value);

	return sfdw_chunk_put(&column->chunk, &number, sizeof(number), status);
}

/* Put a double precision. */
static bool
put_float8(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	float8		number = DatumGetFloat8(value);

	return sfdw_chunk_put(&column->chunk, &number, sizeof(number), status);
}

/* Put the bytes of a varlena: text, varchar, char(n) with its blanks, bytea. */
static bool
put_varlena(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	SfdwBytes	bytes = {VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed)};

	return sfdw_chunk_put_bytes(&column->chunk, bytes, status);
}

/* Put a jsonb as the text that its output function would give. */
static bool
put_jsonb(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	Jsonb	   *jsonb = DatumGetJsonbP(value);
	SfdwBytes	bytes;

	resetStringInfo(&column->text);
	JsonbToCString(&column->text, &jsonb->root, VARSIZE(jsonb));
	bytes.data = column->text.data;
	bytes.length = (size_t) column->text.len;
	return sfdw_chunk_put_bytes(&column->chunk, bytes, status);
}

/* Put a uuid. */
static bool
put_uuid(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	return sfdw_chunk_put(&column->chunk, DatumGetUUIDP(value)->data, UUID_LEN,
						  status);
}

/* Put a date. */
static bool
put_date(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	DateADT		date = DatumGetDateADT(value);
	int32		days;

	if (DATE_NOT_FINITE(date))
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "an infinite date has no place in a Parquet file");
	days = date + EPOCH_DAYS;
	return sfdw_chunk_put(&column->chunk, &days, sizeof(days), status);
}

/* Put a number of microseconds since Parquet's epoch. */
static bool
put_time(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	int64		time;

	if (TIMESTAMP_NOT_FINITE(timestamp))
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "an infinite timestamp has no place in a Parquet file");
	if (__builtin_add_overflow(timestamp, (int64) EPOCH_MICROSECONDS, &time))
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "the timestamp is beyond what microseconds can count");
	return sfdw_chunk_put(&column->chunk, &time, sizeof(time), status);
}

/* Put a timestamp in milliseconds, if it has no more than those. */
static bool
put_time_millis(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	int64		time;

	if (TIMESTAMP_NOT_FINITE(timestamp))
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "an infinite timestamp has no place in a Parquet file");
	if (timestamp % MICROSECONDS_PER_MILLISECOND != 0)
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "the timestamp has microseconds, and option \"timestamps\" is \"millis\"");
	time = timestamp / MICROSECONDS_PER_MILLISECOND +
		EPOCH_MICROSECONDS / MICROSECONDS_PER_MILLISECOND;
	return sfdw_chunk_put(&column->chunk, &time, sizeof(time), status);
}

/* Put a numeric as its digits without the point. */
static bool
put_numeric(SfdwParquetColumn *column, Datum value, SfdwStatus *status)
{
	char		bytes[SFDW_DECIMAL_MAX_BYTES];
	SfdwDecimalType type = {column->element.precision, column->element.scale,
	column->layout.type, column->element.type_length};
	size_t		length;

	return sfdw_decimal_encode(value, &type, bytes, &length, status) &&
		sfdw_chunk_put(&column->chunk, bytes, length, status);
}

/* Choose the unit of a timestamp; timestamptz is a moment, timestamp is not. */
static void
complete_timestamp(SfdwParquetColumn *column, bool is_moment,
				   const SfdwParquetOptions *options)
{
	bool		millis = options->timestamps == SFDW_UNIT_MILLIS;

	column->element.logical.is_adjusted_to_utc = is_moment;
	column->element.logical.unit = options->timestamps;
	column->element.converted = millis ?
		SFDW_CONVERTED_TIMESTAMP_MILLIS : SFDW_CONVERTED_TIMESTAMP_MICROS;
	if (millis)
		column->put = put_time_millis;
}

/* Complete a timestamp without time zone. */
static void
complete_local_time(SfdwParquetColumn *column, int32 typmod,
					const SfdwParquetOptions *options)
{
	complete_timestamp(column, false, options);
}

/* Complete a timestamp with time zone. */
static void
complete_moment(SfdwParquetColumn *column, int32 typmod,
				const SfdwParquetOptions *options)
{
	complete_timestamp(column, true, options);
}

/* Complete a smallint: say that it is one. */
static void
complete_int2(SfdwParquetColumn *column, int32 typmod,
			  const SfdwParquetOptions *options)
{
	column->element.logical.bit_width = 16;
	column->element.logical.is_signed = true;
}

/* Choose the physical type of a numeric by its precision. */
static void
complete_numeric(SfdwParquetColumn *column, int32 typmod,
				 const SfdwParquetOptions *options)
{
	SfdwDecimalType type;

	if (!sfdw_decimal_type(typmod, &type))
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("cannot write column \"%s\" to Parquet", column->name),
				errdetail("Its type numeric does not declare a precision of at most %d and a scale from 0 to that.",
						  SFDW_DECIMAL_MAX_PRECISION),
				errhint("Cast it, for instance to numeric(38, 9), double precision or text."));
	column->element.type = type.physical;
	column->element.type_length = type.length;
	column->element.scale = type.scale;
	column->element.precision = type.precision;
	column->element.logical.scale = type.scale;
	column->element.logical.precision = type.precision;
	column->layout.type = type.physical;
	column->layout.order = type.physical == SFDW_PARQUET_INT32 ?
		SFDW_ORDER_INT32 : type.physical == SFDW_PARQUET_INT64 ?
		SFDW_ORDER_INT64 : SFDW_ORDER_DECIMAL;
}

#define NO_LENGTH SFDW_PARQUET_ABSENT
#define NO_CONVERTED SFDW_PARQUET_ABSENT

static const TypeMap type_map[] = {
	{BOOLOID, SFDW_PARQUET_BOOLEAN, NO_LENGTH, NO_CONVERTED,
	SFDW_LOGICAL_NONE, SFDW_ORDER_BOOLEAN, put_bool, NULL},
	{INT2OID, SFDW_PARQUET_INT32, NO_LENGTH, SFDW_CONVERTED_INT_16,
	SFDW_LOGICAL_INTEGER, SFDW_ORDER_INT32, put_int2, complete_int2},
	{INT4OID, SFDW_PARQUET_INT32, NO_LENGTH, NO_CONVERTED,
	SFDW_LOGICAL_NONE, SFDW_ORDER_INT32, put_int4, NULL},
	{INT8OID, SFDW_PARQUET_INT64, NO_LENGTH, NO_CONVERTED,
	SFDW_LOGICAL_NONE, SFDW_ORDER_INT64, put_int8, NULL},
	{FLOAT4OID, SFDW_PARQUET_FLOAT, NO_LENGTH, NO_CONVERTED,
	SFDW_LOGICAL_NONE, SFDW_ORDER_FLOAT, put_float4, NULL},
	{FLOAT8OID, SFDW_PARQUET_DOUBLE, NO_LENGTH, NO_CONVERTED,
	SFDW_LOGICAL_NONE, SFDW_ORDER_DOUBLE, put_float8, NULL},
	{NUMERICOID, SFDW_PARQUET_FIXED, NO_LENGTH, SFDW_CONVERTED_DECIMAL,
	SFDW_LOGICAL_DECIMAL, SFDW_ORDER_DECIMAL, put_numeric, complete_numeric},
	{TEXTOID, SFDW_PARQUET_BYTE_ARRAY, NO_LENGTH, SFDW_CONVERTED_UTF8,
	SFDW_LOGICAL_STRING, SFDW_ORDER_TEXT, put_varlena, NULL},
	{VARCHAROID, SFDW_PARQUET_BYTE_ARRAY, NO_LENGTH, SFDW_CONVERTED_UTF8,
	SFDW_LOGICAL_STRING, SFDW_ORDER_TEXT, put_varlena, NULL},
	{BPCHAROID, SFDW_PARQUET_BYTE_ARRAY, NO_LENGTH, SFDW_CONVERTED_UTF8,
	SFDW_LOGICAL_STRING, SFDW_ORDER_TEXT, put_varlena, NULL},
	{BYTEAOID, SFDW_PARQUET_BYTE_ARRAY, NO_LENGTH, NO_CONVERTED,
	SFDW_LOGICAL_NONE, SFDW_ORDER_BYTES, put_varlena, NULL},
	{JSONOID, SFDW_PARQUET_BYTE_ARRAY, NO_LENGTH, SFDW_CONVERTED_JSON,
	SFDW_LOGICAL_JSON, SFDW_ORDER_TEXT, put_varlena, NULL},
	{JSONBOID, SFDW_PARQUET_BYTE_ARRAY, NO_LENGTH, SFDW_CONVERTED_JSON,
	SFDW_LOGICAL_JSON, SFDW_ORDER_TEXT, put_jsonb, NULL},
	{DATEOID, SFDW_PARQUET_INT32, NO_LENGTH, SFDW_CONVERTED_DATE,
	SFDW_LOGICAL_DATE, SFDW_ORDER_INT32, put_date, NULL},
	{TIMESTAMPOID, SFDW_PARQUET_INT64, NO_LENGTH, NO_CONVERTED,
	SFDW_LOGICAL_TIMESTAMP, SFDW_ORDER_INT64, put_time, complete_local_time},
	{TIMESTAMPTZOID, SFDW_PARQUET_INT64, NO_LENGTH, NO_CONVERTED,
	SFDW_LOGICAL_TIMESTAMP, SFDW_ORDER_INT64, put_time, complete_moment},
	{UUIDOID, SFDW_PARQUET_FIXED, UUID_LEN, NO_CONVERTED,
	SFDW_LOGICAL_UUID, SFDW_ORDER_BYTES, put_uuid, NULL},
};

/* The row of a type; an error that names the column when there is none. */
static const TypeMap *
find_type(const char *name, Oid type)
{
	size_t		i;

	for (i = 0; i < lengthof(type_map); i++)
		if (type_map[i].oid == type)
			return &type_map[i];
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("cannot write column \"%s\" to Parquet", name),
			errdetail("The type %s has no counterpart in Parquet here.",
					  format_type_be(type)),
			errhint("Cast it to a type that has one, for instance to text."));
	return NULL;				/* not reached */
}

/* Refuse text in a database whose text is not UTF-8, as Parquet's must be. */
static void
require_utf8(const char *name, SfdwValueOrder order)
{
	if (order != SFDW_ORDER_TEXT || GetDatabaseEncoding() == PG_UTF8)
		return;
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("cannot write column \"%s\" to Parquet", name),
			errdetail("Text in Parquet is UTF-8, and the encoding of this database is %s.",
					  GetDatabaseEncodingName()));
}

/* Describe a column. */
void
sfdw_parquet_column_init(SfdwParquetColumn *column,
						 Form_pg_attribute attribute,
						 const SfdwParquetOptions *options)
{
	int32		typmod = attribute->atttypmod;
	Oid			type = getBaseTypeAndTypmod(attribute->atttypid, &typmod);
	const TypeMap *map = find_type(NameStr(attribute->attname), type);
	SfdwSchemaElement *element = &column->element;

	require_utf8(NameStr(attribute->attname), map->order);
	memset(column, 0, sizeof(*column));
	column->name = pstrdup(NameStr(attribute->attname));
	column->index = attribute->attnum - 1;
	column->put = map->put;
	initStringInfo(&column->text);
	column->layout.type = map->type;
	column->layout.order = map->order;
	column->layout.use_dictionary = map->type != SFDW_PARQUET_BOOLEAN;
	column->layout.null_counts = options->statistics;
	column->layout.bounds = options->statistics &&
		!sfdw_parquet_hides_bounds(options, NameStr(attribute->attname));
	element->name.data = column->name;
	element->name.length = strlen(column->name);
	element->type = map->type;
	element->type_length = map->type_length;
	element->repetition = SFDW_PARQUET_OPTIONAL;
	element->converted = map->converted;
	element->scale = SFDW_PARQUET_ABSENT;
	element->precision = SFDW_PARQUET_ABSENT;
	element->field_id = SFDW_PARQUET_ABSENT;
	element->logical.kind = map->logical;
	if (map->complete != NULL)
		map->complete(column, typmod, options);
}
