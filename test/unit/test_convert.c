/* export/convert.c: encodings, cut in every way, and what they do not have. */
#include "export/convert.h"
#include "export/utf8.h"
#include "filter_feed.h"
#include "random.h"
#include "tap.h"

#include <iconv.h>

#define MUTATIONS 20000

/* Room for the converted text of any test here. */
static char text[1024 * 1024];

/* What a conversion came to. */
typedef struct Outcome
{
	size_t		length;			/* of text */
	SfdwStatus	status;
	SfdwEncoding encoding;
} Outcome;

/* Convert in blocks of a size (0: random ones), which are gone afterwards. */
static Outcome
run(SfdwEncoding encoding, const char *data, size_t length, size_t block_size)
{
	Outcome		outcome = {0};
	SfdwFilter *filter = sfdw_convert_create(&tap_memory, encoding,
											 &outcome.status);
	SfdwFilterResult result;
	Feed		feed = {data, length};

	do
	{
		const char *part;
		size_t		n;

		result = sfdw_filter_next(filter, &part, &n, &outcome.status);
		if (result == SFDW_FILTER_DATA)
		{
			memcpy(text + outcome.length, part, n);
			outcome.length += n;
		}
		if (result != SFDW_FILTER_NEED_INPUT)
			continue;
		feed_next(&feed, filter, block_size > 0 ? block_size : 1 + random_below(9));
	} while (result == SFDW_FILTER_DATA || result == SFDW_FILTER_NEED_INPUT);
	outcome.encoding = sfdw_convert_encoding(filter);
	sfdw_filter_free(filter);
	free(feed.block);
	return outcome;
}

/* An input and what becomes of it. */
typedef struct Case
{
	const char *claim;
	SfdwEncoding encoding;
	const char *input;
	size_t		length;
	SfdwCode	code;
	uint64_t	offset;			/* of a failure */
	const char *expected;		/* else the text */
} Case;

#define IN(literal) literal, sizeof(literal) - 1

static const Case cases[] = {
	{"latin1: all kinds of bytes", SFDW_ENCODING_LATIN1,
	IN("Id,\xe9t\xe9 \x80\x9f\xff"), SFDW_OK, 0, "Id,\u00e9t\u00e9 \xc2\x80\xc2\x9f\u00ff"},
	{"latin1: nothing", SFDW_ENCODING_LATIN1, IN(""), SFDW_OK, 0, ""},
	{"latin1: one byte", SFDW_ENCODING_LATIN1, IN("\xe9"), SFDW_OK, 0, "\u00e9"},
	{"latin1: a file of UTF-8", SFDW_ENCODING_LATIN1, IN("\xef\xbb\xbfId"),
	SFDW_BAD_ENCODING, 0},
	{"latin1: a file of UTF-16", SFDW_ENCODING_LATIN1, IN("\xff\xfeI\0"),
	SFDW_UNSUPPORTED, 0},
	{"latin1: an archive", SFDW_ENCODING_LATIN1, IN("PK\3\4...."),
	SFDW_UNSUPPORTED, 0},
	{"windows-1252", SFDW_ENCODING_WINDOWS_1252, IN("Id,\x80\x99\xe9"),
	SFDW_OK, 0, "Id,\u20ac\u2122\u00e9"},
	{"windows-1252: a byte that it has not", SFDW_ENCODING_WINDOWS_1252,
	IN("Id,Name\x81"), SFDW_BAD_ENCODING, 7},
	{"windows-1252: the last such byte", SFDW_ENCODING_WINDOWS_1252,
	IN("\x9d,Name"), SFDW_BAD_ENCODING, 0},
	{"utf16: little end first", SFDW_ENCODING_UTF16,
		IN("\xff\xfeI\0d\0\xe9\0\xac\x20\x3d\xd8\x00\xde"), SFDW_OK, 0,
	"Id\u00e9\u20ac\U0001f600"},
	{"utf16: big end first", SFDW_ENCODING_UTF16,
		IN("\xfe\xff\0I\0d\0\xe9\x20\xac\xd8\x3d\xde\x00"), SFDW_OK, 0,
	"Id\u00e9\u20ac\U0001f600"},
	{"utf16: a mark alone", SFDW_ENCODING_UTF16, IN("\xff\xfe"), SFDW_OK, 0, ""},
	{"utf16: no mark", SFDW_ENCODING_UTF16, IN("I\0d\0"), SFDW_BAD_ENCODING, 0},
	{"utf16: plain text", SFDW_ENCODING_UTF16, IN("Id,Name"),
	SFDW_BAD_ENCODING, 0},
	{"utf16: one byte", SFDW_ENCODING_UTF16, IN("\xff"), SFDW_BAD_ENCODING, 0},
	{"utf16: UTF-32", SFDW_ENCODING_UTF16, IN("\xff\xfe\0\0I\0\0\0"),
	SFDW_BAD_ENCODING, 0},
	{"utf16: half a character", SFDW_ENCODING_UTF16, IN("\xff\xfeI\0d"),
	SFDW_BAD_ENCODING, 5},
	{"utf16: half a pair at the end", SFDW_ENCODING_UTF16,
	IN("\xff\xfeI\0\x3d\xd8"), SFDW_BAD_ENCODING, 6},
	{"utf16: a first surrogate without a second", SFDW_ENCODING_UTF16,
	IN("\xff\xfeI\0\x3d\xd8I\0"), SFDW_BAD_ENCODING, 4},
	{"utf16: two first surrogates", SFDW_ENCODING_UTF16,
	IN("\xff\xfe\x3d\xd8\x3d\xd8"), SFDW_BAD_ENCODING, 2},
	{"utf16: a second surrogate without a first", SFDW_ENCODING_UTF16,
	IN("\xff\xfeI\0\x00\xde"), SFDW_BAD_ENCODING, 4},
	{"find: plain text", SFDW_ENCODING_FIND, IN("\xef\xbb\xbfId\xff"),
	SFDW_OK, 0, "\xef\xbb\xbfId\xff"},
	{"find: an archive passes", SFDW_ENCODING_FIND, IN("PK\3\4"),
	SFDW_OK, 0, "PK\3\4"},
	{"find: UTF-16", SFDW_ENCODING_FIND, IN("\xfe\xff\0I"), SFDW_OK, 0, "I"},
};

