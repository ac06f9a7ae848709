/*-------------------------------------------------------------------------
 * decode_time.c
 *		Turn the text of a field into a date, a time or a timestamp
 *
 * Pure.  See decode.h.  ISO 8601 as Salesforce's exporters write it and no
 * other order of day and month: what is ambiguous is refused.
 *-------------------------------------------------------------------------
 */
#include "export/decode.h"

#include <string.h>

#define MICROS_PER_SECOND INT64_C(1000000)
#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR 3600
#define SECONDS_PER_DAY 86400

/* Digits of a fraction that PostgreSQL keeps; more would have to be rounded. */
#define MAX_FRACTION_DIGITS 6

/* PostgreSQL's limit of a zone's hours. */
#define MAX_ZONE_HOURS 15

/* Days of 400 years, after which the calendar repeats itself. */
#define DAYS_PER_ERA 146097

/* 2000-01-01, counted from 0000-03-01. */
#define EPOCH_DAYS 730425

/* Text that is read from left to right. */
typedef struct Cursor
{
	const char *text;
	size_t		length;
	size_t		position;
	SfdwStatus *status;
} Cursor;

/* Take a byte if it is next. */
static bool
take_char(Cursor *cursor, char c)
{
	if (cursor->position >= cursor->length ||
		cursor->text[cursor->position] != c)
		return false;
	cursor->position++;
	return true;
}

/* Note that the text breaks a rule at the cursor. */
static bool
fail_at(Cursor *cursor, size_t position, const char *rule)
{
	return sfdw_fail(cursor->status, SFDW_BAD_VALUE, position, "%s", rule);
}

/* Take exactly count digits that make a number between min and max. */
static bool
take_number(Cursor *cursor, int count, int min, int max, int *value)
{
	size_t		start = cursor->position;
	int			result = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		char		c = cursor->position < cursor->length
		? cursor->text[cursor->position] : '\0';

		if (c < '0' || c > '9')
			return fail_at(cursor, cursor->position,
						   "not a date or time in ISO form");
		result = result * 10 + (c - '0');
		cursor->position++;
	}
	if (result < min || result > max)
		return fail_at(cursor, start, "no such date or time");
	*value = result;
	return true;
}

/* Take a byte that must be next. */
static bool
take_required(Cursor *cursor, char c)
{
	return take_char(cursor, c) ||
		fail_at(cursor, cursor->position, "not a date or time in ISO form");
}

/* Nothing may follow. */
static bool
take_end(Cursor *cursor)
{
	return cursor->position == cursor->length ||
		fail_at(cursor, cursor->position, "characters after the date or time");
}

