/*-------------------------------------------------------------------------
 * name_fold.c
 *		Letters of names as people mix them up: no accents, no capitals
 *
 * Pure.  See name_fold.h.  Tables hold two characters for each letter, blanks
 * where there is none or only one.
 *-------------------------------------------------------------------------
 */
#include "dataset/name_fold.h"

#include <string.h>

#define LATIN_FIRST		0x00C0
#define LATIN_LAST		0x017F
#define MORE_FIRST		0x1E00
#define MORE_LAST		0x1EFF

/* U+00C0 to U+017F, sixteen letters a line. */
static const char latin[] =
	"a a a a a a aec e e e e i i i i "
	"d n o o o o o   o u u u u y thss"
	"a a a a a a aec e e e e i i i i "
	"d n o o o o o   o u u u u y thy "
	"a a a a a a c c c c c c c c d d "
	"d d e e e e e e e e e e g g g g "
	"g g g g h h h h i i i i i i i i "
	"i i ijijj j k k k l l l l l l l "
	"l l l n n n n n n n n n o o o o "
	"o o oeoer r r r r r s s s s s s "
	"s s t t t t t t u u u u u u u u "
	"u u u u w w y y y z z z z z z s ";

/* U+1E00 to U+1EFF. */
static const char more_latin[] =
	"a a b b b b b b c c d d d d d d "
	"d d d d e e e e e e e e e e f f "
	"g g h h h h h h h h h h i i i i "
	"k k k k k k l l l l l l l l m m "
	"m m m m n n n n n n n n o o o o "
	"o o o o p p p p r r r r r r r r "
	"s s s s s s s s s s t t t t t t "
	"t t u u u u u u u u u u v v v v "
	"w w w w w w w w w w x x x x y y "
	"z z z z z z h t w y a s     ss  "
	"a a a a a a a a a a a a a a a a "
	"a a a a a a a a e e e e e e e e "
	"e e e e e e e e i i i i o o o o "
	"o o o o o o o o o o o o o o o o "
	"o o o o u u u u u u u u u u u u "
	"u u y y y y y y y y             ";

/* The letter that two or three bytes of UTF-8 are. */
static unsigned int
code_of(const unsigned char *s, size_t taken)
{
	if (taken == 2)
		return (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
	return (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
}

/* How many bytes the character has by its first one, as far as they go. */
static size_t
width_of(const unsigned char *s, size_t left)
{
	size_t		width = s[0] < 0xC0 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

	return width <= left ? width : 1;
}

/* The small letter of a Greek or Cyrillic capital, which is as long. */
static unsigned int
small_letter(unsigned int code)
{
	if ((code >= 0x0391 && code <= 0x03A9) || (code >= 0x0410 && code <= 0x042F))
		return code + 0x20;
	if (code >= 0x0400 && code <= 0x040F)
		return code + 0x50;
	return code;
}

/* Fold a letter of two or three bytes; returns how many bytes it gives. */
static size_t
fold_letter(const unsigned char *s, size_t taken, char *folded)
{
	unsigned int code = code_of(s, taken);
	const char *cell = NULL;

	if (code >= LATIN_FIRST && code <= LATIN_LAST)
		cell = latin + 2 * (code - LATIN_FIRST);
	else if (code >= MORE_FIRST && code <= MORE_LAST)
		cell = more_latin + 2 * (code - MORE_FIRST);
	if (cell != NULL && cell[0] != ' ')
	{
		folded[0] = cell[0];
		folded[1] = cell[1];
		return cell[1] == ' ' ? 1 : 2;
	}
	memcpy(folded, s, taken);
	if (taken == 2)
	{
		code = small_letter(code);
		folded[0] = (char) (0xC0 | code >> 6);
		folded[1] = (char) (0x80 | (code & 0x3F));
	}
	return taken;
}

/* ASCII is most of it. */
size_t
sfdw_name_fold(const char *word, size_t length, char *folded)
{
	const unsigned char *s = (const unsigned char *) word;
	size_t		at = 0;
	size_t		used = 0;

	while (at < length)
	{
		size_t		taken = width_of(s + at, length - at);

		if (taken == 2 || taken == 3)
			used += fold_letter(s + at, taken, folded + used);
		else
		{
			memcpy(folded + used, s + at, taken);
			if (s[at] >= 'A' && s[at] <= 'Z')
				folded[used] |= 0x20;
			used += taken;
		}
		at += taken;
	}
	return used;
}
