/*-------------------------------------------------------------------------
 * column.c
 *		A column of a foreign table, and how its values are made
 *
 * One table row a type.  PostgreSQL's input functions print the value that
 * they refuse, so they are used only behind a check that leaves them nothing
 * to refuse, or (jsonb) with their message replaced by ours.
 *-------------------------------------------------------------------------
 */
#include "fdw/column.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/value.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "core/errors.h"
#include "core/memory_pg.h"
#include "export/decode.h"
#include "export/dictionary.h"
#include "export/field_class.h"
#include "export/unescape.h"
#include "export/utf8.h"

/*
 * Pieces of a multi-select picklist; Salesforce allows 500 values.  Without a
 * limit a field of separators alone would take many times its size.
 */
#define MAX_CHOICES 10000

/* What a decoder gets: the column, and text that is not NULL. */
typedef struct SfdwInput
{
	const SfdwColumn *column;
	SfdwScratch *scratch;
	const char *text;
	size_t		length;
} SfdwInput;

typedef bool (*SfdwDecode) (const SfdwInput *input, Datum *value,
							SfdwStatus *status);

struct SfdwType
{
	Oid			oid;
	SfdwDecode	decode;
	bool		is_text;		/* decoded from unescaped, checked UTF-8 */
	int			bad_value;		/* SQLSTATE for SFDW_BAD_VALUE */
	int			out_of_range;	/* SQLSTATE for SFDW_OUT_OF_RANGE */
};

/* Make a text. */
static bool
decode_text(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	*value = PointerGetDatum(cstring_to_text_with_len(input->text,
													  (int) input->length));
	return true;
}

/* Make a varchar: beyond its length only spaces are cut off, as in SQL. */
static bool
decode_varchar(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	int32		typmod = input->column->typmod;
	int			kept = (int) input->length;

	if (typmod >= (int32) VARHDRSZ)
		kept = pg_mbcharcliplen(input->text, kept, typmod - VARHDRSZ);
	for (size_t i = kept; i < input->length; i++)
	{
		if (input->text[i] != ' ')
			return sfdw_fail(status, SFDW_OUT_OF_RANGE, i,
							 "more than %d characters",
							 (int) (typmod - VARHDRSZ));
	}
	*value = PointerGetDatum(cstring_to_text_with_len(input->text, kept));
	return true;
}

/* Make a boolean. */
static bool
decode_bool(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	bool		result;

	if (!sfdw_decode_bool(input->text, input->length, &result, status))
		return false;
	*value = BoolGetDatum(result);
	return true;
}

/* Make a smallint. */
static bool
decode_int2(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	int16_t		result;

	if (!sfdw_decode_int2(input->text, input->length, &result, status))
		return false;
	*value = Int16GetDatum(result);
	return true;
}

/* Make an integer. */
static bool
decode_int4(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	int32_t		result;

	if (!sfdw_decode_int4(input->text, input->length, &result, status))
		return false;
	*value = Int32GetDatum(result);
	return true;
}

/* Make a bigint. */
static bool
decode_int8(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	int64_t		result;

	if (!sfdw_decode_int8(input->text, input->length, &result, status))
		return false;
	*value = Int64GetDatum(result);
	return true;
}

