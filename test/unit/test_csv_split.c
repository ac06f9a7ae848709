/*
 * Claim: each way of splitting a record by masks finds the fields that the
 * rules of csv_split.h say, read here one byte at a time, and leaves alone what
 * they leave; and a scan gives the same records, rejections and failures whether
 * records are split by masks (one block) or read by libcsv (a byte a block).
 *
 * SFDW_ALL tries fifty times as many.
 */
#include "export/csv_scan.h"
#include "export/csv_split.h"
#include "random.h"
#include "tap.h"

#define MAX_TEXT 400
#define MAX_COLUMNS 40

static const SfdwCsvOptions options = {',', '"', 4096};

/* What a byte is, most of the time: quotes and separators, often together. */
static char
random_byte(int kind)
{
	static const char alphabets[4][17] = {
		"aaaaabcdef,,,\"\"\n\r", "aaaaaaaaaaaaaa,,\n", "\"\"\"\"\"\"\"\",,aa\n\r\n", "aaaaaa,,,,,,,,,\n\n"
	};
	uint64_t	rare = random_below(400);

	if (rare < 3)
		return rare == 0 ? '\0' : rare == 1 ? (char) 0xc3 : '\\';
	return alphabets[kind][random_below(16)];
}

/* A text of that length. */
static size_t
random_text(char *text)
{
	int			kind = (int) random_below(4);
	size_t		length = random_below(MAX_TEXT);

	for (size_t i = 0; i < length; i++)
		text[i] = random_byte(kind);
	return length;
}

/* A quoted value at *at; false when its quote is not closed. */
static bool
skip_quoted(const char *text, size_t length, size_t *at)
{
	for ((*at)++; *at < length; (*at)++)
	{
		if (text[*at] == '\0')
			return false;
		if (text[*at] != '"')
			continue;
		(*at)++;
		if (*at == length || text[*at] != '"')
			return true;
	}
	return false;
}

/* One field at *at, up to what follows it; false when it is odd. */
static bool
skip_field(const char *text, size_t length, size_t *at)
{
	if (*at < length && text[*at] == '"')
		return skip_quoted(text, length, at) && *at < length &&
			memchr(",\n\r", text[*at], 3) != NULL;
	while (*at < length && memchr(",\n\r", text[*at], 3) == NULL)
	{
		if (text[*at] == '"' || text[*at] == '\0')
			return false;
		(*at)++;
	}
	return *at < length;
}

/* The rules, a byte at a time: the spans of all fields, or false. */
static bool
split_plainly(const char *text, size_t length, int column_count,
			  SfdwCsvSpan *spans, size_t *record_length)
{
	size_t		at = 0;

	for (int column = 0;; column++)
	{
		SfdwCsvSpan span = {.start = (uint32_t) at};

		if (!skip_field(text, length, &at))
			return false;
		span.end = (uint32_t) at;
		if (column < column_count)
			spans[column] = span;
		if (text[at] == ',')
		{
			at++;
			continue;
		}
		if (text[at] == '\r' && (++at == length || text[at] != '\n'))
			return false;
		*record_length = at + 1;
		return column + 1 == column_count && spans[0].start + at > 0 &&
			text[0] != '\n' && !(text[0] == '\r' && at == 1);
	}
}

/* How many columns the record seems to have, so that many texts fit. */
static int
guess_columns(const char *text, size_t length)
{
	int			count = 1;
	bool		is_quoted = false;

	for (size_t i = 0; i < length; i++)
	{
		is_quoted ^= text[i] == '"';
		count += !is_quoted && text[i] == ',';
		if (!is_quoted && text[i] == '\n')
			break;
	}
	if (random_below(20) == 0)
		count++;
	return count > MAX_COLUMNS ? MAX_COLUMNS : count;
}

/* Some columns, ascending. */
static int
random_columns(int column_count, int *columns)
{
	uint64_t	share = random_below(5);
	int			count = 0;

	for (int i = 0; i < column_count; i++)
		if (random_below(4) < share)
			columns[count++] = i;
	return count;
}

