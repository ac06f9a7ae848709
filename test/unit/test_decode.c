/* export/decode.c and decode_time.c: syntax, limits and the calendar. */
#include "export/decode.h"
#include "random.h"
#include "tap.h"

#include <math.h>

static const int64_t day_micros = INT64_C(86400000000);

/* Booleans: exactly the eight spellings. */
static void
test_bool(void)
{
	static const char *const right[] = {"True", "true", "TRUE", "1", "False", "false", "FALSE", "0"};
	static const char *const wrong[] = {"", "t", "yes", "tRUE", "True ", " 1", "2", "Truee", "on", "10"};
	SfdwStatus	status = {0};
	bool		value;
	int			i;

	for (i = 0; i < 8; i++)
		TAP_OK(sfdw_decode_bool(right[i], strlen(right[i]), &value, &status) &&
			   value == (i < 4), "boolean %s", right[i]);
	for (i = 0; i < 10; i++)
	{
		status.code = SFDW_OK;
		TAP_OK(!sfdw_decode_bool(wrong[i], strlen(wrong[i]), &value, &status) &&
			   status.code == SFDW_BAD_VALUE, "no boolean \"%s\"", wrong[i]);
	}
}

/* Decode an integer of a width in bytes; -999 with the code when refused. */
static int64_t
integer(const char *text, int width, SfdwStatus *status)
{
	int16_t		small = -999;
	int32_t		medium = -999;
	int64_t		wide = -999;

	memset(status, 0, sizeof(*status));
	if (width == 2)
		return sfdw_decode_int2(text, strlen(text), &small, status) ? small : -999;
	if (width == 4)
		return sfdw_decode_int4(text, strlen(text), &medium, status) ? medium : -999;
	return sfdw_decode_int8(text, strlen(text), &wide, status) ? wide : -999;
}

/* Integers: every width's limits are taken, one beyond is out of range. */
static void
test_integers(void)
{
	static const struct
	{
		const char *text;
		int			width;
		int64_t		value;
		SfdwCode	code;
	}			cases[] = {
		{"0", 2, 0, SFDW_OK}, {"-0", 2, 0, SFDW_OK}, {"+7", 4, 7, SFDW_OK},
		{"007", 4, 7, SFDW_OK},
		{"32767", 2, 32767, SFDW_OK}, {"-32768", 2, -32768, SFDW_OK},
		{"32768", 2, -999, SFDW_OUT_OF_RANGE},
		{"-32769", 2, -999, SFDW_OUT_OF_RANGE},
		{"2147483647", 4, INT32_MAX, SFDW_OK},
		{"-2147483648", 4, INT32_MIN, SFDW_OK},
		{"2147483648", 4, -999, SFDW_OUT_OF_RANGE},
		{"9223372036854775807", 8, INT64_MAX, SFDW_OK},
		{"-9223372036854775808", 8, INT64_MIN, SFDW_OK},
		{"9223372036854775808", 8, -999, SFDW_OUT_OF_RANGE},
		{"-9223372036854775809", 8, -999, SFDW_OUT_OF_RANGE},
		{"99999999999999999999999999", 8, -999, SFDW_OUT_OF_RANGE},
		{"18446744073709551617", 8, -999, SFDW_OUT_OF_RANGE},
		{"", 8, -999, SFDW_BAD_VALUE}, {"-", 8, -999, SFDW_BAD_VALUE},
		{"1.0", 8, -999, SFDW_BAD_VALUE}, {" 1", 8, -999, SFDW_BAD_VALUE},
		{"1 ", 8, -999, SFDW_BAD_VALUE}, {"--1", 8, -999, SFDW_BAD_VALUE},
		{"0x10", 8, -999, SFDW_BAD_VALUE}, {"1_000", 8, -999, SFDW_BAD_VALUE},
		{"1e3", 8, -999, SFDW_BAD_VALUE},
	};
	SfdwStatus	status;
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		TAP_OK(integer(cases[i].text, cases[i].width, &status) == cases[i].value &&
			   status.code == cases[i].code, "int%d \"%s\"", cases[i].width,
			   cases[i].text);
}

