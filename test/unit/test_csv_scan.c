/* export/csv_scan.c: every rule of its header, with every way to cut blocks. */
#include "export/csv_scan.h"
#include "tap.h"

/* One input and what the scan makes of it. */
typedef struct Case
{
	const char *claim;
	const char *input;
	size_t		length;			/* 0: strlen(input) */
	const char *expected;		/* rendering, see render() */
} Case;

static char rendering[100000];

/* Append to the rendering. */
static void
put(const char *format,...)
{
	size_t		used = strlen(rendering);
	va_list		args;

	va_start(args, format);
	vsnprintf(rendering + used, sizeof(rendering) - used, format, args);
	va_end(args);
}

/* A record: number@offset+length, its fields in [], quotes where they were. */
static void
put_record(const SfdwCsvRecord *record)
{
	int			i;

	put("%d@%d+%d", (int) record->number, (int) record->offset,
		(int) record->length);
	for (i = 0; i < record->field_count; i++)
	{
		const SfdwCsvField *field = &record->fields[i];
		const char *quote = field->is_quoted ? "\"" : "";

		put("[%d:%s%.*s%s]", (int) field->offset, quote,
			(int) field->length, field->data, quote);
	}
	put("\n");
}

/*
 * Scan the input in blocks of a size and render the outcome.  Each block is
 * copied to memory of its own and overwritten when the scan asks for the next,
 * so a field that points to a block that is gone shows.
 */
static void
render(const char *input, size_t length, size_t block_size,
	   const SfdwCsvOptions *options, const int *columns, int count)
{
	SfdwStatus	status = {0};
	SfdwCsvScan *scan = sfdw_csv_create(&tap_memory, options, &status);
	SfdwCsvRecord record;
	SfdwCsvResult result;
	size_t		position = 0;
	char	   *block = NULL;

	rendering[0] = '\0';
	do
	{
		result = sfdw_csv_next(scan, &record, &status);
		if (result == SFDW_CSV_NEED_INPUT)
		{
			size_t		n = length - position;

			free(block);
			block = NULL;
			n = n > block_size ? block_size : n;
			if (n == 0)
				sfdw_csv_finish(scan);
			else
			{
				block = malloc(n);
				memcpy(block, input + position, n);
				sfdw_csv_push(scan, block, n);
				position += n;
			}
		}
		else if (result == SFDW_CSV_RECORD)
		{
			put_record(&record);
			if (record.number == 0 && count >= 0)
				sfdw_csv_project(scan, columns, count, &status);
		}
		else if (result == SFDW_CSV_REJECTED)
			put("reject %d code %d at %d\n", (int) record.number,
				(int) status.code, (int) status.offset);
		else if (result == SFDW_CSV_FAILED)
			put("fail %d code %d at %d\n",
				(int) sfdw_csv_record_number(scan), (int) status.code,
				(int) status.offset);
	} while (result != SFDW_CSV_END && result != SFDW_CSV_FAILED);
	sfdw_csv_free(scan);
	free(block);
}

static const SfdwCsvOptions standard = {',', '"', 1000};

