/*-------------------------------------------------------------------------
 * table_statistics.c
 *		What a catalog is told about the values of published columns
 *
 * Distinct values are counted by HyperLogLog over hashes of the stored bytes.
 * Knows types and Glue's names for figures; nothing of runs or requests.
 *-------------------------------------------------------------------------
 */
#include "dataset/table_statistics.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "core/names.h"
#include "dataset/json_owner.h"
#include "dataset/table_description.h"
#include "lib/hyperloglog.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* Bits of a hash that choose a register: 4 kB, an error of 1.6 %. */
#define REGISTER_BITS 12

/* From 1970, where the catalogs' clocks start, to 2000, where ours does. */
#define EPOCH_DAYS	(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_SECONDS ((double) EPOCH_DAYS * SECS_PER_DAY)

/* What is known of a type. */
typedef enum Kind
{
	KIND_NONE,					/* Glue has no statistics for it */
	KIND_BOOLEAN,
	KIND_DATE,
	KIND_DECIMAL,
	KIND_DOUBLE,
	KIND_LONG,
	KIND_STRING,
	KIND_BINARY
} Kind;

/* Glue's name for a kind, and that of the member with its figures. */
static const struct
{
	const char *type;
	const char *member;
}			kinds[] = {
	[KIND_BOOLEAN] = {"BOOLEAN", "BooleanColumnStatisticsData"},
	[KIND_DATE] = {"DATE", "DateColumnStatisticsData"},
	[KIND_DECIMAL] = {"DECIMAL", "DecimalColumnStatisticsData"},
	[KIND_DOUBLE] = {"DOUBLE", "DoubleColumnStatisticsData"},
	[KIND_LONG] = {"LONG", "LongColumnStatisticsData"},
	[KIND_STRING] = {"STRING", "StringColumnStatisticsData"},
	[KIND_BINARY] = {"BINARY", "BinaryColumnStatisticsData"},
};

/* Timestamps are seconds to the catalogs. */
static const struct
{
	Oid			type;
	Kind		kind;
}			type_kinds[] = {
	{BOOLOID, KIND_BOOLEAN},
	{DATEOID, KIND_DATE},
	{NUMERICOID, KIND_DECIMAL},
	{FLOAT4OID, KIND_DOUBLE},
	{FLOAT8OID, KIND_DOUBLE},
	{INT2OID, KIND_LONG},
	{INT4OID, KIND_LONG},
	{INT8OID, KIND_LONG},
	{TIMESTAMPOID, KIND_LONG},
	{TIMESTAMPTZOID, KIND_LONG},
	{TEXTOID, KIND_STRING},
	{VARCHAROID, KIND_STRING},
	{BPCHAROID, KIND_STRING},
	{JSONOID, KIND_STRING},
	{JSONBOID, KIND_STRING},
	{BYTEAOID, KIND_BINARY},
	{UUIDOID, KIND_BINARY},
};

typedef struct Column
{
	Kind		kind;
	bool		is_bounded;		/* smallest and largest may be told */
	int64		nulls;
	int64		trues;			/* of a boolean */
	int64		values;
	uint64		bytes;			/* of all values of a text, or of bytes */
	uint64		longest;
	bool		has_bounds;
	int64		smallest;		/* of whole numbers, seconds and days */
	int64		largest;
	double		smallest_float;
	double		largest_float;
	hyperLogLogState distinct;
} Column;

struct SfdwTableStatistics
{
	TupleDesc	desc;
	MemoryContext row_context;	/* detoasted values of one row */
	Column	   *columns;
};

/* What statistics a column gets. */
static Kind
kind_of(Form_pg_attribute attribute)
{
	if (!attribute->attisdropped)
	{
		for (int i = 0; i < (int) lengthof(type_kinds); i++)
		{
			if (type_kinds[i].type == attribute->atttypid)
				return type_kinds[i].kind;
		}
	}
	return KIND_NONE;
}

/* Nothing has been seen yet. */
SfdwTableStatistics *
sfdw_statistics_begin(TupleDesc desc, List *unbounded)
{
	SfdwTableStatistics *statistics = palloc0(sizeof(SfdwTableStatistics));

	statistics->desc = CreateTupleDescCopy(desc);
	statistics->row_context = AllocSetContextCreate(CurrentMemoryContext,
													"salesforce_fdw column statistics",
													ALLOCSET_DEFAULT_SIZES);
	statistics->columns = palloc0(sizeof(Column) * desc->natts);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		Column	   *column = &statistics->columns[i];

		column->kind = kind_of(attribute);
		column->is_bounded = !sfdw_names_have(unbounded, NameStr(attribute->attname));
		if (column->kind != KIND_NONE)
			initHyperLogLog(&column->distinct, REGISTER_BITS);
	}
	return statistics;
}

/* Count a value by its bytes. */
static void
add_bytes(Column *column, const void *bytes, Size length)
{
	column->bytes += length;
	column->longest = Max(column->longest, length);
	addHyperLogLog(&column->distinct,
				   hash_bytes((const unsigned char *) bytes, (int) length));
}

/* Count a whole number, which bounds the others. */
static void
add_number(Column *column, int64 number)
{
	column->smallest = column->has_bounds ? Min(column->smallest, number) : number;
	column->largest = column->has_bounds ? Max(column->largest, number) : number;
	column->has_bounds = true;
}

/* The same for a number with a fraction; NaN bounds nothing. */
static void
add_float(Column *column, double number)
{
	if (isnan(number) || isinf(number))
		return;
	column->smallest_float = column->has_bounds ?
		Min(column->smallest_float, number) : number;
	column->largest_float = column->has_bounds ?
		Max(column->largest_float, number) : number;
	column->has_bounds = true;
}