/* numeric: syntax, and the limits of the type and of precision and scale. */
static void
test_numeric(void)
{
	static const struct
	{
		const char *text;
		SfdwNumericLimits limits;
		SfdwCode	code;
	}			cases[] = {
		{"1000.0", {0, 0}, SFDW_OK}, {"1e+16", {0, 0}, SFDW_OK},
		{"1e-05", {0, 0}, SFDW_OK}, {"-0.0", {0, 0}, SFDW_OK},
		{".5", {0, 0}, SFDW_OK}, {"5.", {0, 0}, SFDW_OK},
		{"+1.5E3", {0, 0}, SFDW_OK},
		{"", {0, 0}, SFDW_BAD_VALUE}, {".", {0, 0}, SFDW_BAD_VALUE},
		{"-", {0, 0}, SFDW_BAD_VALUE}, {"e5", {0, 0}, SFDW_BAD_VALUE},
		{"1e", {0, 0}, SFDW_BAD_VALUE}, {"1e+", {0, 0}, SFDW_BAD_VALUE},
		{"1.2.3", {0, 0}, SFDW_BAD_VALUE}, {"1,5", {0, 0}, SFDW_BAD_VALUE},
		{"nan", {0, 0}, SFDW_BAD_VALUE}, {"NaN", {0, 0}, SFDW_BAD_VALUE},
		{"inf", {0, 0}, SFDW_BAD_VALUE}, {"Infinity", {0, 0}, SFDW_BAD_VALUE},
		{"1 ", {0, 0}, SFDW_BAD_VALUE}, {"$1", {0, 0}, SFDW_BAD_VALUE},
		{"1e131071", {0, 0}, SFDW_OK}, {"1e131072", {0, 0}, SFDW_OUT_OF_RANGE},
		{"0.001e131074", {0, 0}, SFDW_OK},
		{"1e-16383", {0, 0}, SFDW_OK}, {"1e-16384", {0, 0}, SFDW_OUT_OF_RANGE},
		{"1e99999999999999999999", {0, 0}, SFDW_OUT_OF_RANGE},
		{"1e-99999999999999999999", {0, 0}, SFDW_OUT_OF_RANGE},
		{"999.99", {5, 2}, SFDW_OK}, {"-999.994", {5, 2}, SFDW_OK},
		{"999.995", {5, 2}, SFDW_OUT_OF_RANGE},
		{"1000", {5, 2}, SFDW_OUT_OF_RANGE}, {"000999", {5, 2}, SFDW_OK},
		{"0.001", {5, 2}, SFDW_OK}, {"1e2", {5, 2}, SFDW_OK},
		{"1e3", {5, 2}, SFDW_OUT_OF_RANGE}, {"9.9e2", {5, 2}, SFDW_OK},
		{"0.99", {2, 2}, SFDW_OK}, {"0.995", {2, 2}, SFDW_OUT_OF_RANGE},
		{"1", {2, 2}, SFDW_OUT_OF_RANGE}, {"0.004", {2, 2}, SFDW_OK},
		{"0.0099", {2, 4}, SFDW_OK}, {"0.01", {2, 4}, SFDW_OUT_OF_RANGE},
		{"0.00999", {2, 4}, SFDW_OUT_OF_RANGE}, {"0.00001", {2, 4}, SFDW_OK},
		{"99499", {2, -3}, SFDW_OK}, {"99500", {2, -3}, SFDW_OUT_OF_RANGE},
		{"499", {2, -3}, SFDW_OK}, {"0", {1, 1}, SFDW_OK},
	};
	SfdwBuffer	buffer;
	size_t		i;

	sfdw_buffer_init(&buffer, &tap_memory, 2000);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		SfdwStatus	status = {0};
		bool		done = sfdw_decode_numeric(cases[i].text,
											   strlen(cases[i].text),
											   &cases[i].limits, &buffer,
											   &status);

		TAP_OK(done == (cases[i].code == SFDW_OK) &&
			   status.code == cases[i].code &&
			   (!done || strcmp(buffer.data, cases[i].text) == 0),
			   "numeric(%d,%d) \"%s\"", cases[i].limits.precision,
			   cases[i].limits.scale, cases[i].text);
	}
	sfdw_buffer_free(&buffer);
}