/* Precision and scale of a numeric column. */
static SfdwNumericLimits
numeric_limits(int32 typmod)
{
	SfdwNumericLimits limits = {0, 0};

	if (typmod >= (int32) VARHDRSZ)
	{
		limits.precision = ((typmod - VARHDRSZ) >> 16) & 0xffff;
		/* the scale is an 11-bit number with a sign */
		limits.scale = (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
	}
	return limits;
}

/* Make a numeric. */
static bool
decode_numeric(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	SfdwBuffer *number = &input->scratch->number;
	SfdwNumericLimits limits = numeric_limits(input->column->typmod);

	if (!sfdw_decode_numeric(input->text, input->length, &limits, number,
							 status))
		return false;
	*value = DirectFunctionCall3(numeric_in, CStringGetDatum(number->data),
								 ObjectIdGetDatum(InvalidOid),
								 Int32GetDatum(input->column->typmod));
	return true;
}

/* Make a double precision. */
static bool
decode_float8(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	double		result;

	if (!sfdw_decode_float8(input->text, input->length, &result, status))
		return false;
	*value = Float8GetDatum(result);
	return true;
}

/* Make a date. */
static bool
decode_date(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	int32_t		result;

	if (!sfdw_decode_date(input->text, input->length, &result, status))
		return false;
	*value = DateADTGetDatum(result);
	return true;
}

/* Make a time, rounded to the column's precision. */
static bool
decode_time(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	int64_t		micros;
	TimeADT		result;

	if (!sfdw_decode_time(input->text, input->length, &micros, status))
		return false;
	result = micros;
	AdjustTimeForTypmod(&result, input->column->typmod);
	*value = TimeADTGetDatum(result);
	return true;
}

/* Make a timestamp with or without time zone, as zone_rule says. */
static bool
decode_instant(const SfdwInput *input, SfdwZoneRule zone_rule, Datum *value,
			   SfdwStatus *status)
{
	int64_t		micros;
	Timestamp	result;

	if (!sfdw_decode_timestamp(input->text, input->length, zone_rule, &micros,
							   status))
		return false;
	result = micros;
	sfdw_adjust_timestamp(&result, input->column->typmod);
	*value = TimestampGetDatum(result);
	return true;
}

/* Make a timestamp, in UTC. */
static bool
decode_timestamp(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	return decode_instant(input, SFDW_ZONE_UTC, value, status);
}

/* Make a timestamp with time zone; the text must say its zone. */
static bool
decode_timestamptz(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	return decode_instant(input, SFDW_ZONE_REQUIRED, value, status);
}

/* Make a text array of a multi-select picklist. */
static bool
decode_choices(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	ArrayBuildState *state = initArrayResult(TEXTOID, CurrentMemoryContext,
											 false);
	size_t		position = 0;
	int			count = 0;
	const char *piece;
	size_t		length;

	while (sfdw_decode_next_choice(input->text, input->length, &position,
								   &piece, &length))
	{
		if (++count > MAX_CHOICES)
			return sfdw_fail(status, SFDW_TOO_LARGE, position,
							 "more than %d values in a picklist", MAX_CHOICES);
		state = accumArrayResult(state,
								 PointerGetDatum(cstring_to_text_with_len(piece, (int) length)),
								 false, TEXTOID, CurrentMemoryContext);
	}
	*value = makeArrayResult(state, CurrentMemoryContext);
	return true;
}

/*
 * Make a jsonb.  jsonb_in has messages that quote the text, so a data
 * exception of it becomes a status; anything else (a cancel, no memory) goes
 * on up.  It holds no lock, buffer or file when it raises, which makes it safe
 * to catch the error without a subtransaction.
 */
static bool
decode_jsonb(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *text = pnstrdup(input->text, input->length);
	volatile bool is_valid = true;

	PG_TRY();
	{
		*value = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
	}
	PG_CATCH();
	{
		int			category = ERRCODE_TO_CATEGORY(geterrcode());

		if (category != ERRCODE_DATA_EXCEPTION &&
			category != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		is_valid = false;
	}
	PG_END_TRY();
	if (!is_valid)
		return sfdw_fail(status, SFDW_BAD_VALUE, 0, "not valid as jsonb");
	return true;
}

/* Make a uuid. */
static bool
decode_uuid(const SfdwInput *input, Datum *value, SfdwStatus *status)
{
	pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));

	if (!sfdw_decode_uuid(input->text, input->length, uuid->data, status))
		return false;
	*value = UUIDPGetDatum(uuid);
	return true;
}

