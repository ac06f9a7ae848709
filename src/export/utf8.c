/*-------------------------------------------------------------------------
 * utf8.c
 *		Check UTF-8 and write it
 *
 * Pure.  See utf8.h.
 *-------------------------------------------------------------------------
 */
#include "export/utf8.h"

#include "core/eight_bytes.h"

/*
 * A word at a time.  Taking one from every byte borrows only where one is zero,
 * and sets the high bit of no other byte than zero that is ASCII.
 */
size_t
sfdw_utf8_plain(const char *data, size_t length, char except)
{
	const uint64_t ones = SFDW_EACH(1);
	uint64_t	pattern = SFDW_EACH((unsigned char) except);
	size_t		i = 0;

	for (; i + sizeof(uint64_t) <= length; i += sizeof(uint64_t))
	{
		uint64_t	word = sfdw_eight_bytes(data + i);
		uint64_t	excepted = word ^ pattern;

		if ((word | (word - ones) | ((excepted - ones) & ~excepted)) & SFDW_UPPER_BITS)
			break;
	}
	while (i < length && (signed char) data[i] > 0 && data[i] != except)
		i++;
	return i;
}

/* Whether a byte continues a sequence. */
static bool
is_tail(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/*
 * The length of the valid sequence of two to four bytes at data, or 0.  The
 * second byte decides what the length alone cannot: overlong forms (c0, c1, e0
 * 80, f0 80), surrogates (ed a0), what is above U+10FFFF (f4 90).
 */
static size_t
sequence_length(const unsigned char *data, size_t rest)
{
	unsigned char first = data[0];

	if (first >= 0xc2 && first <= 0xdf)
		return rest >= 2 && is_tail(data[1]) ? 2 : 0;
	if (rest < 3 || !is_tail(data[1]) || !is_tail(data[2]))
		return 0;
	if (first == 0xe0 || first == 0xed)
		return (first == 0xe0) == (data[1] >= 0xa0) ? 3 : 0;
	if (first >= 0xe1 && first <= 0xef)
		return 3;
	if (first < 0xf0 || first > 0xf4 || rest < 4 || !is_tail(data[3]))
		return 0;
	if ((first == 0xf0 && data[1] < 0x90) || (first == 0xf4 && data[1] > 0x8f))
		return 0;
	return 4;
}

/* Whether the bytes are valid. */
bool
sfdw_utf8_check(const char *data, size_t length, SfdwStatus *status)
{
	size_t		i = 0;

	while ((i += sfdw_utf8_plain(data + i, length - i, '\0')) < length)
	{
		size_t		taken;

		if (data[i] == '\0')
			return sfdw_fail(status, SFDW_BAD_ENCODING, i,
							 "zero byte in a text");
		taken = sequence_length((const unsigned char *) data + i, length - i);
		if (taken == 0)
			return sfdw_fail(status, SFDW_BAD_ENCODING, i,
							 "invalid byte sequence for encoding UTF-8");
		i += taken;
	}
	return true;
}

/* Write a code point. */
int
sfdw_utf8_encode(uint32_t code_point, char *out)
{
	if (code_point < 0x80)
	{
		out[0] = (char) code_point;
		return 1;
	}
	if (code_point < 0x800)
	{
		out[0] = (char) (0xc0 | code_point >> 6);
		out[1] = (char) (0x80 | (code_point & 0x3f));
		return 2;
	}
	if (code_point < 0x10000)
	{
		out[0] = (char) (0xe0 | code_point >> 12);
		out[1] = (char) (0x80 | (code_point >> 6 & 0x3f));
		out[2] = (char) (0x80 | (code_point & 0x3f));
		return 3;
	}
	out[0] = (char) (0xf0 | code_point >> 18);
	out[1] = (char) (0x80 | (code_point >> 12 & 0x3f));
	out[2] = (char) (0x80 | (code_point >> 6 & 0x3f));
	out[3] = (char) (0x80 | (code_point & 0x3f));
	return 4;
}