/* double precision: rounding, overflow, underflow, length. */
static void
test_float8(void)
{
	char		text[SFDW_DECODE_MAX_NUMBER + 1];
	double		value;
	SfdwStatus	status = {0};

	TAP_OK(sfdw_decode_float8("0.1", 3, &value, &status) && value == 0.1, "0.1");
	TAP_OK(sfdw_decode_float8("-0.0", 4, &value, &status) && value == 0 &&
		   signbit(value), "-0.0 keeps its sign");
	TAP_OK(sfdw_decode_float8("1e+16", 5, &value, &status) && value == 1e16, "1e+16");
	TAP_OK(sfdw_decode_float8("9007199254740993", 16, &value, &status) &&
		   value == 9007199254740992.0, "half-way rounds to even");
	TAP_OK(sfdw_decode_float8("5e-324", 6, &value, &status) && value > 0,
		   "a denormal is a number");
	TAP_OK(!sfdw_decode_float8("1e309", 5, &value, &status) &&
		   status.code == SFDW_OUT_OF_RANGE, "overflow");
	status.code = SFDW_OK;
	TAP_OK(!sfdw_decode_float8("1e-400", 6, &value, &status) &&
		   status.code == SFDW_OUT_OF_RANGE, "underflow");
	status.code = SFDW_OK;
	TAP_OK(!sfdw_decode_float8("0x1p3", 5, &value, &status) &&
		   status.code == SFDW_BAD_VALUE, "no hexadecimal numbers");
	memset(text, '9', sizeof(text));
	status.code = SFDW_OK;
	TAP_OK(!sfdw_decode_float8(text, sizeof(text), &value, &status) &&
		   status.code == SFDW_TOO_LARGE, "digits are limited");
	text[1] = '.';
	TAP_OK(sfdw_decode_float8(text, sizeof(text) - 1, &value, &status) &&
		   value == 10.0, "as many digits as allowed");
}

/* Whether the Gregorian calendar has that day, by the plain rule. */
static bool
is_day(int year, int month, int day)
{
	static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);

	return year > 0 && month >= 1 && month <= 12 && day >= 1 &&
		day <= days[month] + (leap && month == 2);
}

/* Every day of ten thousand years follows the one before it; no other exists. */
static void
test_calendar(void)
{
	int32_t		expected = -730119; /* 0001-01-01, as PostgreSQL counts */
	int			wrong = 0;
	int			year;
	int			month;
	int			day;

	for (year = 0; year <= 9999; year++)
		for (month = 0; month <= 13; month++)
			for (day = 0; day <= 32; day++)
			{
				char		text[40];
				int32_t		days = 0;
				SfdwStatus	status = {0};

				snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
				if (sfdw_decode_date(text, 10, &days, &status) !=
					is_day(year, month, day))
					wrong++;
				else if (is_day(year, month, day) && days != expected++)
					wrong++;
			}
	TAP_OK(wrong == 0, "4,620,000 dates, %d wrong", wrong);
	TAP_OK(expected == 2921940, "9999-12-31 is day 2921939");
}

/* Forms that are no date. */
static void
test_date_forms(void)
{
	static const struct
	{
		const char *text;
		int			offset;
	}			cases[] = {
		{"", 0}, {"2024", 4}, {"2024-1-15", 6}, {"2024-01-15 ", 10},
		{"2024/01/15", 4}, {"01/02/2024", 2}, {"20240115", 4},
		{"2024-02-30", 8}, {"2023-02-29", 8}, {"1900-02-29", 8},
		{"2024-13-01", 5}, {"2024-00-01", 5}, {"0000-01-01", 0},
		{"-2024-01-01", 0}, {"today", 0}, {"infinity", 0}, {"epoch", 0},
		{"2024-01-15T00:00:00Z", 10}, {"12024-01-01", 4}, {"2024-01-1x", 9},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		SfdwStatus	status = {0};
		int32_t		days;

		TAP_OK(!sfdw_decode_date(cases[i].text, strlen(cases[i].text), &days,
								 &status) &&
			   status.code == SFDW_BAD_VALUE &&
			   status.offset == (uint64_t) cases[i].offset,
			   "no date \"%s\" (byte %d)", cases[i].text, (int) status.offset);
	}
}

