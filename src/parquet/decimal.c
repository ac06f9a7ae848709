/*-------------------------------------------------------------------------
 * decimal.c
 *		PostgreSQL's numeric as Parquet's DECIMAL
 *
 * The digits come from numeric's binary send format, which is documented and
 * stable, where the Datum's own layout is private to PostgreSQL: groups of four
 * decimal digits, the highest first, the weight saying which power of 10,000
 * the first has.
 *-------------------------------------------------------------------------
 */
#include "parquet/decimal.h"

#include "fmgr.h"
#include "port/pg_bswap.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

/* Digits that fit the smaller physical types. */
#define INT32_MAX_PRECISION 9
#define INT64_MAX_PRECISION 18

/* The signs of the send format; all others are NaN and the infinities. */
#define SEND_POSITIVE 0x0000
#define SEND_NEGATIVE 0x4000

/* A group has four digits. */
#define GROUP_DIGITS 4
#define GROUP_BASE 10000

typedef unsigned __int128 Magnitude;

/* A numeric in pieces. */
typedef struct Digits
{
	int			count;			/* groups, without zeros at the end */
	int			weight;
	uint16		sign;
	const char *groups;			/* two bytes each, highest first */
} Digits;

/* Bytes of two's complement that every number of so many digits fits. */
static int32
fixed_length(int precision)
{
	Magnitude	limit = 1;
	int32		length = 1;

	while (precision-- > 0)
		limit *= 10;
	while (((Magnitude) 1 << (8 * length - 1)) < limit)
		length++;
	return length;
}

/* The DECIMAL that a numeric of this typmod becomes. */
bool
sfdw_decimal_type(int32 typmod, SfdwDecimalType *type)
{
	int32		bits = typmod - VARHDRSZ;

	if (typmod < (int32) VARHDRSZ)
		return false;

	/* as in numeric.c, where the scale has 11 bits with a sign */
	type->precision = (bits >> 16) & 0xffff;
	type->scale = ((bits & 0x7ff) ^ 1024) - 1024;
	if (type->precision > SFDW_DECIMAL_MAX_PRECISION || type->scale < 0 ||
		type->scale > type->precision)
		return false;
	type->physical = type->precision <= INT32_MAX_PRECISION ?
		SFDW_PARQUET_INT32 : type->precision <= INT64_MAX_PRECISION ?
		SFDW_PARQUET_INT64 : SFDW_PARQUET_FIXED;
	type->length = type->physical == SFDW_PARQUET_FIXED ?
		fixed_length(type->precision) : SFDW_PARQUET_ABSENT;
	return true;
}

/* A two-byte number in network order. */
static uint16
read_uint16(const char *bytes)
{
	uint16		number;

	memcpy(&number, bytes, sizeof(number));
	return pg_ntoh16(number);
}

/* Take a numeric apart; the groups lie in palloc'd memory. */
static void
take_apart(Datum value, Digits *digits)
{
	bytea	   *sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send, value));
	const char *bytes = VARDATA_ANY(sent);

	digits->count = read_uint16(bytes);
	digits->weight = (int16) read_uint16(bytes + 2);
	digits->sign = read_uint16(bytes + 4);
	digits->groups = bytes + 8;
	while (digits->count > 0 &&
		   read_uint16(digits->groups + 2 * (digits->count - 1)) == 0)
		digits->count--;
}

/* Multiply by a power of ten and add; false beyond limit. */
static bool
shift_in(Magnitude *magnitude, int digits, unsigned add, Magnitude limit)
{
	Magnitude	factor = 1;

	while (digits-- > 0)
		factor *= 10;
	if (*magnitude >= limit / factor + 1)
		return false;
	*magnitude = *magnitude * factor + add;
	return *magnitude < limit;
}

/*
 * Put the groups together, the last one cut to the scale: what would be cut off
 * must be zero.  Then append the zeros that the scale asks for.
 */
static bool
assemble(const Digits *digits, int scale, Magnitude limit,
		 Magnitude *magnitude, bool *is_exact)
{
	int			zeros;
	int			i;

	*magnitude = 0;
	*is_exact = true;
	zeros = (digits->weight - (digits->count - 1)) * GROUP_DIGITS + scale;
	for (i = 0; i < digits->count; i++)
	{
		unsigned	group = read_uint16(digits->groups + 2 * i);
		int			places = GROUP_DIGITS;

		for (; i == digits->count - 1 && zeros < 0; zeros++)
		{
			if (places == 0 || group % 10 != 0)
				return (*is_exact = false);
			group /= 10;
			places--;
		}
		if (!shift_in(magnitude, places, group, limit))
			return false;
	}
	while (digits->count > 0 && zeros-- > 0)
		if (!shift_in(magnitude, 1, 0, limit))
			return false;
	return true;
}

/* Write two's complement: little-endian integers, or big-endian fixed bytes. */
static size_t
write_number(Magnitude number, const SfdwDecimalType *type, char *bytes)
{
	size_t		length = type->physical == SFDW_PARQUET_INT32 ? 4 :
		type->physical == SFDW_PARQUET_INT64 ? 8 : (size_t) type->length;
	size_t		i;

	for (i = 0; i < length; i++)
	{
		size_t		at = type->physical == SFDW_PARQUET_FIXED ? length - 1 - i : i;

		bytes[at] = (char) (number >> (8 * i));
	}
	return length;
}

/* The PLAIN bytes of a numeric. */
bool
sfdw_decimal_encode(Datum value, const SfdwDecimalType *type,
					char bytes[SFDW_DECIMAL_MAX_BYTES], size_t *length,
					SfdwStatus *status)
{
	Magnitude	limit = 1;
	Magnitude	magnitude;
	Digits		digits;
	bool		is_exact;
	int			i;

	take_apart(value, &digits);
	if (digits.sign != SEND_POSITIVE && digits.sign != SEND_NEGATIVE)
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "NaN and infinite numerics have no place in a Parquet file");
	for (i = 0; i < type->precision; i++)
		limit *= 10;
	if (!assemble(&digits, type->scale, limit, &magnitude, &is_exact))
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 is_exact ? "the numeric has more than %d digits" :
						 "the numeric does not fit a scale of %d",
						 is_exact ? type->precision : type->scale);
	*length = write_number(digits.sign == SEND_NEGATIVE ?
						   -magnitude : magnitude, type, bytes);
	return true;
}
