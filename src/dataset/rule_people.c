/*-------------------------------------------------------------------------
 * rule_people.c
 *		The rules for what identifies a person by a number and its name
 *
 * Pure.  See rules.h.  Health numbers, passports, record identifiers and dates
 * of birth look like other numbers, so a word that names them must stand
 * shortly before; the number of Quebec's health insurance says itself.
 *-------------------------------------------------------------------------
 */
#include "dataset/checksums.h"
#include "dataset/rules.h"

#include <string.h>

#define HEALTH_DIGITS	10
#define RAMQ_LETTERS	4
#define RAMQ_DIGITS		8
#define PASSPORT_DIGITS	6
#define SHORTEST_NAME	3		/* bytes before what a word must name */
#define NUMBER_MAX		6		/* digits of a house number */
#define LONGEST_MONTH	10		/* bytes of a month's name */
#define STREET_WORDS	5		/* between a house number and its street's kind */

/* Words that name a number; the text is compared in small letters. */
static const char *const ohip_names[] = {
	"ohip", "health", "sant\303\251", "sante", "healthcard", NULL
};
static const char *const phn_names[] = {
	"phn", "health", "carecard", "services", NULL
};
static const char *const pri_names[] = {
	"pri", "cidp", "identifier", "identificateur", NULL
};
static const char *const passport_names[] = {
	"passport", "passeport", "passports", "passeports", NULL
};
static const char *const birth_names[] = {
	"born", "birth", "birthdate", "birthday", "dob", "ddn", "naissance",
	"n\303\251", "n\303\251e", "anniversaire", NULL
};

/* Months in both languages, by their first letters and the very first of them. */
static const char *const months[26][6] = {
	['a' - 'a'] = {"apr", "avr", "aug", "ao\303\273", "aou", NULL},
	['d' - 'a'] = {"dec", "d\303\251c", NULL},
	['f' - 'a'] = {"feb", "f\303\251v", "fev", NULL},
	['j' - 'a'] = {"jan", "jun", "juin", "jul", "juil", NULL},
	['m' - 'a'] = {"mar", "may", "mai", NULL},
	['n' - 'a'] = {"nov", NULL},
	['o' - 'a'] = {"oct", NULL},
	['s' - 'a'] = {"sep", NULL},
};

/* Kinds of streets that stand behind the name, and before it. */
static const char *const kinds_behind[] = {
	"st", "street", "ave", "avenue", "rd", "road", "blvd", "boulevard", "dr",
	"drive", "lane", "ln", "court", "crt", "cres", "crescent", "terrace",
	"highway", "hwy", "parkway", "pkwy", "circle", "square", "trail", NULL
};
static const char *const kinds_before[] = {
	"rue", "av", "avenue", "boul", "boulevard", "ch", "chemin", "rang",
	"route", "all\303\251e", "allee", "impasse", "mont\303\251e", NULL
};

/* A word's length. */
static size_t
length_of(SfdwSpan word)
{
	return word.end - word.start;
}

/* Whether a word is one of a list that NULL ends, all of which begin with a
 * letter of ASCII. */
static bool
is_one_of(const SfdwDetection *detection, SfdwSpan word,
		  const char *const *names)
{
	if ((sfdw_rule_class(detection, word.start) & SFDW_IS_LETTER) == 0)
		return false;
	for (; *names != NULL; names++)
	{
		if (sfdw_rule_word_is(detection, word, *names))
			return true;
	}
	return false;
}

/*
 * Digits in groups of these widths (0 ends them) with one space or hyphen
 * between, or all in one word.  Sets match to them and returns how many digits
 * were copied, or 0.
 */
static size_t
take_groups(const SfdwDetection *detection, SfdwSpan word,
			const size_t *widths, char *digits, SfdwSpan *match)
{
	size_t		total = 0;
	size_t		used = 0;
	size_t		i;

	for (i = 0; widths[i] != 0; i++)
		total += widths[i];
	match->start = word.start;
	for (i = 0; widths[i] != 0; i++)
	{
		bool		is_joined = i == 0 && length_of(word) == total;

		if ((!is_joined && length_of(word) != widths[i]) ||
			!sfdw_rule_all(detection, word, SFDW_IS_DIGIT))
			return 0;
		memcpy(digits + used, detection->text + word.start, length_of(word));
		used += length_of(word);
		match->end = word.end;
		if (used == total)
			return total;
		if (word.end >= detection->length ||
			memchr(" -", detection->text[word.end], 2) == NULL)
			return 0;
		word = sfdw_rule_word(detection, word.end + 1);
	}
	return 0;
}