/* Times of day. */
static void
test_time(void)
{
	static const struct
	{
		const char *text;
		int64_t		value;
	}			cases[] = {
		{"14:30:00.000Z", INT64_C(52200000000)}, {"00:00:00", 0},
		{"23:59:59.999999", INT64_C(86399999999)},
		{"00:00:00.1", 100000}, {"00:00:00.000001Z", 1},
		{"24:00:00", -1}, {"12:60:00", -1}, {"12:00:60", -1},
		{"12:00", -1}, {"12:00:00.", -1}, {"12:00:00.1234567", -1},
		{"12:00:00+00", -1}, {"12:00:00ZZ", -1}, {"1:00:00", -1},
		{"", -1}, {"12:00:00 PM", -1}, {"allballs", -1},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		SfdwStatus	status = {0};
		int64_t		value = -1;
		bool		done = sfdw_decode_time(cases[i].text,
											strlen(cases[i].text), &value,
											&status);

		TAP_OK(done == (cases[i].value >= 0) &&
			   (!done || value == cases[i].value) &&
			   (done || status.code == SFDW_BAD_VALUE),
			   "time \"%s\"", cases[i].text);
	}
}

/* Timestamps: forms, zones, and what is refused; -1 means refused. */
static void
test_timestamp(void)
{
	/* 2024-01-15 14:30 UTC: 8780 days and 14.5 hours after 2000-01-01. */
	int64_t		at = 8780 * day_micros + INT64_C(52200000000);
	const struct
	{
		const char *text;
		int64_t		value;
	}			cases[] = {
		{"2024-01-15T14:30:00.000+0000", at},
		{"2024-01-15T14:30:00.000+00:00", at},
		{"2024-01-15T14:30:00.000Z", at},
		{"2024-01-15 14:30:00Z", at},
		{"2024-01-15T14:30:00-0000", at},
		{"2024-01-15T09:30:00.000-0500", at},
		{"2024-01-15T20:00:00+05:30", at},
		{"2024-01-16T06:29:00+15:59", at},
		{"2024-01-15T14:30:00.000001Z", at + 1},
		{"2000-01-01T00:00:00Z", 0},
		{"1999-12-31T23:59:59.999999Z", -1 + 0 * at},
		{"2024-01-15", -2}, {"2024-01-15T", -2}, {"2024-01-15T14:30Z", -2},
		{"2024-01-15t14:30:00Z", -2}, {"2024-01-15  14:30:00Z", -2},
		{"2024-01-15T14:30:00z", -2}, {"2024-01-15T14:30:00 Z", -2},
		{"2024-01-15T14:30:00+00", -2}, {"2024-01-15T14:30:00+0", -2},
		{"2024-01-15T14:30:00+1600", -2}, {"2024-01-15T14:30:00+00:60", -2},
		{"2024-02-30T14:30:00Z", -2}, {"2024-01-15T24:00:00Z", -2},
		{"2024-01-15T23:59:60Z", -2}, {"2024-01-15T14:30:00ZX", -2},
		{"2024-01-15T14:30:00 EST", -2}, {"01/15/2024 14:30", -2},
		{"02/23/26 08:55 PM", -2}, {"now", -2}, {"infinity", -2}, {"", -2},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		SfdwStatus	status = {0};
		int64_t		value = 0;
		bool		done = sfdw_decode_timestamp(cases[i].text,
												 strlen(cases[i].text),
												 SFDW_ZONE_REQUIRED, &value,
												 &status);

		TAP_OK(done == (cases[i].value != -2) &&
			   (!done || value == cases[i].value) &&
			   (done || status.code == SFDW_BAD_VALUE),
			   "timestamptz \"%s\"", cases[i].text);
	}
}

/* Numbers that look random and are always the same. */
static uint64_t
next_random(void)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return state >> 16;
}

/* A moment in some form: the wall clock of a zone, and the zone. */
static int
print_moment(char *text, size_t size, int year, int month, int day,
			 int64_t clock, int zone_minutes)
{
	int			form = (int) (next_random() % 4);
	int			minutes = abs(zone_minutes);

	return snprintf(text, size, "%04d-%02d-%02d%c%02d:%02d:%02d.%06d%c%02d%s%02d",
					year, month, day, form & 1 ? 'T' : ' ',
					(int) (clock / INT64_C(3600000000)),
					(int) (clock / 60000000 % 60), (int) (clock / 1000000 % 60),
					(int) (clock % 1000000), zone_minutes < 0 ? '-' : '+',
					minutes / 60, form & 2 ? ":" : "", minutes % 60);
}

