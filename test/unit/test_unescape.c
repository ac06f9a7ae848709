/* export/unescape.c and utf8.c: what Python writes comes back, nothing else. */
#include "export/unescape.h"
#include "export/utf8.h"
#include "tap.h"

/* Unescape a text; the result must be expected, or fail so at that byte. */
static void
check(const char *claim, const char *text, size_t length,
	  const char *expected, SfdwCode code, uint64_t offset)
{
	SfdwBuffer	buffer;
	SfdwStatus	status = {0};
	const char *out;
	size_t		out_length;
	bool		done;

	sfdw_buffer_init(&buffer, &tap_memory, 1000);
	done = sfdw_unescape(text, length, &buffer, &out, &out_length, &status);
	if (expected != NULL)
		TAP_OK(done && out_length == strlen(expected) &&
			   memcmp(out, expected, out_length) == 0, "%s", claim);
	else
		TAP_OK(!done && status.code == code && status.offset == offset,
			   "%s: code %d at %d", claim, status.code, (int) status.offset);
	sfdw_buffer_free(&buffer);
}

/* Texts as Python writes them. */
static void
test_right(void)
{
	static const struct
	{
		const char *text;
		const char *expected;
	}			cases[] = {
		{"", ""},
		{"plain 'text' \"x\"", "plain 'text' \"x\""},
		{"Sant\\xe9", "Sant\xc3\xa9"},
		{"\\\\xe9", "\\xe9"},
		{"\\\\\\xe9", "\\\xc3\xa9"},
		{"\\\\\\\\", "\\\\"},
		{"a\\tb\\nc\\rd", "a\tb\nc\rd"},
		{"\\x01\\x1f\\x7f\\x80\\xff", "\x01\x1f\x7f\xc2\x80\xc3\xbf"},
		{"\\u0100\\u2019\\uffff", "\xc4\x80\xe2\x80\x99\xef\xbf\xbf"},
		{"\\ud7ff\\ue000", "\xed\x9f\xbf\xee\x80\x80"},
		{"\\U00010000\\U0001f600\\U0010ffff",
		"\xf0\x90\x80\x80\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf"},
		{"raw \xc3\xa9 and \\xe9", "raw \xc3\xa9 and \xc3\xa9"},
		{"line\nbreak", "line\nbreak"},
		{"\\\\n", "\\n"},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].text, cases[i].text, strlen(cases[i].text),
			  cases[i].expected, SFDW_OK, 0);
}

/* Escapes that Python does not write, and what no text can hold. */
static void
test_wrong(void)
{
	static const struct
	{
		const char *text;
		SfdwCode	code;
		int			offset;
	}			cases[] = {
		{"ab\\", SFDW_MALFORMED, 2},
		{"\\\\\\", SFDW_MALFORMED, 2},
		{"\\x", SFDW_MALFORMED, 0},
		{"a\\xe", SFDW_MALFORMED, 1},
		{"\\xeg", SFDW_MALFORMED, 0},
		{"\\xE9", SFDW_MALFORMED, 0},
		{"\\u201", SFDW_MALFORMED, 0},
		{"\\U0001f60", SFDW_MALFORMED, 0},
		{"C:\\new\\dir", SFDW_MALFORMED, 6},
		{"l\\'Est", SFDW_MALFORMED, 1},
		{"\\\"", SFDW_MALFORMED, 0},
		{"\\101", SFDW_MALFORMED, 0},
		{"\\N{DASH}", SFDW_MALFORMED, 0},
		{"\\a", SFDW_MALFORMED, 0},
		{"\\0", SFDW_MALFORMED, 0},
		{"\\\n", SFDW_MALFORMED, 0},
		{"\\x41", SFDW_MALFORMED, 0},
		{"\\x7e", SFDW_MALFORMED, 0},
		{"\\x0a", SFDW_MALFORMED, 0},
		{"\\u00e9", SFDW_MALFORMED, 0},
		{"\\U0000ffff", SFDW_MALFORMED, 0},
		{"\\x00", SFDW_BAD_ENCODING, 0},
		{"\\u0000", SFDW_BAD_ENCODING, 0},
		{"x\\ud800", SFDW_BAD_ENCODING, 1},
		{"\\udfff", SFDW_BAD_ENCODING, 0},
		{"\\ud83d\\ude00", SFDW_BAD_ENCODING, 0},
		{"\\U0000d800", SFDW_BAD_ENCODING, 0},
		{"\\U00110000", SFDW_BAD_ENCODING, 0},
		{"\\Uffffffff", SFDW_BAD_ENCODING, 0},
		{"ok\xff", SFDW_BAD_ENCODING, 2},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].text, cases[i].text, strlen(cases[i].text), NULL,
			  cases[i].code, cases[i].offset);
	check("zero byte", "a\0b", 3, NULL, SFDW_BAD_ENCODING, 1);
}

