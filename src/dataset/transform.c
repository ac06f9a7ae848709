/*-------------------------------------------------------------------------
 * transform.c
 *		SQL functions through which a person's column may pass
 *
 * Each gives away less than the value that it is given, by rules that its
 * caller cannot widen: what stands here is what makes the gate let a column of
 * class "person" through.  None puts a value into an error.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sfdw_sql_mask);
PG_FUNCTION_INFO_V1(sfdw_sql_year_of_date);
PG_FUNCTION_INFO_V1(sfdw_sql_year_of_timestamp);
PG_FUNCTION_INFO_V1(sfdw_sql_truncate_time);

#define MASK "****"

/*
 * At most so many characters are kept at each end, and a quarter of all: so
 * that one mask of the start and one of the end give away half together.
 */
#define MAX_KEPT 4

/* Units to which a time may be cut: whoever knows the hour knows who it was. */
static const char *const coarse_units[] = {
	"day", "week", "month", "quarter", "year", "decade"
};

/* How many characters an argument asks to be kept. */
static int
kept_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	int			kept = PG_GETARG_INT32(number);

	if (kept < 0 || kept > MAX_KEPT)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("parameter \"%s\" must be from 0 to %d", name, MAX_KEPT));
	return kept;
}

/* Bytes of so many characters from the start. */
static int
bytes_of(const char *text, int characters)
{
	int			bytes = 0;

	while (characters-- > 0)
		bytes += pg_mblen(text + bytes);
	return bytes;
}

/* The mask always has the same length, so that the value's is not seen. */
Datum
sfdw_sql_mask(PG_FUNCTION_ARGS)
{
	char	   *value = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int			first = kept_argument(fcinfo, 1, "keep_first");
	int			last = kept_argument(fcinfo, 2, "keep_last");
	int			length = pg_mbstrlen(value);
	int			head;
	int			tail;

	if (4 * first > length || 4 * last > length)
		PG_RETURN_TEXT_P(cstring_to_text(MASK));
	head = bytes_of(value, first);
	tail = bytes_of(value, length - last);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s" MASK "%s",
											  pnstrdup(value, head),
											  value + tail)));
}

/* Infinity has no year. */
Datum
sfdw_sql_year_of_date(PG_FUNCTION_ARGS)
{
	DateADT		date = PG_GETARG_DATEADT(0);
	int			year;
	int			month;
	int			day;

	if (DATE_NOT_FINITE(date))
		PG_RETURN_NULL();
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	PG_RETURN_INT32(year);
}

/* The same of a time; that of a moment is the one of UTC. */
Datum
sfdw_sql_year_of_timestamp(PG_FUNCTION_ARGS)
{
	Timestamp	timestamp = PG_GETARG_TIMESTAMP(0);
	struct pg_tm tm;
	fsec_t		fsec;

	if (TIMESTAMP_NOT_FINITE(timestamp) ||
		timestamp2tm(timestamp, NULL, &tm, &fsec, NULL, NULL) != 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(tm.tm_year);
}

/* Raise an error unless the unit is a coarse one. */
static void
check_unit(const char *unit)
{
	for (int i = 0; i < (int) lengthof(coarse_units); i++)
		if (pg_strcasecmp(coarse_units[i], unit) == 0)
			return;
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("parameter \"%s\" must be \"day\", \"week\", \"month\", \"quarter\", \"year\" or \"decade\"",
				   "unit"));
}

/* Times and moments alike: both are cut as UTC sees them. */
Datum
sfdw_sql_truncate_time(PG_FUNCTION_ARGS)
{
	check_unit(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	return DirectFunctionCall2(timestamp_trunc, PG_GETARG_DATUM(1),
							   PG_GETARG_DATUM(0));
}
