/*-------------------------------------------------------------------------
 * fold.c
 *		Text as the detectors read it: look-alikes of ASCII become ASCII
 *
 * Pure.  See fold.h.  Everything is in one sorted table of ranges.
 *-------------------------------------------------------------------------
 */
#include "dataset/fold.h"

#include "core/eight_bytes.h"

/* What becomes of the characters of a range. */
typedef enum FoldKind
{
	FOLD_TO,					/* all become the one character "to" */
	FOLD_COUNT,					/* they count up from "to" */
	FOLD_CYCLE10,				/* digits 0 to 9, again and again */
	FOLD_CYCLE52,				/* A to Z, a to z, again and again */
	FOLD_DROP					/* not seen */
} FoldKind;

typedef struct FoldRange
{
	uint32_t	first;
	uint32_t	last;
	FoldKind	kind;
	char		to;
} FoldRange;

static const FoldRange ranges[] = {
	{0x0085, 0x0085, FOLD_TO, '\n'},	/* next line */
	{0x00A0, 0x00A0, FOLD_TO, ' '}, /* non-breaking space */
	{0x00A1, 0x00A1, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x00A2, 0x00A5, FOLD_TO, '$'}, /* cent, pound, currency, yen */
	{0x00A6, 0x00A9, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x00AB, 0x00AC, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x00AD, 0x00AD, FOLD_DROP, 0}, /* soft hyphen */
	{0x00AE, 0x00B1, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x00B2, 0x00B3, FOLD_COUNT, '2'},	/* superscripts */
	{0x00B4, 0x00B4, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x00B6, 0x00B8, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x00B9, 0x00B9, FOLD_TO, '1'},
	{0x00BB, 0x00BF, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x00D7, 0x00D7, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x00F7, 0x00F7, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x0300, 0x036F, FOLD_DROP, 0}, /* combining marks */
	{0x058A, 0x058A, FOLD_TO, '-'},
	{0x061C, 0x061C, FOLD_DROP, 0}, /* Arabic letter mark */
	{0x0660, 0x0669, FOLD_COUNT, '0'},	/* Arabic-Indic digits */
	{0x066B, 0x066C, FOLD_TO, '.'},
	{0x06F0, 0x06F9, FOLD_COUNT, '0'},
	{0x07C0, 0x07C9, FOLD_COUNT, '0'},
	{0x0966, 0x096F, FOLD_COUNT, '0'},	/* Devanagari digits */
	{0x09E6, 0x09EF, FOLD_COUNT, '0'},
	{0x0A66, 0x0A6F, FOLD_COUNT, '0'},	/* Gurmukhi digits */
	{0x0AE6, 0x0AEF, FOLD_COUNT, '0'},
	{0x0B66, 0x0B6F, FOLD_COUNT, '0'},
	{0x0BE6, 0x0BEF, FOLD_COUNT, '0'},
	{0x0C66, 0x0C6F, FOLD_COUNT, '0'},
	{0x0CE6, 0x0CEF, FOLD_COUNT, '0'},
	{0x0D66, 0x0D6F, FOLD_COUNT, '0'},
	{0x0E50, 0x0E59, FOLD_COUNT, '0'},	/* Thai digits */
	{0x0ED0, 0x0ED9, FOLD_COUNT, '0'},
	{0x0F20, 0x0F29, FOLD_COUNT, '0'},
	{0x1040, 0x1049, FOLD_COUNT, '0'},
	{0x115F, 0x1160, FOLD_DROP, 0}, /* Hangul fillers */
	{0x1680, 0x1680, FOLD_TO, ' '},
	{0x17E0, 0x17E9, FOLD_COUNT, '0'},
	{0x180B, 0x180E, FOLD_DROP, 0},
	{0x1810, 0x1819, FOLD_COUNT, '0'},
	{0x1AB0, 0x1AFF, FOLD_DROP, 0}, /* combining marks */
	{0x1DC0, 0x1DFF, FOLD_DROP, 0},
	{0x2000, 0x200A, FOLD_TO, ' '}, /* en quad to hair space */
	{0x200B, 0x200F, FOLD_DROP, 0}, /* zero width, direction marks */
	{0x2010, 0x2015, FOLD_TO, '-'}, /* hyphens and dashes */
	{0x2016, 0x2023, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x2024, 0x2024, FOLD_TO, '.'},
	{0x2025, 0x2027, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x2028, 0x2029, FOLD_TO, '\n'},
	{0x202A, 0x202E, FOLD_DROP, 0}, /* bidirectional controls */
	{0x202F, 0x202F, FOLD_TO, ' '}, /* narrow non-breaking space */
	{0x2030, 0x2031, FOLD_TO, '%'},
	{0x2032, 0x2042, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x2043, 0x2043, FOLD_TO, '-'},
	{0x2044, 0x2044, FOLD_TO, '/'},
	{0x2045, 0x205E, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x205F, 0x205F, FOLD_TO, ' '},
	{0x2060, 0x206F, FOLD_DROP, 0}, /* word joiner and controls */
	{0x2070, 0x2070, FOLD_TO, '0'},
	{0x2074, 0x2079, FOLD_COUNT, '4'},	/* superscripts */
	{0x207A, 0x207A, FOLD_TO, '+'},
	{0x207B, 0x207B, FOLD_TO, '-'},
	{0x2080, 0x2089, FOLD_COUNT, '0'},	/* subscripts */
	{0x20A0, 0x20CF, FOLD_TO, '$'}, /* currency signs */
	{0x20D0, 0x20FF, FOLD_DROP, 0}, /* enclosing marks: keycaps */
	{0x2100, 0x214F, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x2190, 0x2211, FOLD_TO, SFDW_FOLD_SYMBOL},	/* arrows, operators */
	{0x2212, 0x2212, FOLD_TO, '-'}, /* minus */
	{0x2213, 0x245F, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x2460, 0x2468, FOLD_COUNT, '1'},	/* circled digits */
	{0x2469, 0x24B5, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x24B6, 0x24CF, FOLD_COUNT, 'A'},	/* circled letters */
	{0x24D0, 0x24E9, FOLD_COUNT, 'a'},
	{0x24EA, 0x24EA, FOLD_TO, '0'},
	{0x24EB, 0x24F4, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x24F5, 0x24FD, FOLD_COUNT, '1'},
	{0x24FE, 0x2775, FOLD_TO, SFDW_FOLD_SYMBOL},	/* boxes, dingbats */
	{0x2776, 0x277E, FOLD_COUNT, '1'},	/* negative circled digits */
	{0x277F, 0x277F, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x2780, 0x2788, FOLD_COUNT, '1'},
	{0x2789, 0x2789, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x278A, 0x2792, FOLD_COUNT, '1'},
	{0x2793, 0x2BFF, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x2E17, 0x2E17, FOLD_TO, '-'},
	{0x2E3A, 0x2E3B, FOLD_TO, '-'},
	{0x3000, 0x3000, FOLD_TO, ' '}, /* ideographic space */
	{0x3001, 0x3001, FOLD_TO, ','},
	{0x3002, 0x3002, FOLD_TO, '.'},
	{0x3003, 0x3004, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x3008, 0x3020, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x3030, 0x3030, FOLD_TO, '-'},
	{0x30FB, 0x30FB, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x3164, 0x3164, FOLD_DROP, 0}, /* Hangul filler */
	{0xFE00, 0xFE0F, FOLD_DROP, 0}, /* variation selectors */
	{0xFE20, 0xFE2F, FOLD_DROP, 0},
	{0xFE31, 0xFE32, FOLD_TO, '-'},
	{0xFE52, 0xFE52, FOLD_TO, '.'},
	{0xFE58, 0xFE58, FOLD_TO, '-'},
	{0xFE59, 0xFE59, FOLD_TO, '('},
	{0xFE5A, 0xFE5A, FOLD_TO, ')'},
	{0xFE62, 0xFE62, FOLD_TO, '+'},
	{0xFE63, 0xFE63, FOLD_TO, '-'},
	{0xFE6B, 0xFE6B, FOLD_TO, '@'},
	{0xFEFF, 0xFEFF, FOLD_DROP, 0}, /* zero-width non-breaking space */
	{0xFF01, 0xFF5E, FOLD_COUNT, '!'},	/* full-width ASCII */
	{0xFF5F, 0xFF60, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0xFF61, 0xFF61, FOLD_TO, '.'},
	{0xFF62, 0xFF65, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0xFFA0, 0xFFA0, FOLD_DROP, 0},
	{0xFFE0, 0xFFE6, FOLD_TO, '$'}, /* full-width currency signs */
	{0xFFF9, 0xFFFC, FOLD_DROP, 0},
	{0xFFFD, 0xFFFD, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x1D400, 0x1D6A3, FOLD_CYCLE52, 0},	/* mathematical letters */
	{0x1D7CE, 0x1D7FF, FOLD_CYCLE10, '0'},	/* mathematical digits */
	{0x1F000, 0x1F0FF, FOLD_TO, SFDW_FOLD_SYMBOL},
	{0x1F130, 0x1F149, FOLD_COUNT, 'A'},	/* squared letters */
	{0x1F150, 0x1F169, FOLD_COUNT, 'A'},
	{0x1F170, 0x1F189, FOLD_COUNT, 'A'},
	{0x1F18A, 0x1FBEF, FOLD_TO, SFDW_FOLD_SYMBOL},	/* emoji */
	{0x1FBF0, 0x1FBF9, FOLD_COUNT, '0'},
	{0xE0000, 0xE0FFF, FOLD_DROP, 0}	/* tags, more selectors */
};