/* What Python would write for a code point. */
static int
escape(uint32_t c, char *out)
{
	if (c == '\\' || c == '\t' || c == '\n' || c == '\r')
		return sprintf(out, "\\%c", c == '\\' ? '\\' : c == '\t' ? 't' :
					   c == '\n' ? 'n' : 'r');
	if (c >= 0x20 && c < 0x7f)
		return sprintf(out, "%c", (char) c);
	return sprintf(out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" :
				   "\\U%08x", c);
}

/* Every code point there is comes back as itself, and is valid UTF-8. */
static void
test_every_code_point(void)
{
	uint32_t	c;
	int			wrong = 0;
	SfdwBuffer	buffer;

	sfdw_buffer_init(&buffer, &tap_memory, 100);
	for (c = 1; c <= 0x10ffff; c++)
	{
		bool		is_surrogate = c >= 0xd800 && c <= 0xdfff;
		SfdwStatus	status = {0};
		char		text[16];
		char		utf8[SFDW_UTF8_MAX_LENGTH];
		const char *out;
		size_t		length;

		if (sfdw_unescape(text, escape(c, text), &buffer, &out, &length,
						  &status) == is_surrogate)
			wrong++;
		else if (!is_surrogate &&
				 (length != (size_t) sfdw_utf8_encode(c, utf8) ||
				  memcmp(out, utf8, length) != 0 ||
				  !sfdw_utf8_check(utf8, length, &status)))
			wrong++;
	}
	sfdw_buffer_free(&buffer);
	TAP_OK(wrong == 0, "1,114,111 code points: %d wrong", wrong);
}

/* A plain decoder, to compare with: the code point, or -1. */
static int
decode_plainly(const unsigned char *s, int n)
{
	static const int smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	int			c = n == 1 ? s[0] : s[0] & (0x7f >> n);
	int			i;

	if (n == 1 ? s[0] >= 0x80 : (s[0] & (0xff80 >> n & 0xff)) != (0xff00 >> n & 0xff))
		return -1;
	for (i = 1; i < n; i++)
	{
		if ((s[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (s[i] & 0x3f);
	}
	return c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? -1 : c;
}

/* All sequences of one to three bytes, and four with every first three. */
static void
test_utf8(void)
{
	unsigned	word;
	int			wrong = 0;

	for (word = 0; word < 1 << 24; word++)
	{
		unsigned char s[4] = {word >> 16, word >> 8 & 0xff, word & 0xff, 0xbf};
		SfdwStatus	status = {0};
		bool		valid = false;
		int			n;
		int			i = 0;

		if (s[0] < 0x80 || (word & 0xff) % 7 != 0)
			continue;
		/* Cut greedily, as any decoder does. */
		while (i < 4)
		{
			for (n = 1; n <= 4 - i; n++)
				if (decode_plainly(s + i, n) > 0)
					break;
			if (n > 4 - i)
				break;
			i += n;
		}
		valid = i == 4;
		if (sfdw_utf8_check((char *) s, 4, &status) != valid ||
			(!valid && status.offset != (uint64_t) i))
			wrong++;
	}
	TAP_OK(wrong == 0, "sequences of four bytes as a plain decoder judges them: %d differ", wrong);
}

/* An invalid byte is found wherever it stands in a word of ASCII. */
static void
test_utf8_position(void)
{
	char		text[40];
	bool		same = true;
	size_t		at;

	for (at = 0; at < sizeof(text); at++)
	{
		SfdwStatus	status = {0};

		memset(text, 'a', sizeof(text));
		text[at] = (char) 0xff;
		same &= !sfdw_utf8_check(text, sizeof(text), &status) &&
			status.offset == at;
	}
	TAP_OK(same, "the offset of an invalid byte, at every place");
}

/* Every byte at every place of two words and more: plain up to there, or not. */
static void
test_plain(void)
{
	char		text[19];
	int			wrong = 0;

	for (size_t at = 0; at < sizeof(text); at++)
		for (int byte = 0; byte < 256; byte++)
			for (int except = 0; except < 256; except += 23)
			{
				bool		is_plain = byte > 0 && byte < 0x80 && byte != except;
				char		other = except == 'a' ? 'b' : 'a';

				memset(text, other, sizeof(text));
				text[at] = (char) byte;
				wrong += sfdw_utf8_plain(text, sizeof(text), (char) except) !=
					(is_plain ? sizeof(text) : at);
			}
	TAP_OK(wrong == 0, "bytes that are plain, at every place: %d wrong", wrong);
}

/* The buffer's limit holds. */
static void
test_limit(void)
{
	SfdwBuffer	buffer;
	SfdwStatus	status = {0};
	const char *out;
	size_t		length;

	sfdw_buffer_init(&buffer, &tap_memory, 4);
	TAP_OK(!sfdw_unescape("\\xe9\\xe9", 8, &buffer, &out, &length, &status) &&
		   status.code == SFDW_TOO_LARGE, "a text beyond the limit is refused");
	sfdw_buffer_free(&buffer);
}

int
main(void)
{
	test_right();
	test_wrong();
	test_every_code_point();
	test_utf8();
	test_utf8_position();
	test_plain();
	test_limit();
	return tap_done();
}