/* A timestamp is its date and its time, less its zone, in every form. */
static void
test_timestamp_parts(void)
{
	int			wrong = 0;
	int			i;

	for (i = 0; i < 100000; i++)
	{
		int			year = 1 + (int) (next_random() % 9999);
		int			month = 1 + (int) (next_random() % 12);
		int			day = 1 + (int) (next_random() % 28);
		int64_t		clock = (int64_t) (next_random() % (uint64_t) day_micros);
		int			zone = (int) (next_random() % 1919) - 959;
		char		text[64];
		int			length = print_moment(text, sizeof(text), year, month, day,
										  clock, zone);
		SfdwStatus	status = {0};
		int32_t		days = 0;
		int64_t		time = -1;
		int64_t		micros = 0;

		if (!sfdw_decode_date(text, 10, &days, &status) ||
			!sfdw_decode_time(text + 11, 15, &time, &status) ||
			!sfdw_decode_timestamp(text, length, SFDW_ZONE_REQUIRED, &micros,
								   &status) ||
			time != clock ||
			micros != days * day_micros + clock - zone * INT64_C(60000000))
			wrong++;
	}
	TAP_OK(wrong == 0, "100,000 timestamps are their parts: %d are not", wrong);
}

/* Integers and doubles come back from how C prints them. */
static void
test_numbers_printed(void)
{
	int			wrong = 0;
	int			i;

	for (i = 0; i < 100000; i++)
	{
		uint64_t	bits = next_random() << 32 ^ next_random();
		int64_t		integer = (int64_t) bits >> next_random() % 64;
		double		real;
		char		text[64];
		SfdwStatus	status = {0};
		int64_t		integer_back = 0;
		double		real_back = 0;

		memcpy(&real, &bits, sizeof(real));
		snprintf(text, sizeof(text), "%lld", (long long) integer);
		if (!sfdw_decode_int8(text, strlen(text), &integer_back, &status) ||
			integer_back != integer)
			wrong++;
		if (!isfinite(real))
			continue;
		snprintf(text, sizeof(text), "%.17g", real);
		if (!sfdw_decode_float8(text, strlen(text), &real_back, &status) ||
			real_back != real)
			wrong++;
	}
	TAP_OK(wrong == 0, "100,000 numbers come back: %d do not", wrong);
}

/* Without a zone: refused, or UTC, as told. */
static void
test_zone_rule(void)
{
	static const char text[] = "2000-01-02 00:00:00";
	SfdwStatus	status = {0};
	int64_t		value;

	TAP_OK(!sfdw_decode_timestamp(text, 19, SFDW_ZONE_REQUIRED, &value, &status) &&
		   status.code == SFDW_BAD_VALUE && status.offset == 19,
		   "a zone is required");
	status.code = SFDW_OK;
	TAP_OK(sfdw_decode_timestamp(text, 19, SFDW_ZONE_UTC, &value, &status) &&
		   value == day_micros, "or taken as UTC");
	TAP_OK(sfdw_decode_timestamp("2000-01-02T01:00:00+0100", 24, SFDW_ZONE_UTC,
								 &value, &status) && value == day_micros,
		   "and counts if it is there");
}

