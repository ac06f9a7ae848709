/*-------------------------------------------------------------------------
 * bounds.c
 *		The smallest and the largest value of a column chunk
 *
 * Pure.  See bounds.h.
 *-------------------------------------------------------------------------
 */
#include "parquet/bounds.h"

#include <math.h>
#include <string.h>

/* The last code point, and those that UTF-8 does not encode. */
#define LAST_CODE_POINT 0x10ffff
#define FIRST_SURROGATE 0xd800
#define LAST_SURROGATE 0xdfff

/* Compare two numbers of one C type. */
#define COMPARE_AS(type, a, b) \
do { \
	type		left; \
	type		right; \
\
	memcpy(&left, (a).data, sizeof(type)); \
	memcpy(&right, (b).data, sizeof(type)); \
	return left < right ? -1 : left > right; \
} while (0)

/* Compare unsigned bytes; a shorter value comes before a longer one. */
static int
compare_bytes(SfdwBytes a, SfdwBytes b)
{
	size_t		common = a.length < b.length ? a.length : b.length;
	int			result = common ? memcmp(a.data, b.data, common) : 0;

	if (result != 0)
		return result;
	return a.length < b.length ? -1 : a.length > b.length;
}

/* Compare numbers whose first byte holds the sign. */
static int
compare_decimals(SfdwBytes a, SfdwBytes b)
{
	signed char left = (signed char) a.data[0];
	signed char right = (signed char) b.data[0];

	if (left != right)
		return left < right ? -1 : 1;
	return memcmp(a.data, b.data, a.length);
}

/* Compare two values in their type's order. */
int
sfdw_value_compare(SfdwValueOrder order, SfdwBytes a, SfdwBytes b)
{
	switch (order)
	{
		case SFDW_ORDER_INT32:
			COMPARE_AS(int32_t, a, b);
		case SFDW_ORDER_INT64:
			COMPARE_AS(int64_t, a, b);
		case SFDW_ORDER_FLOAT:
			COMPARE_AS(float, a, b);
		case SFDW_ORDER_DOUBLE:
			COMPARE_AS(double, a, b);
		case SFDW_ORDER_DECIMAL:
			return compare_decimals(a, b);
		case SFDW_ORDER_BOOLEAN:
		case SFDW_ORDER_BYTES:
		case SFDW_ORDER_TEXT:
			break;
	}
	return compare_bytes(a, b);
}

/* Whether the value has a place in its type's order. */
static bool
is_ordered(SfdwValueOrder order, SfdwBytes value)
{
	float		single;
	double		number;

	if (order == SFDW_ORDER_FLOAT)
	{
		memcpy(&single, value.data, sizeof(single));
		return !isnan(single);
	}
	if (order == SFDW_ORDER_DOUBLE)
	{
		memcpy(&number, value.data, sizeof(number));
		return !isnan(number);
	}
	return true;
}

/* Keep what is needed of a value. */
static void
keep(SfdwBound *bound, SfdwBytes value)
{
	bound->length = value.length < sizeof(bound->bytes) ?
		value.length : sizeof(bound->bytes);
	if (bound->length > 0)
		memcpy(bound->bytes, value.data, bound->length);
}

/* The bytes of a bound. */
static SfdwBytes
bytes_of(const SfdwBound *bound)
{
	SfdwBytes	bytes = {bound->bytes, bound->length};

	return bytes;
}

/*
 * Take values into account.  The first bytes of the smallest value are the
 * smallest first bytes, so it is enough to compare those.
 */
void
sfdw_bounds_add(SfdwBounds *bounds, SfdwValueOrder order, size_t prefix,
				const SfdwValues *values)
{
	size_t		start = values->start;
	size_t		i;

	for (i = 0; i < values->count; i++)
	{
		SfdwBytes	value = {values->data + start + prefix,
		values->ends[i] - start - prefix};

		start = values->ends[i];
		if (value.length > sizeof(bounds->min.bytes))
			value.length = sizeof(bounds->min.bytes);
		if (!is_ordered(order, value))
			continue;
		if (!bounds->any || sfdw_value_compare(order, value,
											   bytes_of(&bounds->min)) < 0)
			keep(&bounds->min, value);
		if (!bounds->any || sfdw_value_compare(order, value,
											   bytes_of(&bounds->max)) > 0)
			keep(&bounds->max, value);
		bounds->any = true;
	}
}

