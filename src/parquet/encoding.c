/*-------------------------------------------------------------------------
 * encoding.c
 *		RLE and bit packing: levels, dictionary indices, booleans
 *
 * Pure.  See encoding.h.
 *-------------------------------------------------------------------------
 */
#include "parquet/encoding.h"

#include <string.h>

/* Numbers are packed in groups of this many, which fill whole bytes. */
#define GROUP 8

/* Seven bits a byte. */
#define MAX_VARINT_BYTES 10

/* Bits that the numbers up to max take. */
int
sfdw_bit_width(uint32_t max)
{
	return max == 0 ? 0 : 32 - __builtin_clz(max);
}

/* Append an unsigned number, seven bits a byte. */
static bool
append_varint(SfdwBuffer *buffer, uint64_t number, SfdwStatus *status)
{
	char		bytes[MAX_VARINT_BYTES];
	size_t		length = 0;

	while (number >= 0x80)
	{
		bytes[length++] = (char) ((number & 0x7f) | 0x80);
		number >>= 7;
	}
	bytes[length++] = (char) number;
	return sfdw_buffer_append(buffer, bytes, length, status);
}

/* Append a run: its length, and the number in whole bytes. */
static bool
append_run(SfdwBuffer *buffer, size_t count, uint32_t number, int bit_width,
		   SfdwStatus *status)
{
	char		bytes[4];
	int			i;

	for (i = 0; i < 4; i++)
		bytes[i] = (char) (number >> (8 * i));
	return append_varint(buffer, (uint64_t) count << 1, status) &&
		sfdw_buffer_append(buffer, bytes, (size_t) (bit_width + 7) / 8, status);
}

/* Pack count numbers, the first in the lowest bits, and pad with zeros. */
static void
pack(char *out, const uint32_t *numbers, size_t count, int bit_width)
{
	uint64_t	word = 0;
	int			bits = 0;
	size_t		i;

	for (i = 0; i < count; i++)
	{
		word |= (uint64_t) numbers[i] << bits;
		bits += bit_width;
		while (bits >= 8)
		{
			*out++ = (char) word;
			word >>= 8;
			bits -= 8;
		}
	}
	if (bits > 0)
		*out = (char) word;
}

/* Append packed groups; only the last call of a page may end inside one. */
static bool
append_packed(SfdwBuffer *buffer, const uint32_t *numbers, size_t count,
			  int bit_width, SfdwStatus *status)
{
	size_t		groups = (count + GROUP - 1) / GROUP;
	size_t		length = groups * (size_t) bit_width;

	if (count == 0)
		return true;
	if (!append_varint(buffer, (uint64_t) groups << 1 | 1, status) ||
		!sfdw_buffer_reserve(buffer, length, status))
		return false;
	memset(buffer->data + buffer->length, 0, length);
	pack(buffer->data + buffer->length, numbers, count, bit_width);
	buffer->length += length;
	return true;
}

/* How many numbers from the first on are equal to it. */
static size_t
run_length(const uint32_t *numbers, size_t count)
{
	size_t		length = 1;

	while (length < count && numbers[length] == numbers[0])
		length++;
	return length;
}

/*
 * Append numbers as runs and packed groups.  A run first gives up what the
 * numbers waiting before it lack to a whole group; it must still be long
 * enough then to be worth its own header.
 */
bool
sfdw_rle_encode(SfdwBuffer *buffer, const uint32_t *numbers, size_t count,
				int bit_width, SfdwStatus *status)
{
	size_t		waiting = 0;
	size_t		at = 0;

	while (at < count)
	{
		size_t		length = run_length(numbers + at, count - at);
		size_t		fill = (GROUP - (at - waiting) % GROUP) % GROUP;

		if (length < fill + GROUP)
		{
			at += length;
			continue;
		}
		if (!append_packed(buffer, numbers + waiting, at + fill - waiting,
						   bit_width, status) ||
			!append_run(buffer, length - fill, numbers[at], bit_width, status))
			return false;
		at += length;
		waiting = at;
	}
	return append_packed(buffer, numbers + waiting, count - waiting, bit_width,
						 status);
}

/* Append definition levels; a page without nulls is one run. */
bool
sfdw_levels_encode(SfdwBuffer *buffer, const uint8_t *levels, size_t count,
				   uint32_t *scratch, SfdwStatus *status)
{
	size_t		start = buffer->length;
	size_t		length;
	size_t		i;
	bool		ok;

	if (!sfdw_buffer_append(buffer, "\0\0\0\0", 4, status))
		return false;
	if (count > 0 && memchr(levels, 0, count) == NULL)
		ok = append_run(buffer, count, 1, 1, status);
	else
	{
		for (i = 0; i < count; i++)
			scratch[i] = levels[i];
		ok = sfdw_rle_encode(buffer, scratch, count, 1, status);
	}
	length = buffer->length - start - 4;
	for (i = 0; i < 4; i++)
		buffer->data[start + i] = (char) (length >> (8 * i));
	return ok;
}

/* Append booleans as bits, the first in the lowest. */
bool
sfdw_bits_encode(SfdwBuffer *buffer, const uint8_t *values, size_t count,
				 SfdwStatus *status)
{
	size_t		length = (count + 7) / 8;
	size_t		i;

	if (!sfdw_buffer_reserve(buffer, length, status))
		return false;
	if (length > 0)
		memset(buffer->data + buffer->length, 0, length);
	for (i = 0; i < count; i++)
		buffer->data[buffer->length + i / 8] |= (char) (values[i] << (i % 8));
	buffer->length += length;
	return true;
}