/* Whether one way agrees with the rules about one text. */
static bool
agrees(SfdwCsvSplit split, const char *text, size_t length, bool *is_split)
{
	int			columns[MAX_COLUMNS];
	SfdwCsvSplitter splitter = {',', '"', guess_columns(text, length), columns};
	SfdwCsvSpan expected[MAX_COLUMNS];
	SfdwCsvSpan spans[MAX_COLUMNS];
	size_t		expected_length = 0;
	SfdwCsvSplitRecord record = {0};
	bool		is_plain = true;

	splitter.wanted_count = random_columns(splitter.column_count, columns);
	*is_split = split_plainly(text, length, splitter.column_count, expected,
							  &expected_length);
	if (split(&splitter, text, length, spans, &record) != *is_split)
		return false;
	if (!*is_split)
		return true;
	for (int i = 0; i < splitter.wanted_count; i++)
		if (spans[i].start != expected[columns[i]].start ||
			spans[i].end != expected[columns[i]].end)
			return false;
	for (size_t i = 0; i < expected_length; i++)
		is_plain &= (unsigned char) text[i] < 0x80 && text[i] != '\\';
	return record.length == expected_length && record.is_plain == is_plain;
}

/* Every way, about the same texts, each in memory of its own size. */
static void
test_ways(int tries)
{
	for (int way = 0; way < SFDW_CSV_SPLIT_WAYS; way++)
	{
		const char *name = "no such way";
		SfdwCsvSplit split;
		int			wrong = 0;
		int			splits = 0;

		if (!sfdw_csv_split_way(way, &name, &split))
		{
			printf("# way %d is not for this machine\n", way);
			continue;
		}
		random_state = 4711;
		for (int i = 0; i < tries; i++)
		{
			char		text[MAX_TEXT];
			size_t		length = random_text(text);
			char	   *exact = malloc(length + 1);
			bool		is_split;

			memcpy(exact, text, length);
			wrong += !agrees(split, exact, length, &is_split);
			splits += is_split;
			free(exact);
		}
		TAP_OK(wrong == 0, "%s: %d of %d texts are split otherwise", name, wrong, tries);
		TAP_OK(splits > tries / 20, "%s: %d of them are split at all", name, splits);
	}
}

/* A line end, a quote and a delimiter at every place of two chunks. */
static void
test_places(void)
{
	static const char *const ends[] = {"\n", "\r\n", "\"\n", "\"\r\n", ",\n", ",x\r\n", "\"\"\"\n", "\rx\n", "\"x\n", "\r", "\"a\"\n", "\"\",\n"};
	int			wrong = 0;

	for (int way = 0; way < SFDW_CSV_SPLIT_WAYS; way++)
		for (size_t place = 0; place < 200; place++)
			for (size_t end = 0; end < sizeof(ends) / sizeof(ends[0]); end++)
				for (int quoted = 0; quoted < 2; quoted++)
				{
					char		text[300];
					const char *name;
					SfdwCsvSplit split;
					bool		is_split;

					if (!sfdw_csv_split_way(way, &name, &split))
						continue;
					memset(text, 'x', sizeof(text));
					if (quoted)
						text[0] = '"';
					memcpy(text + place, ends[end], strlen(ends[end]));
					wrong += !agrees(split, text, place + strlen(ends[end]) + random_below(70), &is_split);
				}
	TAP_OK(wrong == 0, "%d records with an end at some place are split otherwise", wrong);
}