/* Eight bytes at a time: most values are plain ASCII. */
bool
sfdw_fold_is_ascii(const char *text, size_t length)
{
	uint64_t	high = 0;
	size_t		i = 0;

	for (; i + sizeof(uint64_t) <= length; i += sizeof(uint64_t))
		high |= sfdw_eight_bytes(text + i);
	for (; i < length; i++)
		high |= (unsigned char) text[i];
	return (high & SFDW_UPPER_BITS) == 0;
}

/* U+00C0 to U+00FF but for the signs of multiplication and division. */
static bool
is_western_letter(unsigned char first, unsigned char second)
{
	return first == 0xC3 && (second & 0xC0) == 0x80 && second != 0x97 &&
		second != 0xB7;
}

/* A character that is cut off at the end is left to whoever decodes it. */
size_t
sfdw_fold_plain(const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *) text;
	size_t		at = 0;

	while (at < length)
	{
		while (length - at >= sizeof(uint64_t) &&
			   (sfdw_eight_bytes(s + at) & SFDW_UPPER_BITS) == 0)
			at += sizeof(uint64_t);
		while (at < length && s[at] < 0x80)
			at++;
		if (at + 1 >= length || !is_western_letter(s[at], s[at + 1]))
			break;
		at += 2;
	}
	return at;
}

