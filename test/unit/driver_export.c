/*
 * Run the pure readers of src/export over cases from standard input, for the
 * differential tests.
 *
 * usage: driver_export csv | unescape | decode
 *
 * A case is a line "LENGTH ARGUMENT", then so many bytes and a line feed.
 * csv:			ARGUMENT is the size of the blocks to push
 *				"R number offset", "F offset is_quoted length" + bytes,
 *				"X number code offset" (rejected), "E number code offset", "."
 * unescape:	ARGUMENT is ignored; "U length" + bytes, or "E code offset"
 * decode:		ARGUMENT is a type; "V value", or "E code offset"
 */
#include "export/csv_scan.h"
#include "export/decode.h"
#include "export/unescape.h"
#include "tap.h"

#include <inttypes.h>

/* Limit of a record in the cases. */
#define MAX_RECORD_SIZE 65536

typedef struct Case
{
	char		argument[64];
	char	   *data;			/* of malloc, exactly length bytes */
	size_t		length;
} Case;

/* Read the next case; false at the end. */
static bool
read_case(Case *c)
{
	if (scanf("%zu %63s", &c->length, c->argument) != 2)
		return false;
	if (getchar() != '\n')
		abort();
	c->data = malloc(c->length ? c->length : 1);
	if (fread(c->data, 1, c->length, stdin) != c->length)
		abort();
	return true;
}

/* Print bytes and a line feed. */
static void
put_bytes(const char *data, size_t length)
{
	fwrite(data, 1, length, stdout);
	putchar('\n');
}

/* Print a record. */
static void
put_record(const SfdwCsvRecord *record)
{
	int			i;

	printf("R %" PRIu64 " %" PRIu64 "\n", record->number, record->offset);
	for (i = 0; i < record->field_count; i++)
	{
		const SfdwCsvField *field = &record->fields[i];

		printf("F %" PRIu64 " %d %zu\n", field->offset, field->is_quoted,
			   field->length);
		put_bytes(field->data, field->length);
	}
}

/* Give the scan its next block, in memory that ends where the block ends. */
static void
push_block(SfdwCsvScan *scan, const Case *c, size_t *position, char **block)
{
	size_t		size = strtoul(c->argument, NULL, 10);

	if (size > c->length - *position)
		size = c->length - *position;
	free(*block);
	*block = NULL;
	if (size == 0)
	{
		sfdw_csv_finish(scan);
		return;
	}
	*block = malloc(size);
	memcpy(*block, c->data + *position, size);
	*position += size;
	sfdw_csv_push(scan, *block, size);
}

/* Scan a case. */
static void
run_csv(const Case *c)
{
	static const SfdwCsvOptions options = {',', '"', MAX_RECORD_SIZE};
	SfdwStatus	status = {0};
	SfdwCsvScan *scan = sfdw_csv_create(&tap_memory, &options, &status);
	SfdwCsvRecord record;
	SfdwCsvResult result;
	size_t		position = 0;
	char	   *block = NULL;

	do
	{
		result = sfdw_csv_next(scan, &record, &status);
		if (result == SFDW_CSV_NEED_INPUT)
			push_block(scan, c, &position, &block);
		else if (result == SFDW_CSV_RECORD)
			put_record(&record);
		else if (result != SFDW_CSV_END)
			printf("%c %" PRIu64 " %d %" PRIu64 "\n",
				   result == SFDW_CSV_REJECTED ? 'X' : 'E',
				   sfdw_csv_record_number(scan), status.code, status.offset);
	} while (result != SFDW_CSV_END && result != SFDW_CSV_FAILED);
	puts(".");
	sfdw_csv_free(scan);
	free(block);
}

/* Unescape a case. */
static void
run_unescape(const Case *c)
{
	SfdwStatus	status = {0};
	SfdwBuffer	buffer;
	const char *out;
	size_t		length;

	sfdw_buffer_init(&buffer, &tap_memory, 1 << 20);
	if (sfdw_unescape(c->data, c->length, &buffer, &out, &length, &status))
	{
		printf("U %zu\n", length);
		put_bytes(out, length);
	}
	else
		printf("E %d %" PRIu64 "\n", status.code, status.offset);
	sfdw_buffer_free(&buffer);
}

