/*-------------------------------------------------------------------------
 * infer.c
 *		Guess the type of a custom field from a sample of its values
 *
 * Pure.  See infer.h.
 *-------------------------------------------------------------------------
 */
#include "export/infer.h"

#include "export/decode.h"

/* What a value can be taken for, the narrowest first. */
enum
{
	CAN_BOOLEAN = 1 << 0,
	CAN_INT = 1 << 1,
	CAN_DOUBLE = 1 << 2,
	CAN_DATE = 1 << 3,
	CAN_DATETIME = 1 << 4,
	CAN_ALL = (1 << 5) - 1
};

/*
 * Whether a number is written as a number: a leading zero or a plus sign is
 * how identifiers and phone numbers look.
 */
static bool
is_plain_number(const char *text, size_t length)
{
	size_t		i = length > 0 && text[0] == '-' ? 1 : 0;

	if (i >= length || text[i] < '0' || text[i] > '9')
		return false;
	return text[i] != '0' || i + 1 == length || text[i + 1] == '.' ||
		text[i + 1] == 'e';
}

/* What a number can be taken for; *is_wide when int4 cannot hold it. */
static unsigned
judge_number(const char *text, size_t length, bool *is_wide)
{
	SfdwStatus	status = {0};
	int64_t		wide;
	double		real;

	if (!is_plain_number(text, length))
		return 0;
	if (sfdw_decode_int8(text, length, &wide, &status))
	{
		*is_wide |= wide < INT32_MIN || wide > INT32_MAX;
		return CAN_INT | CAN_DOUBLE;
	}
	/* Digits alone that bigint cannot hold are an identifier. */
	if (status.code == SFDW_OUT_OF_RANGE)
		return 0;
	status.code = SFDW_OK;
	return sfdw_decode_float8(text, length, &real, &status) ? CAN_DOUBLE : 0;
}

/* What a value can be taken for. */
static unsigned
judge(const char *text, size_t length, bool *is_wide)
{
	SfdwStatus	status = {0};
	bool		truth;
	int32_t		days;
	int64_t		micros;

	/* 1 and 0 are integers: other values would show only later. */
	if (length > 1 && sfdw_decode_bool(text, length, &truth, &status))
		return CAN_BOOLEAN;
	status.code = SFDW_OK;
	if (sfdw_decode_date(text, length, &days, &status))
		return CAN_DATE;
	status.code = SFDW_OK;
	if (sfdw_decode_timestamp(text, length, SFDW_ZONE_REQUIRED, &micros,
							  &status))
		return CAN_DATETIME;
	return judge_number(text, length, is_wide);
}

/* Start: everything is possible. */
void
sfdw_infer_init(SfdwInference *inference)
{
	inference->possible = CAN_ALL;
	inference->has_values = false;
	inference->is_wide = false;
}

/* Take a value into account. */
void
sfdw_infer_add(SfdwInference *inference, const char *text, size_t length)
{
	inference->has_values = true;
	if (inference->possible != 0)
		inference->possible &= judge(text, length, &inference->is_wide);
}

/* The narrowest type that is left. */
SfdwFieldType
sfdw_infer_verdict(const SfdwInference *inference)
{
	static const struct
	{
		unsigned	possible;
		SfdwFieldType type;
	}			verdicts[] = {
		{CAN_BOOLEAN, SFDW_FIELD_BOOLEAN},
		{CAN_INT, SFDW_FIELD_INT},
		{CAN_DOUBLE, SFDW_FIELD_DOUBLE},
		{CAN_DATE, SFDW_FIELD_DATE},
		{CAN_DATETIME, SFDW_FIELD_DATETIME},
	};
	size_t		i;

	if (inference->has_values)
		for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
			if (inference->possible & verdicts[i].possible)
				return verdicts[i].type;
	return SFDW_FIELD_STRING;
}

/* Its PostgreSQL type. */
const char *
sfdw_infer_sql(const SfdwInference *inference)
{
	SfdwFieldType type = sfdw_infer_verdict(inference);

	if (type == SFDW_FIELD_INT && inference->is_wide)
		return "bigint";
	return sfdw_field_type_sql(type);
}
