/* parquet/encoding.c: what is encoded is decoded by a naive model. */
#include "parquet/encoding.h"
#include "random.h"
#include "tap.h"

#define MAX_COUNT 5000

/* Take one bit after another, the lowest first. */
static uint32_t
take_bits(const unsigned char *data, uint64_t *bit, int width)
{
	uint32_t	number = 0;
	int			i;

	for (i = 0; i < width; i++, (*bit)++)
		number |= (uint32_t) (data[*bit / 8] >> (*bit % 8) & 1) << i;
	return number;
}

/* Decode a hybrid to exactly count numbers; false when it has other bytes. */
static bool
decode_hybrid(const unsigned char *data, size_t length, int width,
			  uint32_t *numbers, size_t count)
{
	size_t		at = 0;
	size_t		done = 0;

	while (at < length)
	{
		uint64_t	header = 0;
		int			shift = 0;

		do
			header |= (uint64_t) (data[at] & 0x7f) << shift;
		while (shift += 7, data[at++] & 0x80);
		if (header & 1)
		{
			uint64_t	bit = (uint64_t) at * 8;
			uint64_t	i;

			for (i = 0; i < (header >> 1) * 8; i++)
			{
				uint32_t	number = take_bits(data, &bit, width);

				if (done < count)
					numbers[done++] = number;
				else if (number != 0)
					return false;
			}
			at += (header >> 1) * (size_t) width;
		}
		else
		{
			uint32_t	number = 0;
			uint64_t	i;

			memcpy(&number, data + at, (size_t) (width + 7) / 8);
			at += (size_t) (width + 7) / 8;
			for (i = 0; i < header >> 1; i++)
			{
				if (done == count)
					return false;
				numbers[done++] = number;
			}
		}
	}
	return at == length && done == count;
}

/* Fill with runs of random lengths, so that all ways through are taken. */
static void
fill(uint32_t *numbers, size_t count, int width, int longest_run)
{
	size_t		at = 0;

	while (at < count)
	{
		uint32_t	number = (uint32_t) (random_next() &
										 ((UINT64_C(1) << width) - 1));
		uint64_t	run = 1 + random_below((uint64_t) longest_run);

		while (run-- > 0 && at < count)
			numbers[at++] = number;
	}
}

/* Numbers of every width, with runs of all lengths, come back. */
static void
test_hybrid(void)
{
	static uint32_t numbers[MAX_COUNT];
	static uint32_t decoded[MAX_COUNT];
	static const int longest_runs[] = {1, 3, 9, 20, 3000};
	SfdwStatus	status = {0};
	SfdwBuffer	buffer;
	int			tried = 0;
	int			wrong = 0;
	int			width;
	size_t		i;

	sfdw_buffer_init(&buffer, &tap_memory, 1 << 20);
	for (width = 1; width <= SFDW_MAX_BIT_WIDTH; width++)
		for (i = 0; i < 40; i++, tried++)
		{
			size_t		count = (size_t) random_below(i < 20 ? 40 : MAX_COUNT);

			fill(numbers, count, width, longest_runs[i % 5]);
			sfdw_buffer_reset(&buffer);
			if (!sfdw_rle_encode(&buffer, numbers, count, width, &status) ||
				!decode_hybrid((unsigned char *) buffer.data, buffer.length,
							   width, decoded, count) ||
				memcmp(numbers, decoded, count * sizeof(uint32_t)) != 0)
				wrong++;
		}
	TAP_OK(wrong == 0, "%d hybrids of widths 1 to 32 are decoded (%d wrong)",
		   tried, wrong);
	fill(numbers, 1000, 1, 1);
	for (i = 0; i < 1000; i++)
		numbers[i] = 7;
	sfdw_buffer_reset(&buffer);
	sfdw_rle_encode(&buffer, numbers, 1000, 3, &status);
	TAP_OK(buffer.length == 3, "1,000 equal numbers take three bytes");
	sfdw_buffer_free(&buffer);
}

/* Levels have their length in front, and nulls where they were. */
static void
test_levels(void)
{
	static uint8_t levels[MAX_COUNT];
	static uint32_t scratch[MAX_COUNT];
	static uint32_t decoded[MAX_COUNT];
	SfdwStatus	status = {0};
	SfdwBuffer	buffer;
	int			wrong = 0;
	int			tries;

	sfdw_buffer_init(&buffer, &tap_memory, 1 << 20);
	for (tries = 0; tries < 200; tries++)
	{
		size_t		count = 1 + (size_t) random_below(MAX_COUNT - 1);
		uint64_t	one_in = 1 + random_below(50);
		uint32_t	length = 0;
		size_t		i;

		for (i = 0; i < count; i++)
			levels[i] = tries == 0 || random_below(one_in) != 0;
		sfdw_buffer_reset(&buffer);
		sfdw_levels_encode(&buffer, levels, count, scratch, &status);
		memcpy(&length, buffer.data, 4);
		if (length + 4 != buffer.length ||
			!decode_hybrid((unsigned char *) buffer.data + 4, length, 1,
						   decoded, count))
			wrong++;
		for (i = 0; i < count; i++)
			wrong += decoded[i] != levels[i];
	}
	TAP_OK(wrong == 0 && status.code == SFDW_OK,
		   "200 pages of levels are decoded (%d wrong)", wrong);
	sfdw_buffer_free(&buffer);
}

/* Booleans are bits, the first in the lowest. */
static void
test_bits(void)
{
	static const uint8_t values[] = {1, 0, 0, 1, 1, 0, 0, 0, 1, 1};
	SfdwStatus	status = {0};
	SfdwBuffer	buffer;

	sfdw_buffer_init(&buffer, &tap_memory, 100);
	TAP_OK(sfdw_bits_encode(&buffer, values, 10, &status) &&
		   buffer.length == 2 && memcmp(buffer.data, "\x19\x03", 2) == 0,
		   "ten booleans are two bytes");
	sfdw_buffer_free(&buffer);
	TAP_OK(sfdw_bit_width(0) == 0 && sfdw_bit_width(1) == 1 &&
		   sfdw_bit_width(255) == 8 && sfdw_bit_width(256) == 9 &&
		   sfdw_bit_width(UINT32_MAX) == 32, "widths of numbers");
}

int
main(void)
{
	test_hybrid();
	test_levels();
	test_bits();
	return tap_done();
}