/* Decode a number of the type that the case names; false for another type. */
static bool
decode_number(const Case *c, SfdwStatus *status)
{
	static const SfdwNumericLimits plain = {0, 0};
	static const SfdwNumericLimits limited = {7, 2};
	bool		is_limited = strcmp(c->argument, "numeric(7,2)") == 0;
	SfdwBuffer	buffer;
	int16_t		small;
	int32_t		medium;
	int64_t		wide;
	double		real;

	if (strcmp(c->argument, "smallint") == 0)
	{
		if (sfdw_decode_int2(c->data, c->length, &small, status))
			printf("V %d\n", small);
	}
	else if (strcmp(c->argument, "integer") == 0)
	{
		if (sfdw_decode_int4(c->data, c->length, &medium, status))
			printf("V %d\n", medium);
	}
	else if (strcmp(c->argument, "bigint") == 0)
	{
		if (sfdw_decode_int8(c->data, c->length, &wide, status))
			printf("V %" PRId64 "\n", wide);
	}
	else if (strcmp(c->argument, "float8") == 0)
	{
		if (sfdw_decode_float8(c->data, c->length, &real, status))
			printf("V %.17g\n", real);
	}
	else if (strcmp(c->argument, "numeric") == 0 || is_limited)
	{
		sfdw_buffer_init(&buffer, &tap_memory, 1 << 20);
		if (sfdw_decode_numeric(c->data, c->length,
								is_limited ? &limited : &plain, &buffer,
								status))
			printf("V %s\n", buffer.data);
		sfdw_buffer_free(&buffer);
	}
	else
		return false;
	return true;
}

/* Decode a value that is no number. */
static void
decode_other(const Case *c, SfdwStatus *status)
{
	unsigned char uuid[SFDW_UUID_LENGTH];
	bool		truth;
	int32_t		days;
	int64_t		micros;
	int			i;

	if (strcmp(c->argument, "boolean") == 0)
	{
		if (sfdw_decode_bool(c->data, c->length, &truth, status))
			printf("V %s\n", truth ? "true" : "false");
	}
	else if (strcmp(c->argument, "date") == 0)
	{
		if (sfdw_decode_date(c->data, c->length, &days, status))
			printf("V %d\n", days);
	}
	else if (strcmp(c->argument, "time") == 0)
	{
		if (sfdw_decode_time(c->data, c->length, &micros, status))
			printf("V %" PRId64 "\n", micros);
	}
	else if (strcmp(c->argument, "timestamptz") == 0 ||
			 strcmp(c->argument, "timestamp") == 0)
	{
		if (sfdw_decode_timestamp(c->data, c->length,
								  strcmp(c->argument, "timestamp") == 0
								  ? SFDW_ZONE_UTC : SFDW_ZONE_REQUIRED,
								  &micros, status))
			printf("V %" PRId64 "\n", micros);
	}
	else if (strcmp(c->argument, "uuid") == 0)
	{
		if (!sfdw_decode_uuid(c->data, c->length, uuid, status))
			return;
		printf("V ");
		for (i = 0; i < SFDW_UUID_LENGTH; i++)
			printf("%02x", uuid[i]);
		printf("\n");
	}
	else
		abort();
}

/* Decode a case. */
static void
run_decode(const Case *c)
{
	SfdwStatus	status = {0};

	if (!decode_number(c, &status))
		decode_other(c, &status);
	if (status.code != SFDW_OK)
		printf("E %d %" PRIu64 "\n", status.code, status.offset);
}

int
main(int argc, char **argv)
{
	Case		c;
	void		(*run) (const Case *c) = NULL;

	if (argc == 2 && strcmp(argv[1], "csv") == 0)
		run = run_csv;
	else if (argc == 2 && strcmp(argv[1], "unescape") == 0)
		run = run_unescape;
	else if (argc == 2 && strcmp(argv[1], "decode") == 0)
		run = run_decode;
	else
	{
		fprintf(stderr, "usage: driver_export csv | unescape | decode\n");
		return EXIT_FAILURE;
	}
	while (read_case(&c))
	{
		run(&c);
		free(c.data);
	}
	return EXIT_SUCCESS;
}