static const Case cases[] = {
	{"line ends CRLF, LF and none", "a,b\r\n1,2\n3,4", 0,
	"0@0+5[0:a][2:b]\n1@5+4[5:1][7:2]\n2@9+3[9:3][11:4]\n"},
	{"empty, quoted empty, and an empty last field", "a,b,c\n,\"\",\n", 0,
	"0@0+6[0:a][2:b][4:c]\n1@6+5[6:][7:\"\"][10:]\n"},
	{"an empty last field at the end of the input", "a,b\n1,", 0,
	"0@0+4[0:a][2:b]\n1@4+2[4:1][6:]\n"},
	{"doubled quotes, delimiters and line ends inside quotes",
		"a,b\n\"x\"\"y\"\"\",\"1,\r\n2\"\r\nz,\"\"\"\"\n", 0,
	"0@0+4[0:a][2:b]\n1@4+18[4:\"x\"y\"\"][13:\"1,\r\n2\"]\n2@22+7[22:z][24:\"\"\"]\n"},
	{"a closing quote ends the input", "a\n\"x\"", 0,
	"0@0+2[0:a]\n1@2+3[2:\"x\"]\n"},
	{"spaces and tabs are data", " a ,\tb\n x,y \n", 0,
	"0@0+7[0: a ][4:\tb]\n1@7+6[7: x][10:y ]\n"},
	{"blank lines are skipped and have no number", "\r\n\na\n\n\r\nx\n\n", 0,
	"0@3+2[3:a]\n1@8+2[8:x]\n"},
	{"a single column may be quoted empty", "a\n\"\"\n", 0,
	"0@0+2[0:a]\n1@2+3[2:\"\"]\n"},
	{"a byte order mark is stripped and counted",
		"\xef\xbb\xbf\"a\",b\n1,2\n", 0,
	"0@3+6[3:\"a\"][7:b]\n1@9+4[9:1][11:2]\n"},
	{"a carriage return inside quotes is data", "a\n\"x\ry\"\n", 0,
	"0@0+2[0:a]\n1@2+6[2:\"x\ry\"]\n"},
	{"a file of one byte", "a", 0, "0@0+1[0:a]\n"},
	{"a header alone", "a,b\r\n", 0, "0@0+5[0:a][2:b]\n"},

	{"an empty file", "", 0, "fail 0 code 2 at 0\n"},
	{"a byte order mark alone", "\xef\xbb\xbf", 0, "fail 0 code 2 at 3\n"},
	{"blank lines alone", "\n\r\n", 0, "fail 0 code 2 at 3\n"},
	{"too few and too many fields, and the scan goes on",
		"a,b\n1\n1,2,3\n1,2\n", 0,
		"0@0+4[0:a][2:b]\nreject 1 code 2 at 4\nreject 2 code 2 at 6\n"
	"3@12+4[12:1][14:2]\n"},
	{"a zero byte", "a\nx\0y\nz\n", 8,
	"0@0+2[0:a]\nreject 1 code 3 at 3\n2@6+2[6:z]\n"},
	{"a zero byte behind a doubled quote", "a\n\"x\"\"\0\"\n", 9,
	"0@0+2[0:a]\nreject 1 code 3 at 6\n"},
	{"a zero byte in the header", "abc,\0\n", 6, "fail 0 code 3 at 4\n"},
	{"an unclosed quote", "a\n\"x\ny\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 2\n"},
	{"data after a closing quote", "a\n\"x\"y\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 5\n"},
	{"a space after a closing quote", "a\n\"x\" \n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 5\n"},
	{"a quote inside an unquoted field", "a\nx\"y\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 3\n"},
	{"a space before an opening quote", "a\n \"y\"\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 3\n"},
	{"a lone carriage return in a field", "a\nx\ry\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 3\n"},
	{"a lone carriage return behind quotes", "a\n\"x\"\ry\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 5\n"},
	{"a lone carriage return at the end", "a\nx\r", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 3\n"},
	{"a lone carriage return at the start of a record", "a\n\rx\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 2\n"},
	{"two carriage returns", "a\nx\r\r\ny\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 3\n"},
	{"a carriage return alone at the end", "a\n\r", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 2\n"},
	{"line ends of an old Mac", "a,b\r1,2\r", 0, "fail 0 code 2 at 3\n"},
	{"a lone carriage return before another fault", "a\nx\ry\"z\n", 0,
	"0@0+2[0:a]\nfail 1 code 2 at 3\n"},

	{"UTF-16, little end first", "\xff\xfe\x61\0", 4, "fail 0 code 7 at 0\n"},
	{"UTF-16, big end first", "\xfe\xff\0\x61", 4, "fail 0 code 7 at 0\n"},
	{"UTF-16 without a mark", "a\0b\0\n\0", 6, "fail 0 code 7 at 0\n"},
	{"UTF-32", "\xff\xfe\0\0a\0\0\0", 8, "fail 0 code 7 at 0\n"},
	{"gzip", "\x1f\x8b\x08\0\0", 5, "fail 0 code 7 at 0\n"},
	{"zstd", "\x28\xb5\x2f\xfd", 4, "fail 0 code 7 at 0\n"},
	{"ZIP", "PK\x03\x04", 4, "fail 0 code 7 at 0\n"},
	{"Parquet", "PAR1\x15\x04", 6, "fail 0 code 7 at 0\n"},
};

/* The outcome is the one expected, wherever blocks are cut. */
static void
test_cases(void)
{
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const Case *c = &cases[i];
		size_t		length = c->length ? c->length : strlen(c->input);
		size_t		block;

		for (block = 1; block <= length + 1; block++)
		{
			render(c->input, length, block, &standard, NULL, -1);
			if (strcmp(rendering, c->expected) != 0)
				break;
		}
		if (!TAP_OK(block > length + 1, "%s", c->claim))
			printf("# in blocks of %zu bytes:\n# %s", block, rendering);
	}
}

/* Only the columns asked for are given, in the order asked for. */
static void
test_projection(void)
{
	static const char input[] = "a,b,c\n\"1\"\"\",2,\"3\"\n4,\0,6\nx,y\n";
	static const int columns[] = {2, 0};
	static const char expected[] =
	"0@0+6[0:a][2:b][4:c]\n1@6+12[14:\"3\"][6:\"1\"\"]\n2@18+6[22:6][18:4]\n"
	"reject 3 code 2 at 24\n";
	bool		same = true;
	size_t		block;

	for (block = 1; block < sizeof(input); block++)
	{
		render(input, sizeof(input) - 1, block, &standard, columns, 2);
		same &= strcmp(rendering, expected) == 0;
	}
	TAP_OK(same, "two of three columns, exchanged; a zero byte elsewhere");
	render("a,b\n1,2\n3\n", 10, 4, &standard, columns, 0);
	TAP_OK(strcmp(rendering, "0@0+4[0:a][2:b]\n1@4+4\nreject 2 code 2 at 8\n") == 0,
		   "no column at all still counts records and checks them");
}

/* Columns that do not exist, or are asked for twice, are refused. */
static void
test_project_wrong(void)
{
	static const int wrong[][2] = {{0, 0}, {0, 2}, {-1, 0}};
	size_t		i;

	for (i = 0; i < 3; i++)
	{
		SfdwStatus	status = {0};
		SfdwCsvScan *scan = sfdw_csv_create(&tap_memory, &standard, &status);
		SfdwCsvRecord record;

		sfdw_csv_push(scan, "a,b\n", 4);
		sfdw_csv_next(scan, &record, &status);
		TAP_OK(!sfdw_csv_project(scan, wrong[i], 2, &status) &&
			   status.code == SFDW_UNSUPPORTED, "columns %d and %d",
			   wrong[i][0], wrong[i][1]);
		sfdw_csv_free(scan);
	}
}

/* Another delimiter and quote; combinations that cannot be read. */
static void
test_options(void)
{
	static const SfdwCsvOptions other = {';', '\'', 1000};
	static const SfdwCsvOptions refused[] = {
		{',', ',', 1000}, {'\n', '"', 1000}, {',', '\r', 1000},
	{'\0', '"', 1000}, {',', '"', 15}};
	size_t		i;

	render("a;b\n'x''\"';1,5\n", 15, 3, &other, NULL, -1);
	TAP_OK(strcmp(rendering, "0@0+4[0:a][2:b]\n1@4+11[4:\"x'\"\"][11:1,5]\n") == 0,
		   "semicolon and apostrophe");
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
	{
		SfdwStatus	status = {0};

		TAP_OK(sfdw_csv_create(&tap_memory, &refused[i], &status) == NULL &&
			   status.code == SFDW_UNSUPPORTED, "options %zu are refused", i);
	}
}

/* A record of exactly the limit is read, one byte more is not. */
static void
test_limit(void)
{
	static const SfdwCsvOptions small = {',', '"', 16};
	static const char fits[] = "a\n\"45678\n0123\"\r\n";
	static const char exceeds[] = "a\n\"45678\n01234567\n9\"";
	bool		same = true;
	size_t		block;

	for (block = 1; block < sizeof(exceeds); block++)
	{
		render(fits, sizeof(fits) - 1, block, &small, NULL, -1);
		same &= strcmp(rendering, "0@0+2[0:a]\n1@2+14[2:\"45678\n0123\"]\n") == 0;
		render(exceeds, sizeof(exceeds) - 1, block, &small, NULL, -1);
		same &= strcmp(rendering, "0@0+2[0:a]\nfail 1 code 6 at 2\n") == 0;
	}
	TAP_OK(same, "a record is bounded, wherever blocks are cut");
}

/* A header of too many columns is refused, not believed. */
static void
test_many_columns(void)
{
	static char input[SFDW_CSV_MAX_COLUMNS + 2];
	static const SfdwCsvOptions wide = {',', '"', 100000};

	memset(input, ',', sizeof(input));
	input[SFDW_CSV_MAX_COLUMNS - 1] = '\n';
	render(input, SFDW_CSV_MAX_COLUMNS, 1000, &wide, NULL, -1);
	TAP_OK(strncmp(rendering, "0@0+", 4) == 0, "as many columns as allowed");
	memset(input, ',', sizeof(input));
	render(input, SFDW_CSV_MAX_COLUMNS, 1000, &wide, NULL, -1);
	TAP_OK(strcmp(rendering, "fail 0 code 6 at 0\n") == 0, "one more column");
}

/* Whichever allocation fails, the scan says so and nothing leaks or breaks. */
static void
test_no_memory(void)
{
	static const char input[] = "a,b\n\"x\"\"y\",2\n3,\"4\n5\"\n";
	int			reported = 0;
	int			n;

	for (n = 1; n < 60; n++)
	{
		tap_memory_left = n;
		render(input, sizeof(input) - 1, 5, &standard, NULL, -1);
		reported += strstr(rendering, "code 1 ") != NULL;
		if (strstr(rendering, "fail") == NULL)
			break;
	}
	tap_memory_left = -1;
	TAP_OK(n < 60 && reported == n - 1 && n > 3,
		   "%d allocations failed, each was reported", n - 1);
}

/* After a failure next keeps failing with the same status. */
static void
test_stays_failed(void)
{
	SfdwStatus	status = {0};
	SfdwStatus	again = {0};
	SfdwCsvScan *scan = sfdw_csv_create(&tap_memory, &standard, &status);
	SfdwCsvRecord record;

	sfdw_csv_push(scan, "abc\"d\nx\n", 8);
	TAP_OK(sfdw_csv_next(scan, &record, &status) == SFDW_CSV_FAILED &&
		   sfdw_csv_next(scan, &record, &again) == SFDW_CSV_FAILED &&
		   again.offset == 3 && strcmp(status.message, again.message) == 0,
		   "a failed scan stays failed");
	sfdw_csv_free(scan);
	sfdw_csv_free(NULL);
}

int
main(void)
{
	test_cases();
	test_projection();
	test_project_wrong();
	test_options();
	test_limit();
	test_many_columns();
	test_no_memory();
	test_stays_failed();
	return tap_done();
}