/* Whether a byte of UTF-8 continues a character. */
static bool
is_continuation(char byte)
{
	return ((unsigned char) byte & 0xc0) == 0x80;
}

/* Shorten to the bytes allowed; text never inside a character. */
static void
shorten(SfdwBound *bound, SfdwValueOrder order)
{
	size_t		length = SFDW_BOUND_MAX_BYTES;

	if (order == SFDW_ORDER_TEXT)
		while (length > 0 && is_continuation(bound->bytes[length]))
			length--;
	bound->length = length;
}

/* The code point of a character of valid UTF-8. */
static uint32_t
decode_character(const char *bytes, size_t length)
{
	static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t	code = (unsigned char) bytes[0] & mask[length];
	size_t		i;

	for (i = 1; i < length; i++)
		code = code << 6 | ((unsigned char) bytes[i] & 0x3f);
	return code;
}

/* Bytes that a code point takes. */
static size_t
encoded_length(uint32_t code)
{
	return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/* Write a code point as UTF-8. */
static void
encode_character(char *bytes, uint32_t code, size_t length)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t		i;

	for (i = length - 1; i > 0; i--)
	{
		bytes[i] = (char) (0x80 | (code & 0x3f));
		code >>= 6;
	}
	bytes[0] = (char) (lead[length] | code);
}

/*
 * Raise shortened text to the next one of at most its length: the last
 * character that has a successor gets it, and what follows is dropped.
 */
static bool
raise_text(SfdwBound *bound)
{
	while (bound->length > 0)
	{
		size_t		end = bound->length;
		size_t		start = end - 1;
		uint32_t	code;

		while (start > 0 && is_continuation(bound->bytes[start]))
			start--;
		bound->length = start;
		if (end - start > 4)
			return false;		/* not UTF-8: cannot happen */
		code = decode_character(bound->bytes + start, end - start) + 1;
		if (code == FIRST_SURROGATE)
			code = LAST_SURROGATE + 1;
		if (code <= LAST_CODE_POINT &&
			start + encoded_length(code) <= SFDW_BOUND_MAX_BYTES)
		{
			encode_character(bound->bytes + start, code, encoded_length(code));
			bound->length = start + encoded_length(code);
			return true;
		}
	}
	return false;
}

/* The same for bytes. */
static bool
raise_bytes(SfdwBound *bound)
{
	while (bound->length > 0)
	{
		unsigned char last = (unsigned char) bound->bytes[bound->length - 1];

		if (last < 0xff)
		{
			bound->bytes[bound->length - 1] = (char) (last + 1);
			return true;
		}
		bound->length--;
	}
	return false;
}

/*
 * Zero has two signs, and readers differ in whether they are equal: the lower
 * bound is the negative one, the upper bound the positive one.
 */
static void
sign_zeros(SfdwBounds *bounds, SfdwValueOrder order)
{
	static const char zero[8] = {0};
	size_t		size = order == SFDW_ORDER_FLOAT ? 4 : 8;
	SfdwBytes	bytes = {zero, size};

	if (sfdw_value_compare(order, bytes_of(&bounds->min), bytes) == 0)
	{
		memset(bounds->min.bytes, 0, size);
		bounds->min.bytes[size - 1] = (char) 0x80;
	}
	if (sfdw_value_compare(order, bytes_of(&bounds->max), bytes) == 0)
		memset(bounds->max.bytes, 0, size);
}

/* Put the bounds into a chunk's statistics. */
void
sfdw_bounds_finish(SfdwBounds *bounds, SfdwValueOrder order,
				   SfdwParquetStatistics *statistics)
{
	bool		has_max = true;

	if (!bounds->any)
		return;
	if (order == SFDW_ORDER_FLOAT || order == SFDW_ORDER_DOUBLE)
		sign_zeros(bounds, order);
	statistics->is_min_exact = bounds->min.length <= SFDW_BOUND_MAX_BYTES;
	statistics->is_max_exact = bounds->max.length <= SFDW_BOUND_MAX_BYTES;
	if (!statistics->is_min_exact)
		shorten(&bounds->min, order);
	if (!statistics->is_max_exact)
	{
		shorten(&bounds->max, order);
		has_max = order == SFDW_ORDER_TEXT ?
			raise_text(&bounds->max) : raise_bytes(&bounds->max);
	}
	statistics->min_value = bytes_of(&bounds->min);
	if (has_max)
		statistics->max_value = bytes_of(&bounds->max);
}
