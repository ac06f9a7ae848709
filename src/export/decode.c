/*-------------------------------------------------------------------------
 * decode.c
 *		Turn the text of a field into a boolean, a number, a uuid or choices
 *
 * Pure.  See decode.h; dates and times are in decode_time.c.
 *-------------------------------------------------------------------------
 */
#include "export/decode.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* PostgreSQL's numeric: digits before the point and behind it. */
#define NUMERIC_MAX_MAGNITUDE 131072
#define NUMERIC_MAX_SCALE 16383

/* An exponent beyond this is out of range whatever the digits are. */
#define MAX_EXPONENT 1000000

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A decimal number, cut into its parts. */
typedef struct Number
{
	const char *whole;			/* digits before the point */
	int			whole_length;
	const char *fraction;		/* digits behind it */
	int			fraction_length;
	int			exponent;
} Number;

/* Whether a byte is a decimal digit, whatever the locale. */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Look the text up among the spellings. */
bool
sfdw_decode_bool(const char *text, size_t length, bool *value,
				 SfdwStatus *status)
{
	static const struct
	{
		const char *text;
		bool		value;
	}			spellings[] = {
		{"True", true}, {"False", false},
		{"true", true}, {"false", false},
		{"TRUE", true}, {"FALSE", false},
		{"1", true}, {"0", false},
	};
	size_t		i;

	for (i = 0; i < LENGTH_OF(spellings); i++)
		if (strlen(spellings[i].text) == length &&
			memcmp(spellings[i].text, text, length) == 0)
		{
			*value = spellings[i].value;
			return true;
		}
	return sfdw_fail(status, SFDW_BAD_VALUE, 0,
					 "not a boolean (True, False, true, false, TRUE, FALSE, 1 or 0)");
}

/*
 * Decode an integer between min and max.  It is built as a negative number,
 * because there is one more of those.
 */
static bool
decode_integer(const char *text, size_t length, int64_t min, int64_t max,
			   int64_t *value, SfdwStatus *status)
{
	bool		is_negative = length > 0 && text[0] == '-';
	size_t		i = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
	int64_t		result = 0;
	bool		is_beyond = false;

	if (i == length)
		return sfdw_fail(status, SFDW_BAD_VALUE, i, "not an integer");
	for (; i < length; i++)
	{
		if (!is_digit(text[i]))
			return sfdw_fail(status, SFDW_BAD_VALUE, i, "not an integer");
		is_beyond |= __builtin_mul_overflow(result, 10, &result) ||
			__builtin_sub_overflow(result, text[i] - '0', &result);
	}
	if (!is_beyond && !is_negative)
		is_beyond = __builtin_sub_overflow((int64_t) 0, result, &result);
	if (is_beyond || result < min || result > max)
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "integer beyond the range of its type");
	*value = result;
	return true;
}

/* Decode a smallint. */
bool
sfdw_decode_int2(const char *text, size_t length, int16_t *value,
				 SfdwStatus *status)
{
	int64_t		wide;

	if (!decode_integer(text, length, INT16_MIN, INT16_MAX, &wide, status))
		return false;
	*value = (int16_t) wide;
	return true;
}

/* Decode an integer. */
bool
sfdw_decode_int4(const char *text, size_t length, int32_t *value,
				 SfdwStatus *status)
{
	int64_t		wide;

	if (!decode_integer(text, length, INT32_MIN, INT32_MAX, &wide, status))
		return false;
	*value = (int32_t) wide;
	return true;
}

/* Decode a bigint. */
bool
sfdw_decode_int8(const char *text, size_t length, int64_t *value,
				 SfdwStatus *status)
{
	return decode_integer(text, length, INT64_MIN, INT64_MAX, value, status);
}

/* The digits from *position on; moves behind them. */
static const char *
take_digits(const char *text, size_t length, size_t *position, int *count)
{
	const char *digits = text + *position;
	size_t		start = *position;

	while (*position < length && is_digit(text[*position]))
		(*position)++;
	*count = (int) (*position - start);
	return digits;
}

/* Read the exponent behind its letter; a huge one is as good as too large. */
static bool
parse_exponent(const char *text, size_t length, size_t *position,
			   Number *number)
{
	bool		is_negative = false;
	const char *digits;
	int			count;
	int			i;

	if (*position < length && (text[*position] == '-' || text[*position] == '+'))
		is_negative = text[(*position)++] == '-';
	digits = take_digits(text, length, position, &count);
	for (i = 0; i < count; i++)
		if (number->exponent < MAX_EXPONENT)
			number->exponent = number->exponent * 10 + (digits[i] - '0');
	if (is_negative)
		number->exponent = -number->exponent;
	return count > 0;
}

/* Cut a decimal number into its parts, by the syntax that numeric_in has. */
static bool
parse_number(const char *text, size_t length, Number *number,
			 SfdwStatus *status)
{
	size_t		i = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;

	memset(number, 0, sizeof(*number));
	if (length > SFDW_DECODE_MAX_NUMBER)
		return sfdw_fail(status, SFDW_TOO_LARGE, SFDW_DECODE_MAX_NUMBER,
						 "number of more than %d characters",
						 SFDW_DECODE_MAX_NUMBER);
	number->whole = take_digits(text, length, &i, &number->whole_length);
	if (i < length && text[i] == '.')
	{
		i++;
		number->fraction = take_digits(text, length, &i,
									   &number->fraction_length);
	}
	if (number->whole_length + number->fraction_length == 0)
		return sfdw_fail(status, SFDW_BAD_VALUE, i, "not a number");
	if (i < length && (text[i] == 'e' || text[i] == 'E'))
	{
		i++;
		if (!parse_exponent(text, length, &i, number))
			return sfdw_fail(status, SFDW_BAD_VALUE, i,
							 "exponent without digits");
	}
	if (i < length)
		return sfdw_fail(status, SFDW_BAD_VALUE, i, "not a number");
	return true;
}

