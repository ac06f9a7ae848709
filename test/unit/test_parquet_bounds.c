/* parquet/bounds.c: bounds enclose every value and are shortened rightly. */
#include "parquet/bounds.h"
#include "random.h"
#include "tap.h"

#include <math.h>

/* The bounds of some values. */
static SfdwBounds bounds;
static SfdwParquetStatistics statistics;

/* Take one value into account. */
static void
add(SfdwValueOrder order, const void *data, size_t length)
{
	uint32_t	end = (uint32_t) length;
	SfdwValues	values = {data, 0, &end, 1};

	sfdw_bounds_add(&bounds, order, 0, &values);
}

/* Start again. */
static void
reset(void)
{
	memset(&bounds, 0, sizeof(bounds));
	memset(&statistics, 0, sizeof(statistics));
}

/* The bounds of one text. */
static void
bound_text(const char *text, size_t length)
{
	reset();
	add(SFDW_ORDER_TEXT, text, length);
	sfdw_bounds_finish(&bounds, SFDW_ORDER_TEXT, &statistics);
}

/* Whether a bound has these bytes. */
static bool
is(SfdwBytes bound, const char *bytes, size_t length)
{
	return bound.data != NULL && bound.length == length &&
		memcmp(bound.data, bytes, length) == 0;
}

/* Texts at and beyond the limit. */
static void
test_text(void)
{
	char		text[200];
	char		wanted[200];

	memset(text, 'a', sizeof(text));
	bound_text(text, 64);
	TAP_OK(statistics.is_min_exact && statistics.is_max_exact &&
		   is(statistics.max_value, text, 64), "64 bytes are kept as they are");
	bound_text(text, 65);
	memcpy(wanted, text, 64);
	wanted[63] = 'b';
	TAP_OK(!statistics.is_min_exact && is(statistics.min_value, text, 64) &&
		   !statistics.is_max_exact && is(statistics.max_value, wanted, 64),
		   "65 bytes are cut, and the upper bound is raised");

	/* a two-byte character over the limit is dropped as a whole */
	memcpy(text + 63, "\xc3\xa9", 2);
	bound_text(text, 66);
	memcpy(wanted, text, 63);
	wanted[62] = 'b';
	TAP_OK(is(statistics.min_value, text, 63) &&
		   is(statistics.max_value, wanted, 63),
		   "a character is not cut in two");

	/* U+D7FF is followed by U+E000 */
	memset(text, 'a', sizeof(text));
	memcpy(text + 61, "\xed\x9f\xbf", 3);
	bound_text(text, 70);
	memcpy(wanted, text, 61);
	memcpy(wanted + 61, "\xee\x80\x80", 3);
	TAP_OK(is(statistics.max_value, wanted, 64), "surrogates are stepped over");

	/* U+007F would become longer than the limit: the one before is raised */
	memset(text, 'a', sizeof(text));
	text[63] = 0x7f;
	bound_text(text, 70);
	memset(wanted, 'a', 62);
	wanted[62] = 'b';
	TAP_OK(is(statistics.max_value, wanted, 63),
		   "a bound does not grow beyond the limit");
}

/* Values without a successor of their length have no upper bound. */
static void
test_no_successor(void)
{
	char		text[200];
	int			i;

	for (i = 0; i < 50; i++)
		memcpy(text + 4 * i, "\xf4\x8f\xbf\xbf", 4);
	bound_text(text, 200);
	TAP_OK(statistics.max_value.data == NULL &&
		   is(statistics.min_value, text, 64),
		   "the last code point cannot be raised: no upper bound");
	memset(text, 0xff, sizeof(text));
	reset();
	add(SFDW_ORDER_BYTES, text, 100);
	sfdw_bounds_finish(&bounds, SFDW_ORDER_BYTES, &statistics);
	TAP_OK(statistics.max_value.data == NULL && statistics.min_value.length == 64,
		   "nor can bytes of ff");
	memset(text, 0xff, sizeof(text));
	text[10] = 0x41;
	reset();
	add(SFDW_ORDER_BYTES, text, 100);
	sfdw_bounds_finish(&bounds, SFDW_ORDER_BYTES, &statistics);
	text[10] = 0x42;
	TAP_OK(is(statistics.max_value, text, 11),
		   "the last byte that can be raised is, and the rest dropped");
}

