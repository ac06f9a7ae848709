/*-------------------------------------------------------------------------
 * convert.c
 *		Convert text of other encodings to UTF-8
 *
 * Pure.  See convert.h.
 *-------------------------------------------------------------------------
 */
#include "export/convert.h"

#include "export/file_kind.h"
#include "export/utf8.h"

#include <string.h>

/* No byte is waiting for the other half of its unit. */
#define NO_BYTE (-1)

typedef struct Converter
{
	SfdwFilter	base;
	SfdwEncoding encoding;
	char		start[SFDW_FILE_KIND_LENGTH];	/* first bytes of the file */
	size_t		start_length;
	bool		is_started;
	uint64_t	position;		/* bytes converted */
	size_t		length;			/* bytes of output */

	/* of UTF-16 */
	bool		is_big_endian;
	int			byte;			/* first of a unit, or NO_BYTE */
	uint32_t	high;			/* first surrogate of a pair, or 0 */
} Converter;

/* Windows-1252 from 0x80 to 0x9f; 0: there is no such character. */
static const uint16_t windows_1252[] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178
};

/* Whether the output has room for so many bytes. */
static bool
has_room(const Converter *converter, size_t length)
{
	return SFDW_FILTER_BLOCK_SIZE - converter->length >= length;
}

/* Write a character. */
static void
put(Converter *converter, uint32_t code_point)
{
	converter->length += sfdw_utf8_encode(code_point,
										  converter->base.output +
										  converter->length);
}

/* Write bytes as they are; as many as there is room for. */
static size_t
copy(Converter *converter, const char *data, size_t length)
{
	size_t		room = SFDW_FILTER_BLOCK_SIZE - converter->length;

	if (length > room)
		length = room;
	memcpy(converter->base.output + converter->length, data, length);
	converter->length += length;
	return length;
}

/* Convert one byte that is not ASCII. */
static bool
convert_byte(Converter *converter, unsigned char byte, size_t at)
{
	uint32_t	code_point = byte;

	if (converter->encoding == SFDW_ENCODING_WINDOWS_1252 &&
		byte >= 0x80 && byte < 0xa0)
		code_point = windows_1252[byte - 0x80];
	if (code_point == 0 && byte != 0)
		return sfdw_fail(&converter->base.failure, SFDW_BAD_ENCODING,
						 converter->position + at,
						 "byte that encoding windows-1252 does not have");
	put(converter, code_point);
	return true;
}

/* Convert an encoding of one byte a character; gives what it took. */
static size_t
convert_bytes(Converter *converter, const char *data, size_t length)
{
	size_t		i = 0;

	while (has_room(converter, SFDW_UTF8_MAX_LENGTH))
	{
		i += copy(converter, data + i,
				  sfdw_utf8_plain(data + i, length - i, '\0'));
		if (i == length)
			break;
		if (!has_room(converter, SFDW_UTF8_MAX_LENGTH))
			break;
		if (!convert_byte(converter, (unsigned char) data[i], i))
			break;
		i++;
	}
	return i;
}

/* Convert a unit of UTF-16 that ends before byte at. */
static bool
convert_unit(Converter *converter, uint32_t unit, uint64_t at)
{
	bool		is_high = unit >= 0xd800 && unit < 0xdc00;
	bool		is_low = unit >= 0xdc00 && unit < 0xe000;

	if (is_low != (converter->high != 0))
		return sfdw_fail(&converter->base.failure, SFDW_BAD_ENCODING,
						 at - (is_low ? 2 : 4),
						 "surrogate without its other half");
	if (is_low)
		put(converter, 0x10000 + ((converter->high - 0xd800) << 10) +
			(unit - 0xdc00));
	else if (!is_high)
		put(converter, unit);
	converter->high = is_high ? unit : 0;
	return true;
}

/* Convert UTF-16; gives what it took. */
static size_t
convert_units(Converter *converter, const char *data, size_t length)
{
	size_t		i;

	for (i = 0; i < length && has_room(converter, SFDW_UTF8_MAX_LENGTH); i++)
	{
		int			byte = (unsigned char) data[i];
		int			first = converter->byte;

		if (first == NO_BYTE)
		{
			converter->byte = byte;
			continue;
		}
		converter->byte = NO_BYTE;
		if (!convert_unit(converter,
						  converter->is_big_endian ? first << 8 | byte
						  : byte << 8 | first,
						  converter->position + i + 1))
			break;
	}
	return i;
}

/* Convert some bytes; gives what it took. */
static size_t
convert(Converter *converter, const char *data, size_t length)
{
	size_t		taken;

	switch (converter->encoding)
	{
		case SFDW_ENCODING_LATIN1:
		case SFDW_ENCODING_WINDOWS_1252:
			taken = convert_bytes(converter, data, length);
			break;
		case SFDW_ENCODING_UTF16:
			taken = convert_units(converter, data, length);
			break;
		default:
			taken = copy(converter, data, length);
	}
	converter->position += taken;
	return taken;
}