/* Every case, in blocks of any size. */
static void
test_cases(void)
{
	size_t		i;
	size_t		size;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const Case *c = &cases[i];
		bool		is_right = true;

		for (size = 1; size <= c->length + 1; size++)
		{
			Outcome		outcome = run(c->encoding, c->input, c->length, size);

			is_right &= outcome.status.code == c->code &&
				(c->code != SFDW_OK ? outcome.status.offset == c->offset :
				 outcome.length == strlen(c->expected) &&
				 memcmp(text, c->expected, outcome.length) == 0);
			if (!is_right)
			{
				printf("# block size %zu: code %d, offset %d: %s\n", size,
					   outcome.status.code, (int) outcome.status.offset,
					   outcome.status.message);
				break;
			}
		}
		TAP_OK(is_right, "%s", c->claim);
	}
}

/* All 256 bytes of an encoding against iconv. */
static void
test_every_byte(SfdwEncoding encoding, const char *name)
{
	int			differences = 0;
	int			byte;

	for (byte = 0; byte < 256; byte++)
	{
		char		input = (char) byte;
		char		expected[8];
		char	   *in = &input;
		char	   *out = expected;
		size_t		in_left = 1;
		size_t		out_left = sizeof(expected);
		iconv_t		converter = iconv_open("UTF-8", name);
		bool		exists = iconv(converter, &in, &in_left, &out,
								   &out_left) != (size_t) -1;
		Outcome		outcome = run(encoding, &input, 1, 1);

		iconv_close(converter);
		differences += exists != (outcome.status.code == SFDW_OK) ||
			(exists && (outcome.length != sizeof(expected) - out_left ||
						memcmp(text, expected, outcome.length) != 0));
	}
	TAP_OK(differences == 0, "%s: every byte is as in iconv", name);
}