/* Append a random character of one to four bytes. */
static size_t
random_character(char *out)
{
	static const uint32_t starts[] = {0x20, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff,
		0xe000, 0xffff, 0x10000, 0x10ffff, 0xe9, 0x41};
	uint32_t	code = starts[random_below(12)];

	if (code < 0x80)
		return out[0] = (char) code, 1;
	if (code < 0x800)
		return out[0] = (char) (0xc0 | code >> 6),
			out[1] = (char) (0x80 | (code & 0x3f)), 2;
	if (code < 0x10000)
		return out[0] = (char) (0xe0 | code >> 12),
			out[1] = (char) (0x80 | (code >> 6 & 0x3f)),
			out[2] = (char) (0x80 | (code & 0x3f)), 3;
	return out[0] = (char) (0xf0 | code >> 18),
		out[1] = (char) (0x80 | (code >> 12 & 0x3f)),
		out[2] = (char) (0x80 | (code >> 6 & 0x3f)),
		out[3] = (char) (0x80 | (code & 0x3f)), 4;
}

/* Whether bytes are UTF-8: lengths and continuations. */
static bool
is_utf8(SfdwBytes text)
{
	size_t		at = 0;

	while (at < text.length)
	{
		unsigned char lead = (unsigned char) text.data[at++];
		int			more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 :
			lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : -1;

		if (more < 0 || (lead == 0xed && (unsigned char) text.data[at] >= 0xa0))
			return false;
		while (more-- > 0)
			if (at == text.length || ((unsigned char) text.data[at++] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

/* Bounds of random texts enclose them, are UTF-8, and short. */
static void
test_random_texts(void)
{
	int			wrong = 0;
	int			tries;

	for (tries = 0; tries < 20000; tries++)
	{
		char		text[400];
		size_t		length = 0;
		size_t		wanted = (size_t) random_below(140);
		SfdwBytes	bytes = {text, 0};

		while (length < wanted)
			length += random_character(text + length);
		bytes.length = length;
		bound_text(text, length);
		if (sfdw_value_compare(SFDW_ORDER_TEXT, statistics.min_value, bytes) > 0 ||
			statistics.min_value.length > 64 || !is_utf8(statistics.min_value) ||
			statistics.is_min_exact != (length <= 64))
			wrong++;
		if (statistics.max_value.data != NULL &&
			(sfdw_value_compare(SFDW_ORDER_TEXT, statistics.max_value, bytes) < 0 ||
			 statistics.max_value.length > 64 || !is_utf8(statistics.max_value)))
			wrong++;
	}
	TAP_OK(wrong == 0, "bounds of 20,000 random texts (%d wrong)", wrong);
}

/* NaN has no place; a zero bound has the sign that encloses both zeros. */
static void
test_floats(void)
{
	double		values[] = {NAN, 0.0, 3.5, NAN, -0.0};
	double		bound;
	size_t		i;

	reset();
	for (i = 0; i < 5; i++)
		add(SFDW_ORDER_DOUBLE, &values[i], sizeof(double));
	sfdw_bounds_finish(&bounds, SFDW_ORDER_DOUBLE, &statistics);
	memcpy(&bound, statistics.min_value.data, sizeof(bound));
	TAP_OK(bound == 0 && signbit(bound), "the lower zero is negative");
	memcpy(&bound, statistics.max_value.data, sizeof(bound));
	TAP_OK(bound == 3.5, "NaN is passed over");
	reset();
	add(SFDW_ORDER_DOUBLE, &values[0], sizeof(double));
	sfdw_bounds_finish(&bounds, SFDW_ORDER_DOUBLE, &statistics);
	TAP_OK(statistics.min_value.data == NULL && statistics.max_value.data == NULL,
		   "NaN alone gives no bounds");
}

/* Signed numbers of bytes: the first byte has the sign. */
static void
test_decimals(void)
{
	reset();
	add(SFDW_ORDER_DECIMAL, "\x00\x05", 2);
	add(SFDW_ORDER_DECIMAL, "\xff\xfe", 2);
	add(SFDW_ORDER_DECIMAL, "\x01\x00", 2);
	sfdw_bounds_finish(&bounds, SFDW_ORDER_DECIMAL, &statistics);
	TAP_OK(is(statistics.min_value, "\xff\xfe", 2) &&
		   is(statistics.max_value, "\x01\x00", 2), "decimals are signed");
}

/* Integers are compared as numbers, not as bytes. */
static void
test_integers(void)
{
	int64_t		values[] = {256, -1, 1};
	int64_t		bound;
	size_t		i;

	reset();
	for (i = 0; i < 3; i++)
		add(SFDW_ORDER_INT64, &values[i], sizeof(int64_t));
	sfdw_bounds_finish(&bounds, SFDW_ORDER_INT64, &statistics);
	memcpy(&bound, statistics.min_value.data, sizeof(bound));
	TAP_OK(bound == -1, "the smallest integer");
	memcpy(&bound, statistics.max_value.data, sizeof(bound));
	TAP_OK(bound == 256, "the largest integer");
}

int
main(void)
{
	test_text();
	test_no_successor();
	test_random_texts();
	test_floats();
	test_decimals();
	test_integers();
	return tap_done();
}
