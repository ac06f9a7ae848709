/*
 * Fuzz export/csv_scan.c with libFuzzer: make fuzz.
 *
 * The first byte is the size of the blocks.  Whatever the input is, the result
 * must be the same as in one block, and each field must be what stands at its
 * offset: its bytes, with the quotes put back.
 */
#include "export/csv_scan.h"

#include <stdlib.h>
#include <string.h>

#define MAX_RECORD_SIZE 4096

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory of malloc. */
static void *
resize(void *context, void *pointer, size_t size)
{
	if (size == 0)
	{
		free(pointer);
		return NULL;
	}
	return realloc(pointer, size);
}

static const SfdwMemory memory = {resize, NULL};

/* Mix a number into a checksum of what the scan said. */
static uint64_t
mix(uint64_t sum, uint64_t value)
{
	return (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

/* The field, with its quotes put back, is the input at its offset. */
static void
check_field(const SfdwCsvField *field, const char *input, size_t size)
{
	size_t		at = field->offset;
	size_t		i;

	if (field->is_quoted && (at >= size || input[at++] != '"'))
		abort();
	for (i = 0; i < field->length; i++)
	{
		if (sfdw_csv_field_offset(field, '"', i) != at)
			abort();
		if (at >= size || input[at++] != field->data[i])
			abort();
		if (field->is_quoted && field->data[i] == '"' &&
			(at >= size || input[at++] != '"'))
			abort();
	}
	if (field->is_quoted && (at >= size || input[at] != '"'))
		abort();
}

/* Mix a record into the checksum. */
static uint64_t
mix_record(uint64_t sum, const SfdwCsvRecord *record, const char *input,
		   size_t size)
{
	int			i;

	sum = mix(sum, record->number);
	sum = mix(sum, record->offset);
	for (i = 0; i < record->field_count; i++)
	{
		check_field(&record->fields[i], input, size);
		sum = mix(sum, record->fields[i].offset);
		sum = mix(sum, record->fields[i].length);
		sum = mix(sum, record->fields[i].is_quoted);
	}
	return sum;
}

/* Scan in blocks, each in memory of its own; the checksum of what was said. */
static uint64_t
scan_blocks(const char *input, size_t size, size_t block_size)
{
	static const SfdwCsvOptions options = {',', '"', MAX_RECORD_SIZE};
	SfdwStatus	status = {0};
	SfdwCsvScan *scan = sfdw_csv_create(&memory, &options, &status);
	SfdwCsvRecord record;
	SfdwCsvResult result;
	uint64_t	sum = 0;
	size_t		position = 0;
	char	   *block = NULL;

	do
	{
		result = sfdw_csv_next(scan, &record, &status);
		if (result == SFDW_CSV_NEED_INPUT)
		{
			size_t		n = size - position < block_size
			? size - position : block_size;

			free(block);
			block = NULL;
			if (n == 0)
				sfdw_csv_finish(scan);
			else
			{
				block = malloc(n);
				memcpy(block, input + position, n);
				sfdw_csv_push(scan, block, n);
				position += n;
			}
			continue;
		}
		sum = mix(sum, result);
		if (result == SFDW_CSV_RECORD)
			sum = mix_record(sum, &record, input, size);
		else if (result != SFDW_CSV_END)
		{
			sum = mix(sum, status.code);
			sum = mix(sum, status.offset);
			if (status.offset > size)
				abort();
		}
	} while (result != SFDW_CSV_END && result != SFDW_CSV_FAILED);
	sfdw_csv_free(scan);
	free(block);
	return sum;
}

/* One input. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *input = (const char *) data + 1;

	if (size < 1)
		return 0;
	if (scan_blocks(input, size - 1, data[0] % 64 + 1) !=
		scan_blocks(input, size - 1, size))
		abort();
	return 0;
}
