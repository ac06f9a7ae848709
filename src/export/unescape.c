/*-------------------------------------------------------------------------
 * unescape.c
 *		Undo Python's str.encode("unicode_escape")
 *
 * Pure.  See unescape.h.
 *-------------------------------------------------------------------------
 */
#include "export/unescape.h"

#include "export/utf8.h"

#include <string.h>

/*
 * An escape with a code: how many digits follow its letter, and for which code
 * points Python chooses it.
 */
typedef struct CodedEscape
{
	char		letter;
	int			digits;
	uint32_t	first;
	uint32_t	last;
} CodedEscape;

static const CodedEscape coded_escapes[] = {
	{'x', 2, 0x00, 0xff},
	{'u', 4, 0x100, 0xffff},
	{'U', 8, 0x10000, 0x10ffff},
};

/* Escapes that stand for one byte. */
static const char short_escapes[][2] = {
	{'\\', '\\'}, {'t', '\t'}, {'n', '\n'}, {'r', '\r'},
};

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The value of a lower-case hexadecimal digit, or -1. */
static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Whether \xNN is what Python writes for a code point below U+0100. */
static bool
is_hex_escaped(uint32_t code_point)
{
	if (code_point == '\t' || code_point == '\n' || code_point == '\r')
		return false;
	return code_point < 0x20 || code_point >= 0x7f;
}

/* Check a code point against what Python writes and what text can hold. */
static bool
check_code(const CodedEscape *escape, uint32_t code_point, size_t at,
		   SfdwStatus *status)
{
	if (code_point > 0x10ffff)
		return sfdw_fail(status, SFDW_BAD_ENCODING, at,
						 "escape of a code point above U+10FFFF");
	if (code_point == 0)
		return sfdw_fail(status, SFDW_BAD_ENCODING, at,
						 "escape of the zero character");
	if (code_point >= 0xd800 && code_point <= 0xdfff)
		return sfdw_fail(status, SFDW_BAD_ENCODING, at,
						 "escape of a surrogate");
	if (code_point < escape->first || code_point > escape->last ||
		(escape->letter == 'x' && !is_hex_escaped(code_point)))
		return sfdw_fail(status, SFDW_MALFORMED, at,
						 "escape that unicode_escape does not write");
	return true;
}

/*
 * Decode an escape with a code, whose backslash is at *position, and move
 * behind it.
 */
static bool
decode_code(const CodedEscape *escape, const char *data, size_t length,
			size_t *position, SfdwBuffer *buffer, SfdwStatus *status)
{
	size_t		at = *position;
	uint32_t	code_point = 0;
	int			i;

	for (i = 0; i < escape->digits; i++)
	{
		size_t		next = at + 2 + i;
		int			value = next < length ? digit_value(data[next]) : -1;

		if (value < 0)
			return sfdw_fail(status, SFDW_MALFORMED, at,
							 "escape with too few lower-case hexadecimal digits");
		code_point = code_point << 4 | (uint32_t) value;
	}
	if (!check_code(escape, code_point, at, status))
		return false;
	buffer->length += sfdw_utf8_encode(code_point,
									   buffer->data + buffer->length);
	*position = at + 2 + escape->digits;
	return true;
}

/*
 * Decode the escape whose backslash is at *position, and move behind it.  The
 * buffer has room: no character is longer than its escape.
 */
static bool
decode_escape(const char *data, size_t length, size_t *position,
			  SfdwBuffer *buffer, SfdwStatus *status)
{
	size_t		at = *position;
	size_t		i;

	if (at + 1 == length)
		return sfdw_fail(status, SFDW_MALFORMED, at,
						 "backslash at the end of the text");
	for (i = 0; i < LENGTH_OF(short_escapes); i++)
		if (data[at + 1] == short_escapes[i][0])
		{
			buffer->data[buffer->length++] = short_escapes[i][1];
			*position = at + 2;
			return true;
		}
	for (i = 0; i < LENGTH_OF(coded_escapes); i++)
		if (data[at + 1] == coded_escapes[i].letter)
			return decode_code(&coded_escapes[i], data, length, position,
							   buffer, status);
	return sfdw_fail(status, SFDW_MALFORMED, at,
					 "escape that unicode_escape does not write");
}

/* The text that was escaped. */
bool
sfdw_unescape(const char *data, size_t length, SfdwBuffer *buffer,
			  const char **out, size_t *out_length, SfdwStatus *status)
{
	size_t		i = 0;

	*out = data;
	*out_length = length;
	if (sfdw_utf8_plain(data, length, '\\') == length)
		return true;
	if (!sfdw_utf8_check(data, length, status))
		return false;
	if (memchr(data, '\\', length) == NULL)
		return true;
	sfdw_buffer_reset(buffer);
	if (!sfdw_buffer_reserve(buffer, length, status))
		return false;
	while (i < length)
	{
		const char *escape = memchr(data + i, '\\', length - i);
		size_t		plain = (escape ? (size_t) (escape - data) : length) - i;

		memcpy(buffer->data + buffer->length, data + i, plain);
		buffer->length += plain;
		i += plain;
		if (i < length &&
			!decode_escape(data, length, &i, buffer, status))
			return false;
	}
	*out = buffer->data;
	*out_length = buffer->length;
	return true;
}