/* Ten digits of a health card, with the letters of its version behind them. */
bool
sfdw_rule_ohip(const SfdwDetection *detection, const SfdwSpan *word,
			   SfdwSpan *match)
{
	static const size_t widths[] = {4, 3, 3, 0};
	char		digits[HEALTH_DIGITS];
	SfdwSpan	version;

	if (word->start < SHORTEST_NAME ||
		take_groups(detection, *word, widths, digits, match) == 0 ||
		digits[0] == '0' || !sfdw_checksum_luhn(digits, HEALTH_DIGITS) ||
		!sfdw_rule_has_name(detection, match->start, ohip_names))
		return false;
	version = sfdw_rule_word(detection, match->end + 1);
	if (length_of(version) <= 2 &&
		sfdw_rule_all(detection, version, SFDW_IS_UPPER))
		match->end = version.end;
	return true;
}

/* Ten digits that begin with 9, the last of which checks the eight before. */
bool
sfdw_rule_bc_phn(const SfdwDetection *detection, const SfdwSpan *word,
				 SfdwSpan *match)
{
	static const size_t widths[] = {4, 3, 3, 0};
	char		digits[HEALTH_DIGITS];

	return word->start >= SHORTEST_NAME &&
		take_groups(detection, *word, widths, digits, match) != 0 &&
		sfdw_checksum_bc_phn(digits) &&
		sfdw_rule_has_name(detection, match->start, phn_names);
}

/* A number of two digits at an offset of a span of digits. */
static int
two_digits(const char *digits)
{
	return (digits[0] - '0') * 10 + digits[1] - '0';
}

/*
 * The four letters of a name, then year, month (50 more for women), day and
 * two digits: in one word, or in three groups of four.
 */