static const SfdwType types[] = {
	/* oid, decode, is_text, bad value, out of range */
	{TEXTOID, decode_text, true,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_STRING_DATA_RIGHT_TRUNCATION},
	{VARCHAROID, decode_varchar, true,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_STRING_DATA_RIGHT_TRUNCATION},
	{BOOLOID, decode_bool, false,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{INT2OID, decode_int2, false,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{INT4OID, decode_int4, false,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{INT8OID, decode_int8, false,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{NUMERICOID, decode_numeric, false,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{FLOAT8OID, decode_float8, false,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{DATEOID, decode_date, false,
	ERRCODE_INVALID_DATETIME_FORMAT, ERRCODE_DATETIME_FIELD_OVERFLOW},
	{TIMEOID, decode_time, false,
	ERRCODE_INVALID_DATETIME_FORMAT, ERRCODE_DATETIME_FIELD_OVERFLOW},
	{TIMESTAMPOID, decode_timestamp, false,
	ERRCODE_INVALID_DATETIME_FORMAT, ERRCODE_DATETIME_FIELD_OVERFLOW},
	{TIMESTAMPTZOID, decode_timestamptz, false,
	ERRCODE_INVALID_DATETIME_FORMAT, ERRCODE_DATETIME_FIELD_OVERFLOW},
	{TEXTARRAYOID, decode_choices, true,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{JSONBOID, decode_jsonb, true,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{UUIDOID, decode_uuid, false,
	ERRCODE_INVALID_TEXT_REPRESENTATION, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
};

/* What a column with a source must be declared as. */
static const Oid source_types[] = {
	[SFDW_FROM_FILE] = TEXTOID,
	[SFDW_FROM_VERSION] = TEXTOID,
	[SFDW_FROM_LAST_MODIFIED] = TIMESTAMPTZOID,
	[SFDW_FROM_RECORD] = INT8OID,
};

/* Raise the error for a column's type. */
static void
reject_type(Oid relid, const SfdwColumn *column, Oid type, Oid wanted)
{
	ereport(ERROR,
			errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
			errmsg("column \"%s\" of foreign table \"%s\" cannot have type %s",
				   column->name, get_rel_name(relid), format_type_be(type)),
			OidIsValid(wanted) ?
			errdetail("A column with this option \"source\" has type %s.",
					  format_type_be(wanted)) :
			errdetail("A field is read as one of the built-in types text, varchar, boolean, smallint, integer, bigint, numeric, double precision, date, time, timestamp, timestamptz, text[], jsonb and uuid."));
}

/* The row for a column's type; an error when there is none. */
static const SfdwType *
find_type(Oid relid, const SfdwColumn *column, Oid type)
{
	Oid			wanted = InvalidOid;

	if (column->source != SFDW_FROM_FIELD)
	{
		wanted = source_types[column->source];
		if (type != wanted)
			reject_type(relid, column, type, wanted);
	}
	for (size_t i = 0; i < lengthof(types); i++)
	{
		if (types[i].oid == type)
			return &types[i];
	}
	reject_type(relid, column, type, InvalidOid);
	return NULL;
}

/* Whether a field holds ids, for which the option null_ids counts. */
static bool
holds_ids(const SfdwDictionaryField *entry, const char *class_name)
{
	SfdwClass	field_class;

	if (entry != NULL)
		return entry->type == SFDW_FIELD_ID ||
			entry->type == SFDW_FIELD_REFERENCE;
	return class_name != NULL && sfdw_class_parse(class_name, &field_class) &&
		(field_class == SFDW_CLASS_ID || field_class == SFDW_CLASS_REFERENCE ||
		 field_class == SFDW_CLASS_PERSON_REFERENCE);
}

/* The bit of a length among those of texts that stand for NULL. */
static inline uint64
null_length_bit(size_t length)
{
	return UINT64CONST(1) << Min(length, 63);
}

/* Note what stands for NULL: a list of String. */
static void
set_null_texts(SfdwColumn *column, List *texts)
{
	ListCell   *cell;

	column->null_texts = palloc(sizeof(SfdwNullText) * Max(list_length(texts), 1));
	foreach(cell, texts)
	{
		SfdwNullText *next = &column->null_texts[column->null_text_count++];

		next->text = strVal(lfirst(cell));
		next->length = strlen(next->text);
		column->null_lengths |= null_length_bit(next->length);
	}
}

/* Fill in one column of a foreign table. */
static void
plan_column(Oid relid, AttrNumber attnum, const SfdwFormat *format,
			SfdwColumn *column)
{
	char	   *object = sfdw_table_object(relid);
	const SfdwDictionaryField *entry = NULL;
	Oid			type;
	Oid			collation;

	get_atttypetypmodcoll(relid, attnum, &type, &column->typmod, &collation);
	column->attnum = attnum;
	column->name = get_attname(relid, attnum, false);
	column->field = sfdw_table_field(relid, attnum);
	column->source = sfdw_table_source(relid, attnum);
	column->type = find_type(relid, column, type);
	if (object != NULL)
		entry = sfdw_dictionary_find(object, column->field);
	column->is_escaped = sfdw_dialect_unescapes(&format->dialect,
												entry != NULL ? entry->type :
												SFDW_FIELD_STRING);
	/* An empty text is a value of text types alone. */
	column->quoted_empty_is_null = format->dialect.quoted_empty_is_null ||
		(type != TEXTOID && type != VARCHAROID);
	set_null_texts(column,
				   holds_ids(entry, sfdw_table_class(relid, attnum)) ?
				   list_concat_copy(format->null_strings, format->null_ids) :
				   format->null_strings);
}

/* Describe the columns that a scan needs. */
SfdwColumn *
sfdw_column_plan(Oid relid, List *attnums, const SfdwFormat *format)
{
	SfdwColumn *columns = palloc0(sizeof(SfdwColumn) *
								  Max(list_length(attnums), 1));

	for (int i = 0; i < list_length(attnums); i++)
		plan_column(relid, (AttrNumber) list_nth_int(attnums, i), format,
					&columns[i]);
	return columns;
}

/* Get the room for decoding ready. */
void
sfdw_column_init_scratch(SfdwScratch *scratch, size_t limit)
{
	scratch->memory = sfdw_memory_pg(CurrentMemoryContext);
	sfdw_buffer_init(&scratch->text, &scratch->memory, limit);
	sfdw_buffer_init(&scratch->number, &scratch->memory, limit);
}

/* Whether a field stands for NULL. */
static bool
is_null_field(const SfdwColumn *column, const SfdwCsvField *field)
{
	if (field->length == 0 &&
		(!field->is_quoted || column->quoted_empty_is_null))
		return true;
	if ((column->null_lengths & null_length_bit(field->length)) == 0)
		return false;
	for (int i = 0; i < column->null_text_count; i++)
	{
		const SfdwNullText *null = &column->null_texts[i];

		if (null->length == field->length &&
			memcmp(null->text, field->data, field->length) == 0)
			return true;
	}
	return false;
}

/* Unescape or check the text of a field. */
static bool
read_text(SfdwInput *input, SfdwStatus *status)
{
	if (!input->column->is_escaped)
		return sfdw_utf8_check(input->text, input->length, status);
	return sfdw_unescape(input->text, input->length, &input->scratch->text,
						 &input->text, &input->length, status);
}

/* Make the value of a field. */
bool
sfdw_column_decode(const SfdwColumn *column, SfdwScratch *scratch,
				   const SfdwCsvField *field, Datum *value, bool *is_null,
				   SfdwStatus *status)
{
	SfdwInput	input = {column, scratch, field->data, field->length};

	*is_null = is_null_field(column, field);
	if (*is_null)
		return true;
	if (column->type->is_text && !field->is_plain &&
		!read_text(&input, status))
		return false;
	if (column->type->decode(&input, value, status))
		return true;
	if (input.text != field->data)
		status->offset = 0;		/* it counts in the text without escapes */
	return false;
}

/* The SQLSTATE of a failure. */
int
sfdw_column_errcode(const SfdwColumn *column, SfdwCode code)
{
	if (code == SFDW_BAD_VALUE)
		return column->type->bad_value;
	if (code == SFDW_OUT_OF_RANGE)
		return column->type->out_of_range;
	return sfdw_errcode_of(code);
}