/* Mix a number into a checksum. */
static uint64_t
mix(uint64_t sum, uint64_t value)
{
	return (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

/* Mix a record into it. */
static uint64_t
mix_record(uint64_t sum, const SfdwCsvRecord *record)
{
	sum = mix(sum, record->number);
	sum = mix(mix(sum, record->offset), record->length);
	for (int i = 0; i < record->field_count; i++)
	{
		const SfdwCsvField *field = &record->fields[i];

		sum = mix(mix(sum, field->offset), field->length);
		sum = mix(sum, (uint64_t) field->is_quoted * 2 + field->is_doubled);
		for (size_t k = 0; k < field->length; k++)
			sum = mix(sum, (unsigned char) field->data[k]);
	}
	return sum;
}

/* What a scan in blocks says of a text; every second column is asked for, the
 * last first, when is_projected. */
static uint64_t
scan(const char *text, size_t length, size_t block, bool is_projected, int *records)
{
	SfdwStatus	status = {0};
	SfdwCsvScan *scanned = sfdw_csv_create(&tap_memory, &options, &status);
	SfdwCsvRecord record;
	SfdwCsvResult result;
	size_t		at = 0;
	uint64_t	sum = 0;

	do
	{
		result = sfdw_csv_next(scanned, &record, &status);
		if (result == SFDW_CSV_NEED_INPUT)
		{
			size_t		next = length - at < block ? length - at : block;

			if (next == 0)
				sfdw_csv_finish(scanned);
			else
				sfdw_csv_push(scanned, text + at, next);
			at += next;
			continue;
		}
		sum = mix(sum, (uint64_t) result);
		if (result == SFDW_CSV_RECORD)
		{
			sum = mix_record(sum, &record);
			(*records)++;
			if (record.number == 0 && is_projected)
			{
				int			columns[MAX_TEXT];
				int			count = 0;

				for (int i = record.field_count - 1; i >= 0; i -= 2)
					columns[count++] = i;
				(void) sfdw_csv_project(scanned, columns, count, &status);
			}
		}
		else if (result != SFDW_CSV_END)
		{
			sum = mix(mix(sum, status.code), status.offset);
			sum = mix(sum, (uint64_t) sfdw_csv_failed_field(scanned));
		}
	} while (result != SFDW_CSV_END && result != SFDW_CSV_FAILED);
	sfdw_csv_free(scanned);
	return sum;
}

/* Append a record of so many fields, mostly a good one. */
static size_t
random_record(char *text, int columns)
{
	static const char *const values[] = {
		"", "x", "0061N00000abcdEQAQ", "\"\"", "\"a,b\"", "\"line\nbreak\"", "\"say \"\"no\"\"\"", "\"\"\"\"",
		"\"crlf\r\n\"", "a value of some length that goes over the end of a chunk or two perhaps", "\"\r\"", " x "
	};
	static const char *const bad[] = {"a\"b", "\"a\"b", "\rx", "\"open"};
	size_t		length = 0;
	int			count = random_below(60) == 0 ? columns + 1 : columns;

	for (int i = 0; i < count; i++)
	{
		const char *value = random_below(500) == 0 ? bad[random_below(4)] : values[random_below(12)];
		size_t		size = strlen(value);

		memcpy(text + length, value, size);
		length += size;
		text[length++] = ',';
	}
	length--;
	if (random_below(4) == 0)
		text[length++] = '\r';
	text[length++] = '\n';
	if (random_below(30) == 0)
		text[length++] = '\n';
	return length;
}

/* Whole files, both ways, and with a byte changed here and there. */
static void
test_scans(int tries)
{
	static char text[64 * 1024];
	int			wrong = 0;
	int			records = 0;

	for (int i = 0; i < tries; i++)
	{
		int			columns = (int) random_below(12) + 1;
		size_t		length = 0;
		bool		is_projected = random_below(2) == 0;
		int			ignored = 0;

		for (int k = (int) random_below(30) + 1; k > 0; k--)
			length += random_record(text + length, columns);
		if (random_below(3) == 0)
			text[random_below(length)] = random_byte((int) random_below(3));
		if (random_below(5) == 0)
			length = random_below(length) + 1;
		wrong += scan(text, length, length, is_projected, &records) !=
			scan(text, length, 1, is_projected, &ignored);
		wrong += scan(text, length, random_below(200) + 1, is_projected, &ignored) !=
			scan(text, length, 1, is_projected, &ignored);
	}
	TAP_OK(wrong == 0, "%d of %d files are read otherwise by libcsv alone", wrong, tries);
	TAP_OK(records > tries * 3, "%d records were read", records);
}

int
main(void)
{
	int			times = getenv("SFDW_ALL") == NULL ? 1 : 50;

	test_ways(100000 * times);
	test_places();
	test_scans(20000 * times);
	return tap_done();
}