/*
 * Decode one character; returns its length, or 0 for what is not UTF-8.  It
 * need not refuse all that is ill-formed: PostgreSQL did that before.
 */
static size_t
decode(const unsigned char *s, size_t length, uint32_t *code)
{
	size_t		needed = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 :
		s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
	size_t		i;

	if (needed == 0 || needed > length)
		return 0;
	*code = needed == 1 ? s[0] : s[0] & (0x7Fu >> needed);
	for (i = 1; i < needed; i++)
	{
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3F);
	}
	return needed;
}

/* The range that holds a character, or NULL: a binary search. */
static const FoldRange *
find_range(uint32_t code)
{
	size_t		low = 0;
	size_t		high = sizeof(ranges) / sizeof(ranges[0]);

	while (low < high)
	{
		size_t		middle = low + (high - low) / 2;

		if (code < ranges[middle].first)
			high = middle;
		else if (code > ranges[middle].last)
			low = middle + 1;
		else
			return &ranges[middle];
	}
	return NULL;
}

/* The ASCII character that one of a range becomes. */
static char
fold_in_range(const FoldRange *range, uint32_t code)
{
	uint32_t	index = code - range->first;

	switch (range->kind)
	{
		case FOLD_COUNT:
			return (char) (range->to + index);
		case FOLD_CYCLE10:
			return (char) ('0' + index % 10);
		case FOLD_CYCLE52:
			index %= 52;
			return (char) (index < 26 ? 'A' + index : 'a' + index - 26);
		case FOLD_TO:
		case FOLD_DROP:
			break;
	}
	return range->to;
}

/* ASCII and unlisted characters are copied. */
size_t
sfdw_fold_next(const char *text, size_t length, char *folded,
			   size_t *folded_length)
{
	uint32_t	code;
	size_t		taken = decode((const unsigned char *) text, length, &code);
	const FoldRange *range;

	if (taken == 0)
		taken = 1;
	else if (code >= 0x80 && (range = find_range(code)) != NULL)
	{
		folded[0] = fold_in_range(range, code);
		*folded_length = range->kind == FOLD_DROP ? 0 : 1;
		return taken;
	}
	memcpy(folded, text, taken);
	*folded_length = taken;
	return taken;
}