/* A digit of the number, counted from the first, the point left out. */
static char
digit_at(const Number *number, int i)
{
	if (i < number->whole_length)
		return number->whole[i];
	return number->fraction[i - number->whole_length];
}

/*
 * Whether rounding behind the first kept digits, counted from first, carries
 * over the front: all of them are 9 (or there are none) and the next is 5 or
 * more.
 */
static bool
carries_over(const Number *number, int first, int kept)
{
	int			count = number->whole_length + number->fraction_length;
	int			i;

	if (kept < 0 || kept >= count - first)
		return false;
	for (i = 0; i < kept; i++)
		if (digit_at(number, first + i) != '9')
			return false;
	return digit_at(number, first + kept) >= '5';
}

/* Whether the number fits numeric, and what precision and scale state. */
static bool
check_limits(const Number *number, const SfdwNumericLimits *limits,
			 SfdwStatus *status)
{
	int			count = number->whole_length + number->fraction_length;
	int			first = 0;
	int			magnitude;

	while (first < count && digit_at(number, first) == '0')
		first++;
	/* The digits before the point; zero or less for a number below 0.1. */
	magnitude = number->whole_length + number->exponent - first;
	if (abs(number->exponent) >= MAX_EXPONENT ||
		magnitude > NUMERIC_MAX_MAGNITUDE ||
		number->fraction_length - number->exponent > NUMERIC_MAX_SCALE)
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "number beyond the range of numeric");
	if (limits->precision == 0 || first == count)
		return true;
	if (carries_over(number, first, magnitude + limits->scale))
		magnitude++;
	/* What rounds to zero fits everywhere. */
	if (magnitude + limits->scale > 0 &&
		magnitude > limits->precision - limits->scale)
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "number beyond numeric(%d,%d)",
						 limits->precision, limits->scale);
	return true;
}

/* Check everything that numeric_in could object to, and hand the text on. */
bool
sfdw_decode_numeric(const char *text, size_t length,
					const SfdwNumericLimits *limits, SfdwBuffer *buffer,
					SfdwStatus *status)
{
	Number		number;

	if (!parse_number(text, length, &number, status) ||
		!check_limits(&number, limits, status))
		return false;
	sfdw_buffer_reset(buffer);
	if (!sfdw_buffer_reserve(buffer, length + 1, status))
		return false;
	memcpy(buffer->data, text, length);
	buffer->data[length] = '\0';
	buffer->length = length;
	return true;
}

/* Check the syntax, then let strtod round. */
bool
sfdw_decode_float8(const char *text, size_t length, double *value,
				   SfdwStatus *status)
{
	char		copy[SFDW_DECODE_MAX_NUMBER + 1];
	Number		number;
	char	   *end;
	double		result;

	if (!parse_number(text, length, &number, status))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	errno = 0;
	result = strtod(copy, &end);
	if (end != copy + length)
		return sfdw_fail(status, SFDW_UNSUPPORTED, 0,
						 "number cannot be read because LC_NUMERIC is not C");
	/* A denormal sets ERANGE too, and is a number; so does PostgreSQL judge. */
	if (errno == ERANGE && (result == 0.0 || isinf(result)))
		return sfdw_fail(status, SFDW_OUT_OF_RANGE, 0,
						 "number beyond the range of double precision");
	*value = result;
	return true;
}

/* The value of a hexadecimal digit, or -1. */
static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decode a uuid in its usual form. */
bool
sfdw_decode_uuid(const char *text, size_t length, unsigned char *value,
				 SfdwStatus *status)
{
	static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
	size_t		i;
	int			digits = 0;

	for (i = 0; i < sizeof(form) - 1; i++)
	{
		int			digit = i < length && form[i] == 'h' ? hex_value(text[i]) : 0;

		if (i >= length || digit < 0 || (form[i] == '-' && text[i] != '-'))
			return sfdw_fail(status, SFDW_BAD_VALUE, i, "not a uuid");
		if (form[i] == '-')
			continue;
		if (digits % 2 == 0)
			value[digits / 2] = (unsigned char) (digit << 4);
		else
			value[digits / 2] |= (unsigned char) digit;
		digits++;
	}
	if (length != sizeof(form) - 1)
		return sfdw_fail(status, SFDW_BAD_VALUE, i, "not a uuid");
	return true;
}

/* The next piece; position stands one behind length when there are no more. */
bool
sfdw_decode_next_choice(const char *text, size_t length, size_t *position,
						const char **piece, size_t *piece_length)
{
	const char *start = text + *position;
	const char *end;

	if (length == 0 || *position > length)
		return false;
	end = memchr(start, ';', length - *position);
	if (end == NULL)
		end = text + length;
	*piece = start;
	*piece_length = end - start;
	*position = end - text + 1;
	return true;
}