/* The length of the mark of UTF-16 at the file's start, or 0. */
static size_t
utf16_mark(Converter *converter)
{
	const char *start = converter->start;
	size_t		length = converter->start_length;
	bool		is_little = length >= 2 && memcmp(start, "\xff\xfe", 2) == 0;

	converter->is_big_endian = length >= 2 && memcmp(start, "\xfe\xff", 2) == 0;
	if (is_little && length >= 4 && start[2] == '\0' && start[3] == '\0')
		return 0;				/* UTF-32 */
	return is_little || converter->is_big_endian ? 2 : 0;
}

/* Whether the first bytes are those of a file in the encoding. */
static bool
check_start(Converter *converter, size_t mark)
{
	size_t		utf8_mark;
	const char *kind = sfdw_file_kind(converter->start,
									  converter->start_length, &utf8_mark);
	bool		is_utf16 = converter->encoding == SFDW_ENCODING_UTF16;
	SfdwStatus *failure = &converter->base.failure;

	if (is_utf16 && mark > 0)
		return true;
	if (kind != NULL && !is_utf16)
		return sfdw_fail(failure, SFDW_UNSUPPORTED, 0,
						 "file %s, not plain text", kind);
	if (is_utf16)
		return sfdw_fail(failure, SFDW_BAD_ENCODING, 0,
						 "file does not start with the byte order mark of UTF-16");
	if (utf8_mark > 0)
		return sfdw_fail(failure, SFDW_BAD_ENCODING, 0,
						 "file starts with the byte order mark of UTF-8");
	return true;
}

/* Gather the first bytes; once they are there, settle the encoding. */
static bool
start(Converter *converter)
{
	SfdwFilter *base = &converter->base;
	size_t		mark;

	while (converter->start_length < sizeof(converter->start) &&
		   base->input_length > 0)
	{
		converter->start[converter->start_length++] = base->input[0];
		sfdw_filter_take(base, 1);
	}
	if (converter->start_length < sizeof(converter->start) && !base->is_last)
		return true;
	mark = utf16_mark(converter);
	if (converter->encoding == SFDW_ENCODING_FIND)
		converter->encoding = mark > 0 ? SFDW_ENCODING_UTF16
			: SFDW_ENCODING_UTF8;
	else if (converter->encoding != SFDW_ENCODING_UTF8 &&
			 !check_start(converter, mark))
		return false;
	if (converter->encoding != SFDW_ENCODING_UTF16)
		mark = 0;
	converter->is_started = true;
	converter->position = mark;
	convert(converter, converter->start + mark, converter->start_length - mark);
	return base->failure.code == SFDW_OK;
}

/* The input is over: nothing may be half. */
static SfdwFilterResult
end(Converter *converter)
{
	if (converter->byte != NO_BYTE || converter->high != 0)
		sfdw_fail(&converter->base.failure, SFDW_BAD_ENCODING,
				  converter->position,
				  "file ends in the middle of a character");
	return SFDW_FILTER_END;
}

/* The next bytes. */
static SfdwFilterResult
next(SfdwFilter *base, size_t *length)
{
	Converter  *converter = (Converter *) base;

	converter->length = 0;
	if (!converter->is_started)
	{
		if (!start(converter))
			return SFDW_FILTER_FAILED;
		if (!converter->is_started)
			return SFDW_FILTER_NEED_INPUT;
	}
	if (base->input_length > 0)
		sfdw_filter_take(base, convert(converter, base->input,
									   base->input_length));
	if (base->failure.code != SFDW_OK)
		return SFDW_FILTER_FAILED;
	*length = converter->length;
	if (*length > 0)
		return SFDW_FILTER_DATA;
	return base->is_last ? end(converter) : SFDW_FILTER_NEED_INPUT;
}

/* There is nothing but memory. */
static void
release(SfdwFilter *base)
{
	(void) base;
}

static const SfdwFilterOps convert_ops = {next, release};

/* Start to convert. */
SfdwFilter *
sfdw_convert_create(const SfdwMemory *memory, SfdwEncoding encoding,
					SfdwStatus *status)
{
	Converter  *converter = sfdw_filter_create(memory, sizeof(Converter),
											   &convert_ops, status);

	if (converter == NULL)
		return NULL;
	converter->encoding = encoding;
	converter->byte = NO_BYTE;
	return &converter->base;
}

/* The encoding. */
SfdwEncoding
sfdw_convert_encoding(const SfdwFilter *filter)
{
	return ((const Converter *) filter)->encoding;
}
