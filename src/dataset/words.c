/*-------------------------------------------------------------------------
 * words.c
 *		The words of a text at which a match can begin
 *
 * Pure.  See words.h.  The loops of this file see every byte of the result of a
 * run.
 *-------------------------------------------------------------------------
 */
#include "dataset/words.h"

/* Where the word begins that the byte at an offset ends or goes on. */
static size_t
word_start(const SfdwDetection *detection, size_t at)
{
	while (at > detection->at &&
		   (sfdw_rule_class(detection, at - 1) & SFDW_IS_WORD))
		at--;
	return at;
}

/* The word from start on, which goes as far as it can. */
static void
take_word(const SfdwDetection *detection, size_t start, SfdwSpan *word,
		  unsigned char *seen)
{
	const unsigned char *text = (const unsigned char *) detection->text;
	const unsigned char *end = text + detection->length;
	const unsigned char *at = text + start;
	unsigned char all = 0;

	for (; at < end; at++)
	{
		unsigned char class = sfdw_rule_classes[*at];

		if ((class & SFDW_IS_WORD) == 0)
			break;
		all |= class;
	}
	word->start = start;
	word->end = (size_t) (at - text);
	*seen = all;
}

/* What four bytes are, together. */
static inline unsigned char
four_classes(const unsigned char *at)
{
	return sfdw_rule_classes[at[0]] | sfdw_rule_classes[at[1]] |
		sfdw_rule_classes[at[2]] | sfdw_rule_classes[at[3]];
}

/* The next byte that tells of a word, from where reading goes on. */
static size_t
next_sign(const SfdwDetection *detection)
{
	const unsigned char *text = (const unsigned char *) detection->text;
	const unsigned char *end = text + detection->length;
	const unsigned char *at = text + detection->at;

	while (end - at >= 4 && (four_classes(at) & SFDW_IS_SIGN) == 0)
		at += 4;
	while (at < end && (sfdw_rule_classes[*at] & SFDW_IS_SIGN) == 0)
		at++;
	return (size_t) (at - text);
}

/*
 * Where the word begins that a digit at an offset tells of: its own, or the one
 * before, when a blank or a dot alone is between ("March 5").
 */
static size_t
digit_word_start(const SfdwDetection *detection, size_t at)
{
	size_t		start = word_start(detection, at);

	if (start == at && at >= detection->at + 2 &&
		(detection->text[at - 1] == ' ' || detection->text[at - 1] == '.') &&
		(sfdw_rule_class(detection, at - 2) & SFDW_IS_WORD))
		return word_start(detection, at - 2);
	return start;
}

/* Whether a hyphen, which may be a match's last byte, stands before a word. */
static bool
is_behind_hyphen(const SfdwDetection *detection)
{
	return detection->at > 0 && detection->text[detection->at - 1] == '-' &&
		(sfdw_rule_class(detection, detection->at) & SFDW_IS_WORD);
}

/* A word that was given out is not looked for again: it lies before "at". */
bool
sfdw_word_next(SfdwDetection *detection, SfdwSpan *word, unsigned char *seen)
{
	while (detection->at < detection->length)
	{
		size_t		at = detection->at;
		unsigned char class;

		if (!is_behind_hyphen(detection))
		{
			at = next_sign(detection);
			if (at == detection->length)
				break;
			class = sfdw_rule_class(detection, at);
			if (class & SFDW_IS_AT)
			{
				word->start = at;
				word->end = detection->at = at + 1;
				*seen = SFDW_IS_AT;
				return true;
			}
			if (class & SFDW_IS_DIGIT)
				at = digit_word_start(detection, at);
			else
				at = word_start(detection, at);
		}
		take_word(detection, at, word, seen);
		detection->at = word->end;
		if (word->end > word->start)
			return true;
		detection->at++;		/* a sign with no word before it */
	}
	detection->at = detection->length;
	return false;
}
