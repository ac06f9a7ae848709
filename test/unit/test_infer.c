/* export/infer.c: types are inferred from values that leave no doubt. */
#include "export/infer.h"
#include "tap.h"

/* Infer from values joined by "|". */
static void
check(const char *values, const char *expected)
{
	SfdwInference inference;
	const char *at = values;
	const char *sql;

	sfdw_infer_init(&inference);
	while (*at != '\0')
	{
		size_t		length = strcspn(at, "|");

		sfdw_infer_add(&inference, at, length);
		at += length + (at[length] == '|');
	}
	sql = sfdw_infer_sql(&inference);
	TAP_OK(strcmp(sql, expected) == 0, "%s is %s (%s)", values, expected, sql);
}

int
main(void)
{
	check("", "pg_catalog.text");
	check("True|False|true", "boolean");
	check("1|0", "integer");
	check("True|1", "pg_catalog.text");
	check("12|-7|0", "integer");
	check("12|2147483647", "integer");
	check("12|2147483648", "bigint");
	check("12|2147483648|0.5", "numeric");
	check("12|x", "pg_catalog.text");
	check("9223372036854775808", "pg_catalog.text");
	check("1000.0|1e+16|-0.0|3", "numeric");
	check("001", "pg_catalog.text");
	check("12|007", "pg_catalog.text");
	check("+16135550100", "pg_catalog.text");
	check("0|0.5|-0.25", "numeric");
	check("00.5", "pg_catalog.text");
	check(".5", "pg_catalog.text");
	check("nan", "pg_catalog.text");
	check("001B000000IEbIDIA1|001B000000IEbIDIA2", "pg_catalog.text");
	check("1|001B000000IEbIDIA1", "pg_catalog.text");
	check("2024-01-15|1999-12-31", "pg_catalog.date");
	check("2024-01-15|2024-02-30", "pg_catalog.text");
	check("2024-01-15T14:30:00.000+0000", "timestamp with time zone");
	check("2024-01-15|2024-01-15T14:30:00.000+0000", "pg_catalog.text");
	check("2024-01-15 14:30:00", "pg_catalog.text");
	check("01/02/2024", "pg_catalog.text");
	check("2024-01-15|7", "pg_catalog.text");
	check("14:30:00.000Z", "pg_catalog.text");
	check(" 1", "pg_catalog.text");
	return tap_done();
}