/* The days of a month. */
static int
days_of_month(int year, int month)
{
	static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/*
 * Days since 2000-01-01.  Years are counted from March, so that the leap day
 * is the last of a year and months before it have the same lengths always.
 */
static int32_t
days_since_epoch(int year, int month, int day)
{
	int			months = (month + 9) % 12;	/* 0 = March */
	int			years = year - (month <= 2 ? 1 : 0);
	int			era = years / 400;
	int			of_era = years % 400;
	int			of_year = (153 * months + 2) / 5 + day - 1;

	return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 +
		of_year - EPOCH_DAYS;
}

/* Take YYYY-MM-DD. */
static bool
take_date(Cursor *cursor, int32_t *days)
{
	int			year;
	int			month;
	int			day;

	if (!take_number(cursor, 4, 1, 9999, &year) ||
		!take_required(cursor, '-') ||
		!take_number(cursor, 2, 1, 12, &month) ||
		!take_required(cursor, '-') ||
		!take_number(cursor, 2, 1, days_of_month(year, month), &day))
		return false;
	*days = days_since_epoch(year, month, day);
	return true;
}

/* Take the digits behind a point, as microseconds. */
static bool
take_fraction(Cursor *cursor, int *micros)
{
	int			digits = 0;
	int			value = 0;

	while (cursor->position < cursor->length &&
		   cursor->text[cursor->position] >= '0' &&
		   cursor->text[cursor->position] <= '9')
	{
		if (++digits > MAX_FRACTION_DIGITS)
			return fail_at(cursor, cursor->position,
						   "more than 6 digits of a second's fraction");
		value = value * 10 + (cursor->text[cursor->position++] - '0');
	}
	if (digits == 0)
		return fail_at(cursor, cursor->position,
					   "not a date or time in ISO form");
	for (; digits < MAX_FRACTION_DIGITS; digits++)
		value *= 10;
	*micros = value;
	return true;
}

/* Take HH:MM:SS and an optional fraction. */
static bool
take_clock(Cursor *cursor, int64_t *micros)
{
	int			hour;
	int			minute;
	int			second;
	int			fraction = 0;

	if (!take_number(cursor, 2, 0, 23, &hour) ||
		!take_required(cursor, ':') ||
		!take_number(cursor, 2, 0, 59, &minute) ||
		!take_required(cursor, ':') ||
		!take_number(cursor, 2, 0, 59, &second))
		return false;
	if (take_char(cursor, '.') && !take_fraction(cursor, &fraction))
		return false;
	*micros = (hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + second) *
		MICROS_PER_SECOND + fraction;
	return true;
}

/* Take Z, +HHMM or +HH:MM if one is there: seconds east of Greenwich. */
static bool
take_zone(Cursor *cursor, bool *has_zone, int *seconds)
{
	bool		is_west;
	int			hours = 0;
	int			minutes = 0;

	*seconds = 0;
	*has_zone = take_char(cursor, 'Z');
	if (*has_zone)
		return true;
	is_west = take_char(cursor, '-');
	if (!is_west && !take_char(cursor, '+'))
		return true;
	*has_zone = true;
	if (!take_number(cursor, 2, 0, MAX_ZONE_HOURS, &hours))
		return false;
	take_char(cursor, ':');
	if (!take_number(cursor, 2, 0, 59, &minutes))
		return false;
	*seconds = hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE;
	if (is_west)
		*seconds = -*seconds;
	return true;
}

/* Two digits as a number; *is_odd is set when they are none. */
static inline int
two_digits(const char *text, bool *is_odd)
{
	unsigned	tens = (unsigned) (text[0] - '0');
	unsigned	units = (unsigned) (text[1] - '0');

	*is_odd |= tens > 9 || units > 9;
	return (int) (tens * 10 + units);
}

/* Whether a text is 2024-01-15T14:30:00.000 with +0000 or Z, digits aside. */
static inline bool
has_usual_form(const char *text, size_t length)
{
	return ((length == 28 && memcmp(text + 23, "+0000", 5) == 0) ||
			(length == 24 && text[23] == 'Z')) &&
		text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
		text[13] == ':' && text[16] == ':' && text[19] == '.';
}

/*
 * The form in which Salesforce writes nearly all timestamps, at once.  False
 * when it is another, or no timestamp: then it is read from left to right.
 */
static bool
decode_usual_form(const char *text, size_t length, int64_t *micros)
{
	bool		is_odd = false;
	int			year;
	int			month;
	int			day;
	int			hour;
	int			minute;
	int			second;
	int			millis;

	if (!has_usual_form(text, length))
		return false;
	year = two_digits(text, &is_odd) * 100 + two_digits(text + 2, &is_odd);
	month = two_digits(text + 5, &is_odd);
	day = two_digits(text + 8, &is_odd);
	hour = two_digits(text + 11, &is_odd);
	minute = two_digits(text + 14, &is_odd);
	second = two_digits(text + 17, &is_odd);
	millis = two_digits(text + 20, &is_odd) * 10 + (text[22] - '0');
	if (is_odd || text[22] < '0' || text[22] > '9' || year < 1 || month < 1 ||
		month > 12 || day < 1 || day > days_of_month(year, month) ||
		hour > 23 || minute > 59 || second > 59)
		return false;
	*micros = ((int64_t) days_since_epoch(year, month, day) * SECONDS_PER_DAY +
			   hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + second) *
		MICROS_PER_SECOND + millis * INT64_C(1000);
	return true;
}

/* Decode a date. */
bool
sfdw_decode_date(const char *text, size_t length, int32_t *days,
				 SfdwStatus *status)
{
	Cursor		cursor = {text, length, 0, status};

	return take_date(&cursor, days) && take_end(&cursor);
}

/* Decode a time of day; its Z says nothing. */
bool
sfdw_decode_time(const char *text, size_t length, int64_t *micros,
				 SfdwStatus *status)
{
	Cursor		cursor = {text, length, 0, status};

	if (!take_clock(&cursor, micros))
		return false;
	take_char(&cursor, 'Z');
	return take_end(&cursor);
}

/* Decode a timestamp, to UTC. */
bool
sfdw_decode_timestamp(const char *text, size_t length, SfdwZoneRule zone_rule,
					  int64_t *micros, SfdwStatus *status)
{
	Cursor		cursor = {text, length, 0, status};
	int32_t		days;
	int64_t		clock;
	bool		has_zone;
	int			zone;

	if (decode_usual_form(text, length, micros))
		return true;
	if (!take_date(&cursor, &days))
		return false;
	if (cursor.position == length)
		return fail_at(&cursor, length, "date without a time");
	if (!take_char(&cursor, 'T') && !take_required(&cursor, ' '))
		return false;
	if (!take_clock(&cursor, &clock) ||
		!take_zone(&cursor, &has_zone, &zone) || !take_end(&cursor))
		return false;
	if (!has_zone && zone_rule == SFDW_ZONE_REQUIRED)
		return fail_at(&cursor, length, "timestamp without a time zone");
	*micros = ((int64_t) days * SECONDS_PER_DAY - zone) * MICROS_PER_SECOND + clock;
	return true;
}