/* Seconds since 1970 of a time; infinite ones bound nothing. */
static void
add_time(Column *column, Timestamp time)
{
	if (!TIMESTAMP_NOT_FINITE(time))
		add_number(column, (int64) (floor((double) time / USECS_PER_SEC) +
									EPOCH_SECONDS));
}

/* A value of a type that is passed by value, which is hashed as a number. */
static void
add_by_value(Column *column, Oid type, Datum value)
{
	int64		bits = type == BOOLOID ? DatumGetBool(value) :
		type == INT2OID ? DatumGetInt16(value) :
		type == INT4OID || type == DATEOID || type == FLOAT4OID ?
		DatumGetInt32(value) : DatumGetInt64(value);

	add_bytes(column, &bits, sizeof(bits));
	if (type == BOOLOID)
		column->trues += DatumGetBool(value);
	else if (type == FLOAT4OID)
		add_float(column, DatumGetFloat4(value));
	else if (type == FLOAT8OID)
		add_float(column, DatumGetFloat8(value));
	else if (type == TIMESTAMPOID || type == TIMESTAMPTZOID)
		add_time(column, DatumGetTimestamp(value));
	else if (type != DATEOID)
		add_number(column, bits);
	else if (!DATE_NOT_FINITE(DatumGetDateADT(value)))
		add_number(column, bits + EPOCH_DAYS);
}

/* A value that is not null. */
static void
add_value(Column *column, Form_pg_attribute attribute, Datum value)
{
	column->values++;
	if (attribute->attlen == -1)
	{
		struct varlena *flat = PG_DETOAST_DATUM_PACKED(value);

		add_bytes(column, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat));
	}
	else if (attribute->atttypid == UUIDOID)
		add_bytes(column, DatumGetPointer(value), attribute->attlen);
	else
		add_by_value(column, attribute->atttypid, value);
}

/* Look at one row. */
void
sfdw_statistics_add(SfdwTableStatistics *statistics, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(statistics->row_context);

	slot_getallattrs(slot);
	for (int i = 0; i < statistics->desc->natts; i++)
	{
		Column	   *column = &statistics->columns[i];

		if (column->kind == KIND_NONE)
			continue;
		if (slot->tts_isnull[i])
			column->nulls++;
		else
			add_value(column, TupleDescAttr(statistics->desc, i),
					  slot->tts_values[i]);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(statistics->row_context);
}

/* Set a member that is a whole number. */
static void
set_number(json_t *object, const char *key, int64 number)
{
	sfdw_json_require(json_object_set_new(object, key, json_integer(number)));
}

/* How many values differ: never more than there are, nor none of some. */
static int64
count_distinct(const Column *column)
{
	hyperLogLogState distinct = column->distinct;
	int64		estimate = (int64) rint(estimateHyperLogLog(&distinct));

	return column->values == 0 ? 0 : Max(1, Min(estimate, column->values));
}

/* The smallest and the largest value, where they may be told. */
static void
set_bounds(json_t *data, const Column *column)
{
	if (!column->is_bounded || !column->has_bounds)
		return;
	if (column->kind == KIND_DOUBLE)
	{
		sfdw_json_require(json_object_set_new(data, "MinimumValue",
											  json_real(column->smallest_float)));
		sfdw_json_require(json_object_set_new(data, "MaximumValue",
											  json_real(column->largest_float)));
	}
	else
	{
		/* A date is a time to Glue: seconds. */
		int64		unit = column->kind == KIND_DATE ? SECS_PER_DAY : 1;

		set_number(data, "MinimumValue", column->smallest * unit);
		set_number(data, "MaximumValue", column->largest * unit);
	}
}

/* The figures of one column. */
static json_t *
make_data(const Column *column)
{
	json_t	   *data = sfdw_json_object();

	set_number(data, "NumberOfNulls", column->nulls);
	if (column->kind == KIND_BOOLEAN)
	{
		set_number(data, "NumberOfTrues", column->trues);
		set_number(data, "NumberOfFalses", column->values - column->trues);
	}
	else if (column->kind != KIND_BINARY)
		set_number(data, "NumberOfDistinctValues", count_distinct(column));
	if (column->kind == KIND_STRING || column->kind == KIND_BINARY)
	{
		set_number(data, "MaximumLength", (int64) column->longest);
		sfdw_json_require(json_object_set_new(data, "AverageLength",
											  json_real(column->values == 0 ? 0 :
														(double) column->bytes / column->values)));
	}
	else if (column->kind != KIND_BOOLEAN && column->kind != KIND_DECIMAL)
		set_bounds(data, column);
	return data;
}

/* One member of Glue's list. */
static json_t *
make_column(const Column *column, Form_pg_attribute attribute)
{
	return sfdw_json_own(json_pack("{s:s, s:s, s:{s:s, s:O}}",
								   "ColumnName", NameStr(attribute->attname),
								   "ColumnType", sfdw_table_type_name(attribute),
								   "StatisticsData",
								   "Type", kinds[column->kind].type,
								   kinds[column->kind].member,
								   make_data(column)));
}

/* What was seen. */
char *
sfdw_statistics_text(const SfdwTableStatistics *statistics)
{
	json_t	   *list = sfdw_json_own(json_array());

	for (int i = 0; i < statistics->desc->natts; i++)
	{
		const Column *column = &statistics->columns[i];

		if (column->kind != KIND_NONE)
			sfdw_json_require(json_array_append(list,
												make_column(column, TupleDescAttr(statistics->desc, i))));
	}
	return sfdw_json_text(list, JSON_COMPACT);
}