/* A text larger than a filter's block, of all the characters there are. */
static void
test_every_character(void)
{
	static char utf8[5 * 1024 * 1024];
	static char utf16[5 * 1024 * 1024];
	size_t		bytes = 0;
	size_t		units = 2;
	uint32_t	c;
	int			differences = 0;

	memcpy(utf16, "\xff\xfe", 2);
	for (c = 1; c <= 0x10ffff; c++)
	{
		if (c >= 0xd800 && c < 0xe000)
			continue;
		bytes += sfdw_utf8_encode(c, utf8 + bytes);
		if (c >= 0x10000)
		{
			utf16[units++] = (char) ((c - 0x10000) >> 10);
			utf16[units++] = (char) (0xd8 | (c - 0x10000) >> 18);
		}
		utf16[units++] = (char) c;
		utf16[units++] = (char) (c < 0x10000 ? c >> 8 : 0xdc | (c >> 8 & 3));
		if (bytes < 500000 && c != 0x10ffff)
			continue;
		{
			Outcome		outcome = run(SFDW_ENCODING_UTF16, utf16, units, 65536);

			differences += outcome.status.code != SFDW_OK ||
				outcome.length != bytes || memcmp(text, utf8, bytes) != 0;
		}
		bytes = 0;
		units = 2;
	}
	TAP_OK(differences == 0, "utf16: every character there is");
}

/* Random bytes: nothing crashes, and what is given is UTF-8. */
static void
test_mutations(void)
{
	int			accepted = 0;
	int			invalid = 0;
	int			i;

	for (i = 0; i < MUTATIONS; i++)
	{
		SfdwEncoding encoding = (SfdwEncoding) (1 + random_below(3));
		char		input[64] = "\xff\xfe";
		size_t		length = 2 + random_below(sizeof(input) - 2);
		size_t		k;
		Outcome		outcome;
		SfdwStatus	status = {0};

		for (k = encoding == SFDW_ENCODING_UTF16 ? 2 : 0; k < length; k++)
			input[k] = (char) (1 + random_below(255));
		outcome = run(encoding, input, length, 0);
		accepted += outcome.status.code == SFDW_OK;
		invalid += outcome.status.code == SFDW_OK &&
			!sfdw_utf8_check(text, outcome.length, &status);
	}
	TAP_OK(invalid == 0 && accepted > MUTATIONS / 4,
		   "of %d random files %d are accepted, %d give invalid text",
		   MUTATIONS, accepted, invalid);
}

/* Names of encodings. */
static void
test_names(void)
{
	SfdwEncoding encoding;

	TAP_OK(sfdw_encoding_parse("ISO-8859-1", &encoding) &&
		   encoding == SFDW_ENCODING_LATIN1 &&
		   sfdw_encoding_parse("Windows-1252", &encoding) &&
		   encoding == SFDW_ENCODING_WINDOWS_1252 &&
		   sfdw_encoding_parse("UTF_16", &encoding) &&
		   encoding == SFDW_ENCODING_UTF16 &&
		   sfdw_encoding_parse("UTF-8", &encoding) &&
		   encoding == SFDW_ENCODING_UTF8, "names of encodings");
	TAP_OK(!sfdw_encoding_parse("", &encoding) &&
		   !sfdw_encoding_parse("auto", &encoding) &&
		   !sfdw_encoding_parse("iso-8859-15", &encoding) &&
		   !sfdw_encoding_parse("latin1latin1latin1", &encoding),
		   "what is no name of one");
	TAP_OK(sfdw_encoding_parse(sfdw_encoding_name(SFDW_ENCODING_UTF16),
							   &encoding) && encoding == SFDW_ENCODING_UTF16,
		   "the name that IMPORT writes");
}

/* No memory. */
static void
test_memory(void)
{
	SfdwStatus	status = {0};

	tap_memory_left = 0;
	TAP_OK(sfdw_convert_create(&tap_memory, SFDW_ENCODING_LATIN1,
							   &status) == NULL &&
		   status.code == SFDW_OUT_OF_MEMORY, "no memory");
	tap_memory_left = -1;
}

int
main(void)
{
	test_names();
	test_cases();
	TAP_OK(run(SFDW_ENCODING_FIND, "\xff\xfeI\0", 4, 1).encoding ==
		   SFDW_ENCODING_UTF16 &&
		   run(SFDW_ENCODING_FIND, "\xff\xfe\0\0", 4, 1).encoding ==
		   SFDW_ENCODING_UTF8 &&
		   run(SFDW_ENCODING_FIND, "", 0, 1).encoding == SFDW_ENCODING_UTF8,
		   "what was found");
	test_every_byte(SFDW_ENCODING_LATIN1, "ISO-8859-1");
	test_every_byte(SFDW_ENCODING_WINDOWS_1252, "WINDOWS-1252");
	test_every_character();
	test_mutations();
	test_memory();
	return tap_done();
}