bool
sfdw_rule_ramq(const SfdwDetection *detection, const SfdwSpan *word,
			   SfdwSpan *match)
{
	static const size_t widths[] = {4, 4, 0};
	SfdwSpan	letters = {word->start, word->start + RAMQ_LETTERS};
	SfdwSpan	number = {letters.end, word->end};
	char		digits[RAMQ_DIGITS];
	int			month;
	int			day;

	if (length_of(*word) == RAMQ_LETTERS)
	{
		if (word->end >= detection->length ||
			memchr(" -", detection->text[word->end], 2) == NULL)
			return false;
		number = sfdw_rule_word(detection, word->end + 1);
	}
	if (!sfdw_rule_all(detection, letters, SFDW_IS_LETTER) ||
		take_groups(detection, number, widths, digits, match) == 0)
		return false;
	match->start = word->start;
	month = two_digits(digits + 2);
	day = two_digits(digits + 4);
	if (month > 50)
		month -= 50;
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* Eight or nine digits behind the name of a personal record identifier. */
bool
sfdw_rule_pri(const SfdwDetection *detection, const SfdwSpan *word,
			  SfdwSpan *match)
{
	static const size_t nine[] = {3, 3, 3, 0};
	static const size_t eight[] = {8, 0};
	char		digits[9];

	return (take_groups(detection, *word, nine, digits, match) != 0 ||
			take_groups(detection, *word, eight, digits, match) != 0) &&
		sfdw_rule_has_name(detection, match->start, pri_names);
}

/* Letters, six digits, letters: so many of each. */
static bool
is_passport(const SfdwDetection *detection, SfdwSpan word, size_t letters,
			size_t more)
{
	SfdwSpan	before = {word.start, word.start + letters};
	SfdwSpan	digits = {before.end, before.end + PASSPORT_DIGITS};
	SfdwSpan	behind = {digits.end, word.end};

	return length_of(word) == letters + PASSPORT_DIGITS + more &&
		sfdw_rule_all(detection, before, SFDW_IS_LETTER) &&
		sfdw_rule_all(detection, digits, SFDW_IS_DIGIT) &&
		(more == 0 || sfdw_rule_all(detection, behind, SFDW_IS_LETTER));
}

/* AA123456, or the A123456AA of newer ones. */
bool
sfdw_rule_passport(const SfdwDetection *detection, const SfdwSpan *word,
				   SfdwSpan *match)
{
	*match = *word;
	return (is_passport(detection, *word, 2, 0) ||
			is_passport(detection, *word, 1, 2)) &&
		sfdw_rule_has_name(detection, word->start, passport_names);
}

/* Whether a word is a month, or its first letters. */
static bool
is_month(const SfdwDetection *detection, SfdwSpan word)
{
	const char *const *month;

	if (length_of(word) > LONGEST_MONTH ||
		(sfdw_rule_class(detection, word.start) & SFDW_IS_LETTER) == 0)
		return false;
	month = months[(detection->text[word.start] | 0x20) - 'a'];
	for (; *month != NULL; month++)
	{
		SfdwSpan	start = {word.start, word.start + strlen(*month)};

		if (start.end <= word.end &&
			sfdw_rule_word_is(detection, start, *month))
			return true;
	}
	return false;
}

/* Whether a word is a number of one or two digits, or of four. */
static bool
is_date_number(const SfdwDetection *detection, SfdwSpan word)
{
	return sfdw_rule_all(detection, word, SFDW_IS_DIGIT) &&
		(length_of(word) <= 2 || length_of(word) == 4);
}

/* Where the next part of a date begins; the end of this one: nowhere. */
static size_t
next_date_part(const SfdwDetection *detection, size_t end)
{
	size_t		next = end;

	while (next < detection->length && next - end < 2 &&
		   memchr(" -/.,", detection->text[next], 5) != NULL)
		next++;
	return next;
}

/*
 * Three parts, of which one may be a month's name; numbers alone with a sign
 * between, since three numbers are no date.
 */
static bool
take_date(const SfdwDetection *detection, SfdwSpan part, SfdwSpan *match)
{
	int			names = 0;
	int			i;

	match->start = part.start;
	for (i = 0;; i++)
	{
		size_t		next;

		if (is_month(detection, part))
			names++;
		else if (!is_date_number(detection, part))
			return false;
		match->end = part.end;
		if (i == 2)
			return names <= 1;
		next = next_date_part(detection, part.end);
		if (next == part.end ||
			(i == 1 && names == 0 && detection->text[part.end] == ' '))
			return false;
		part = sfdw_rule_word(detection, next);
	}
}

/* A date behind a word about birth. */
bool
sfdw_rule_birth_date(const SfdwDetection *detection, const SfdwSpan *word,
					 SfdwSpan *match)
{
	return word->start >= SHORTEST_NAME &&
		take_date(detection, *word, match) &&
		sfdw_rule_has_name(detection, match->start, birth_names);
}

/* Whether what separates two words of an address is a space, with a comma. */
static bool
skip_space(const SfdwDetection *detection, size_t *at)
{
	size_t		start = *at;

	while (*at < detection->length && *at - start < 2 &&
		   memchr(" ,.", detection->text[*at], 3) != NULL)
		(*at)++;
	return *at > start;
}

/* Where a name ends whose first word ends there: "Saint-Jean's". */
static size_t
name_end(const SfdwDetection *detection, size_t at)
{
	int			i;

	for (i = 0; i < STREET_WORDS && at < detection->length; i++)
	{
		if (detection->text[at] != '-' && detection->text[at] != '\'')
			break;
		at = sfdw_rule_word(detection, at + 1).end;
	}
	return at;
}

/*
 * A number, then a street: "12, rue X", or "12 X Street" with up to
 * STREET_WORDS words before the kind, of which only a single one may begin with
 * a small letter.  A flag more than a finding: many things are numbered.
 */
bool
sfdw_rule_civic_address(const SfdwDetection *detection, const SfdwSpan *word,
						SfdwSpan *match)
{
	size_t		at = word->end;
	int			small = 0;		/* words that begin with a small letter */
	int			i;

	if (length_of(*word) > NUMBER_MAX ||
		!sfdw_rule_all(detection, *word, SFDW_IS_DIGIT))
		return false;
	match->start = word->start;
	for (i = 0; i < STREET_WORDS; i++)
	{
		SfdwSpan	next;

		if (!skip_space(detection, &at))
			return false;
		next = sfdw_rule_word(detection, at);
		if (length_of(next) == 0)
			return false;
		match->end = next.end;
		if (i == 0 && is_one_of(detection, next, kinds_before))
			return true;
		if (i > 0 && is_one_of(detection, next, kinds_behind))
			return small == 0 || i == 1;
		small += (sfdw_rule_class(detection, next.start) & SFDW_IS_LOWER) != 0;
		at = name_end(detection, next.end);
	}
	return false;
}
