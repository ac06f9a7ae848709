/*
 * Fuzz export/decode.c, decode_time.c and unescape.c with libFuzzer: make fuzz.
 *
 * The first byte chooses the type.  Whatever the text is: a failure has a code,
 * a message and an offset inside the text; a value is one that its type has.
 */
#include "export/decode.h"
#include "export/infer.h"
#include "export/record_id.h"
#include "export/unescape.h"
#include "export/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MICROS_PER_DAY INT64_C(86400000000)

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

/* A rule that must hold. */
static void
require(bool condition)
{
	if (!condition)
		abort();
}

/* Decode a number of some type; true when it was one. */
static bool
fuzz_number(int type, const char *text, size_t length, SfdwStatus *status)
{
	SfdwNumericLimits limits = {type == 4 ? 7 : 0, 2};
	SfdwBuffer	buffer;
	int16_t		small;
	int32_t		medium;
	int64_t		wide;
	double		real;
	bool		done;

	switch (type)
	{
		case 0:
			return sfdw_decode_int2(text, length, &small, status);
		case 1:
			return sfdw_decode_int4(text, length, &medium, status);
		case 2:
			return sfdw_decode_int8(text, length, &wide, status);
		case 3:
		case 4:
			sfdw_buffer_init(&buffer, &memory, 10000);
			done = sfdw_decode_numeric(text, length, &limits, &buffer, status);
			require(!done || strlen(buffer.data) == buffer.length);
			sfdw_buffer_free(&buffer);
			return done;
		default:
			done = sfdw_decode_float8(text, length, &real, status);
			require(!done || isfinite(real));
			return done;
	}
}

/* Decode a date or a time of some type; true when it was one. */
static bool
fuzz_time(int type, const char *text, size_t length, SfdwStatus *status)
{
	int32_t		days;
	int64_t		micros;
	bool		done;

	switch (type)
	{
		case 6:
			done = sfdw_decode_date(text, length, &days, status);
			require(!done || (days >= -730119 && days <= 2921939));
			return done;
		case 7:
			done = sfdw_decode_time(text, length, &micros, status);
			require(!done || (micros >= 0 && micros < MICROS_PER_DAY));
			return done;
		default:
			done = sfdw_decode_timestamp(text, length,
										 type == 8 ? SFDW_ZONE_REQUIRED
										 : SFDW_ZONE_UTC, &micros, status);
			require(!done || (micros >= -730120 * MICROS_PER_DAY &&
							  micros <= 2921941 * MICROS_PER_DAY));
			return done;
	}
}

/* Unescape; true when it was right. */
static bool
fuzz_text(const char *text, size_t length, SfdwStatus *status)
{
	SfdwBuffer	buffer;
	const char *out;
	size_t		out_length;
	bool		done;

	sfdw_buffer_init(&buffer, &memory, 1 << 20);
	done = sfdw_unescape(text, length, &buffer, &out, &out_length, status);
	require(!done || (out_length <= length &&
					  sfdw_utf8_check(out, out_length, status)));
	sfdw_buffer_free(&buffer);
	return done;
}

/* Split, infer and read as an id; nothing of that can fail otherwise. */
static bool
fuzz_other(int type, const char *text, size_t length, SfdwStatus *status)
{
	SfdwInference inference;
	unsigned char uuid[SFDW_UUID_LENGTH];
	char		id[SFDW_ID_LONG_LENGTH];
	bool		truth;
	size_t		position = 0;
	size_t		total = 0;
	const char *piece;
	size_t		piece_length;

	if (type == 11)
		return sfdw_decode_uuid(text, length, uuid, status);
	if (type == 12)
		return sfdw_decode_bool(text, length, &truth, status);
	if (type == 13)
		return sfdw_record_id_extend(text, length, id, status);
	while (sfdw_decode_next_choice(text, length, &position, &piece,
								   &piece_length))
		total += piece_length + 1;
	require(length == 0 || total == length + 1);
	sfdw_infer_init(&inference);
	sfdw_infer_add(&inference, text, length);
	require(sfdw_infer_sql(&inference) != NULL);
	return true;
}

/* One input, in memory that ends where the text ends. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SfdwStatus	status = {0};
	char	   *text;
	size_t		length = size - 1;
	bool		done;
	int			type;

	if (size < 1)
		return 0;
	type = data[0] % 15;
	text = malloc(length ? length : 1);
	memcpy(text, data + 1, length);
	if (type <= 5)
		done = fuzz_number(type, text, length, &status);
	else if (type <= 9)
		done = fuzz_time(type, text, length, &status);
	else if (type == 10)
		done = fuzz_text(text, length, &status);
	else
		done = fuzz_other(type, text, length, &status);
	require(done == (status.code == SFDW_OK));
	require(done || (status.message[0] != '\0' && status.offset <= length));
	free(text);
	return 0;
}