/* uuid: the usual form alone. */
static void
test_uuid(void)
{
	static const char right[] = "00112233-4455-6677-8899-AAbbCCddEEff";
	static const unsigned char expected[] = {0, 0x11, 0x22, 0x33, 0x44, 0x55,
	0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
	unsigned char value[SFDW_UUID_LENGTH];
	SfdwStatus	status = {0};
	int			wrong = 0;
	int			at;

	TAP_OK(sfdw_decode_uuid(right, 36, value, &status) &&
		   memcmp(value, expected, 16) == 0, "a uuid");
	for (at = 0; at < 36; at++)
	{
		char		text[37];

		memcpy(text, right, 37);
		text[at] = text[at] == '-' ? '0' : 'g';
		status.code = SFDW_OK;
		if (sfdw_decode_uuid(text, 36, value, &status) ||
			status.offset != (uint64_t) at)
			wrong++;
	}
	TAP_OK(wrong == 0, "a wrong character at every place is refused");
	status.code = SFDW_OK;
	TAP_OK(!sfdw_decode_uuid(right, 35, value, &status), "too short");
	status.code = SFDW_OK;
	TAP_OK(!sfdw_decode_uuid("00112233-4455-6677-8899-aabbccddeeff0", 37,
							 value, &status), "too long");
}

/* The pieces of a text, joined by "|". */
static const char *
choices(const char *text)
{
	static char joined[100];
	size_t		position = 0;
	const char *piece;
	size_t		length;

	joined[0] = '\0';
	while (sfdw_decode_next_choice(text, strlen(text), &position, &piece,
								   &length))
		sprintf(joined + strlen(joined), "%.*s|", (int) length, piece);
	return joined;
}

/* Multi-select picklists. */
static void
test_choices(void)
{
	TAP_OK(strcmp(choices(""), "") == 0, "no piece");
	TAP_OK(strcmp(choices("A"), "A|") == 0, "one piece");
	TAP_OK(strcmp(choices("A;B c;D"), "A|B c|D|") == 0, "three pieces");
	TAP_OK(strcmp(choices("A;;B;"), "A||B||") == 0, "empty pieces are kept");
	TAP_OK(strcmp(choices(";"), "||") == 0, "two empty pieces");
}

/* No message shows what was read. */
static void
test_messages(void)
{
	static const char canary[] = "canary@example.org";
	SfdwStatus	status[8];
	SfdwNumericLimits limits = {5, 2};
	SfdwBuffer	buffer;
	int64_t		wide;
	int32_t		days;
	double		number;
	bool		truth;
	unsigned char uuid[16];
	size_t		n = sizeof(canary) - 1;
	int			i;

	memset(status, 0, sizeof(status));
	sfdw_buffer_init(&buffer, &tap_memory, 100);
	sfdw_decode_bool(canary, n, &truth, &status[0]);
	sfdw_decode_int8(canary, n, &wide, &status[1]);
	sfdw_decode_numeric(canary, n, &limits, &buffer, &status[2]);
	sfdw_decode_float8(canary, n, &number, &status[3]);
	sfdw_decode_date(canary, n, &days, &status[4]);
	sfdw_decode_time(canary, n, &wide, &status[5]);
	sfdw_decode_timestamp(canary, n, SFDW_ZONE_UTC, &wide, &status[6]);
	sfdw_decode_uuid(canary, n, uuid, &status[7]);
	for (i = 0; i < 8; i++)
		TAP_OK(status[i].code == SFDW_BAD_VALUE && status[i].message[0] &&
			   strstr(status[i].message, "anar") == NULL &&
			   strstr(status[i].message, "@") == NULL, "%s", status[i].message);
	sfdw_buffer_free(&buffer);
}

/* What a text is read as: the value, or the code and offset of the failure. */
static int64_t
read_timestamp(const char *text, size_t length)
{
	SfdwStatus	status = {0};
	int64_t		micros = 0;

	if (sfdw_decode_timestamp(text, length, SFDW_ZONE_REQUIRED, &micros, &status))
		return micros;
	return -(INT64_C(1) << 62) - (int64_t) status.code * 1000 - (int64_t) status.offset;
}

/*
 * The form that is read at once (with T), and the same read from left to right
 * (with a space), say the same of right texts and of those with a byte changed.
 */
static void
test_usual_form(void)
{
	int			wrong = 0;
	int			right = 0;

	for (int i = 0; i < 2000000; i++)
	{
		char		text[64];
		int			length = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03d%s",
									  (int) random_below(i % 3 == 0 ? 10000 : 3000), (int) random_below(14),
									  (int) random_below(33), (int) random_below(25), (int) random_below(61),
									  (int) random_below(61), (int) random_below(1000), i % 2 ? "+0000" : "Z");
		int64_t		usual;

		if (i % 4 == 0)
		{
			static const char bytes[] = "0123456789-:.TZ+ /;";
			int			place = (int) random_below((uint64_t) length);

			if (place != 10)
				text[place] = bytes[random_below(sizeof(bytes) - 1)];
		}
		usual = read_timestamp(text, (size_t) length);
		right += usual > -(INT64_C(1) << 62);
		text[10] = ' ';
		wrong += usual != read_timestamp(text, (size_t) length);
	}
	TAP_OK(wrong == 0 && right > 500000, "the usual form at once and from left to right: %d of 2000000 differ, %d are right", wrong, right);
}

int
main(void)
{
	test_bool();
	test_integers();
	test_numeric();
	test_float8();
	test_calendar();
	test_date_forms();
	test_time();
	test_timestamp();
	test_usual_form();
	test_timestamp_parts();
	test_numbers_printed();
	test_zone_rule();
	test_uuid();
	test_choices();
	test_messages();
	return tap_done();
}
