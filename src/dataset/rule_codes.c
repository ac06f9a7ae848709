/*-------------------------------------------------------------------------
 * rule_codes.c
 *		The rules for codes of letters and digits: postal code, IBAN, address
 *
 * Pure.  See rules.h.
 *-------------------------------------------------------------------------
 */
#include "dataset/checksums.h"
#include "dataset/rules.h"

#include <stdlib.h>
#include <string.h>

#define POSTAL_GAP		3		/* as in "K1A - 0B1" */
#define IBAN_MAX		34
#define IBAN_GROUP		4
#define IPV4_PARTS		4
#define IPV6_GROUPS		8
#define HEX_GROUP		4

/* A word's length. */
static size_t
length_of(SfdwSpan word)
{
	return word.end - word.start;
}

/*
 * Whether three characters are one half of a postal code: letter, digit,
 * letter for the first, digit, letter, digit for the second.  D, F, I, O, Q
 * and U are not used, W and Z not first.
 */
static bool
is_postal_half(const SfdwDetection *detection, size_t at, bool first)
{
	int			i;

	for (i = 0; i < 3; i++)
	{
		unsigned char class = sfdw_rule_class(detection, at + i);
		char		c = detection->text[at + i] | 0x20;

		if ((i % 2 == 0) != first)
		{
			if ((class & SFDW_IS_DIGIT) == 0)
				return false;
		}
		else if ((class & SFDW_IS_LETTER) == 0 ||
				 strchr(i == 0 ? "dfioquwz" : "dfioqu", c) != NULL)
			return false;
	}
	return true;
}

/* One word of six, or two of three. */
bool
sfdw_rule_postal_code(const SfdwDetection *detection, const SfdwSpan *word,
					  SfdwSpan *match)
{
	size_t		second = word->start + 3;

	if (length_of(*word) == 3)
	{
		second = word->end;
		while (second < detection->length &&
			   second - word->end < POSTAL_GAP &&
			   (detection->text[second] == ' ' || detection->text[second] == '-'))
			second++;
		if (second == word->end ||
			length_of(sfdw_rule_word(detection, second)) != 3)
			return false;
	}
	else if (length_of(*word) != 6)
		return false;
	match->start = word->start;
	match->end = second + 3;
	return is_postal_half(detection, word->start, true) &&
		is_postal_half(detection, second, false);
}

/* Countries of the IBAN registry and what follows the check digits. */
static const struct
{
	char		country[3];
	const char *structure;		/* counts of n digits, a letters, c both */
}			ibans[] =
{
	{"AD", "8n12c"}, {"AE", "19n"}, {"AL", "8n16c"}, {"AT", "16n"},
	{"AZ", "4a20c"}, {"BA", "16n"}, {"BE", "12n"}, {"BG", "4a6n8c"},
	{"BH", "4a14c"}, {"BI", "23n"}, {"BR", "23n1a1c"}, {"BY", "4c4n16c"},
	{"CH", "5n12c"}, {"CR", "18n"}, {"CY", "8n16c"}, {"CZ", "20n"},
	{"DE", "18n"}, {"DJ", "23n"}, {"DK", "14n"}, {"DO", "4c20n"},
	{"EE", "16n"}, {"EG", "25n"}, {"ES", "20n"}, {"FI", "14n"},
	{"FK", "2a12n"}, {"FO", "14n"}, {"FR", "10n11c2n"}, {"GB", "4a14n"},
	{"GE", "2a16n"}, {"GI", "4a15c"}, {"GL", "14n"}, {"GR", "7n16c"},
	{"GT", "24c"}, {"HN", "4a20n"}, {"HR", "17n"}, {"HU", "24n"},
	{"IE", "4a14n"}, {"IL", "19n"}, {"IQ", "4a15n"}, {"IS", "22n"},
	{"IT", "1a10n12c"}, {"JO", "4a4n18c"}, {"KW", "4a22c"}, {"KZ", "3n13c"},
	{"LB", "4n20c"}, {"LC", "4a24c"}, {"LI", "5n12c"}, {"LT", "16n"},
	{"LU", "3n13c"}, {"LV", "4a13c"}, {"LY", "21n"}, {"MC", "10n11c2n"},
	{"MD", "20c"}, {"ME", "18n"}, {"MK", "3n10c2n"}, {"MN", "16n"},
	{"MR", "23n"}, {"MT", "4a5n18c"}, {"MU", "4a19n3a"}, {"NI", "4a20n"},
	{"NL", "4a10n"}, {"NO", "11n"}, {"OM", "3n16c"}, {"PK", "4a16c"},
	{"PL", "24n"}, {"PS", "4a21c"}, {"PT", "21n"}, {"QA", "4a21c"},
	{"RO", "4a16c"}, {"RS", "18n"}, {"RU", "14n15c"}, {"SA", "2n18c"},
	{"SC", "4a20n3a"}, {"SD", "14n"}, {"SE", "20n"}, {"SI", "15n"},
	{"SK", "20n"}, {"SM", "1a10n12c"}, {"SO", "19n"}, {"ST", "21n"},
	{"SV", "4a20n"}, {"TL", "19n"}, {"TN", "20n"}, {"TR", "6n16c"},
	{"UA", "6n19c"}, {"VA", "18n"}, {"VG", "4a16n"}, {"XK", "16n"},
	{"YE", "4a4n18c"}
};

/* The structure of a country's IBAN, in either case; NULL when it has none. */
static const char *
iban_structure(const char *country)
{
	size_t		i;

	for (i = 0; i < sizeof(ibans) / sizeof(ibans[0]); i++)
	{
		if ((country[0] & ~0x20) == ibans[i].country[0] &&
			(country[1] & ~0x20) == ibans[i].country[1])
			return ibans[i].structure;
	}
	return NULL;
}

/* How many characters a structure asks for, with country and check digits. */
static size_t
iban_length(const char *structure)
{
	size_t		length = 4;

	while (*structure != '\0')
	{
		char	   *kind;

		length += strtoul(structure, &kind, 10);
		structure = kind + 1;
	}
	return length;
}

/*
 * Copy length letters and digits from an offset on, in one word or in groups
 * of four behind one space or hyphen each.  Returns where the last one ends,
 * which must be a word's end; 0 when they are not so.
 */
static size_t
copy_grouped(const SfdwDetection *detection, size_t at, char *copy,
			 size_t length)
{
	SfdwSpan	word = sfdw_rule_word(detection, at);
	size_t		used = 0;

	if (length_of(word) != length && length_of(word) != IBAN_GROUP)
		return 0;
	for (;;)
	{
		if (length_of(word) > length - used || length_of(word) == 0)
			return 0;
		memcpy(copy + used, detection->text + word.start, length_of(word));
		used += length_of(word);
		if (used == length)
			return word.end;
		if (length_of(word) != IBAN_GROUP || word.end >= detection->length ||
			memchr(" -", detection->text[word.end], 2) == NULL)
			return 0;
		word = sfdw_rule_word(detection, word.end + 1);
	}
}

/* Whether the characters behind the check digits are as the structure says. */
static bool
has_structure(const char *text, const char *structure)
{
	while (*structure != '\0')
	{
		char	   *kind;
		unsigned long count = strtoul(structure, &kind, 10);

		for (; count > 0; count--, text++)
		{
			unsigned char class = sfdw_rule_classes[(unsigned char) *text];

			if ((class & (*kind == 'n' ? SFDW_IS_DIGIT :
						  *kind == 'a' ? SFDW_IS_LETTER :
						  SFDW_IS_DIGIT | SFDW_IS_LETTER)) == 0)
				return false;
		}
		structure = kind + 1;
	}
	return true;
}

/*
 * No Salesforce id of 18 characters is an IBAN: those of that length have a
 * digit as the 16th character, which in an id says which of the first five are
 * capitals, and is a digit only when the fourth is one; in an IBAN that is a
 * check digit.
 */
bool
sfdw_rule_iban(const SfdwDetection *detection, const SfdwSpan *word,
			   SfdwSpan *match)
{
	const char *text = detection->text + word->start;
	const char *structure;
	char		iban[IBAN_MAX];
	size_t		length;

	if (length_of(*word) < IBAN_GROUP ||
		(sfdw_rule_class(detection, word->start + 1) & SFDW_IS_LETTER) == 0 ||
		(sfdw_rule_class(detection, word->start + 2) & SFDW_IS_DIGIT) == 0 ||
		(sfdw_rule_class(detection, word->start + 3) & SFDW_IS_DIGIT) == 0 ||
		(structure = iban_structure(text)) == NULL)
		return false;
	length = iban_length(structure);
	match->start = word->start;
	match->end = copy_grouped(detection, word->start, iban, length);
	return match->end > 0 && has_structure(iban + 4, structure) &&
		sfdw_checksum_iban(iban, length);
}

/* Four numbers up to 255; not a part of a longer chain of numbers. */
static bool
match_ipv4(const SfdwDetection *detection, const SfdwSpan *word,
		   SfdwSpan *match)
{
	SfdwSpan	part = *word;
	int			i;

	if (word->start > 1 && detection->text[word->start - 1] == '.' &&
		(sfdw_rule_class(detection, word->start - 2) & SFDW_IS_DIGIT))
		return false;
	for (i = 0; i < IPV4_PARTS; i++)
	{
		if (length_of(part) > 3 ||
			!sfdw_rule_all(detection, part, SFDW_IS_DIGIT) ||
			(length_of(part) == 3 &&
			 memcmp(detection->text + part.start, "255", 3) > 0))
			return false;
		match->end = part.end;
		if (i + 1 == IPV4_PARTS)
			break;
		if (part.end >= detection->length || detection->text[part.end] != '.')
			return false;
		part = sfdw_rule_word(detection, part.end + 1);
	}
	match->start = word->start;
	return !(match->end < detection->length &&
			 detection->text[match->end] == '.' &&
			 (sfdw_rule_class(detection, match->end + 1) & SFDW_IS_DIGIT));
}

/* How many colons stand at an offset: 0 to 3. */
static size_t
colons(const SfdwDetection *detection, size_t at)
{
	size_t		end = at;

	while (end < detection->length && end - at < 3 &&
		   detection->text[end] == ':')
		end++;
	return end - at;
}

/*
 * Whether the word at an offset goes on a chain of groups, whose first word was
 * looked at before.
 */
static bool
continues_chain(const SfdwDetection *detection, size_t start)
{
	SfdwSpan	group = {start, start};

	while (group.end > 0 && start - group.end < 2 &&
		   detection->text[group.end - 1] == ':')
		group.end--;
	if (group.end == start)
		return false;
	group.start = group.end;
	while (group.start > 0 && length_of(group) <= HEX_GROUP &&
		   (sfdw_rule_class(detection, group.start - 1) & SFDW_IS_WORD))
		group.start--;
	return length_of(group) <= HEX_GROUP &&
		sfdw_rule_all(detection, group, SFDW_IS_HEX);
}

/*
 * Eight groups, or fewer around one "::".  Two groups alone need a first one
 * of four characters: "a::1" is more often code than an address.
 */
static bool
match_ipv6(const SfdwDetection *detection, const SfdwSpan *word,
		   SfdwSpan *match)
{
	SfdwSpan	group = *word;
	int			groups = 0;
	int			gaps = 0;
	bool		has_digit = false;

	if (continues_chain(detection, word->start))
		return false;
	while (groups <= IPV6_GROUPS)
	{
		size_t		count = colons(detection, group.end);
		size_t		at;

		if (length_of(group) > HEX_GROUP ||
			!sfdw_rule_all(detection, group, SFDW_IS_HEX))
			return false;
		for (at = group.start; at < group.end; at++)
			has_digit |= (sfdw_rule_class(detection, at) & SFDW_IS_DIGIT) != 0;
		match->end = group.end;
		groups++;
		if (count == 0 || count > 2 ||
			(sfdw_rule_class(detection, group.end + count) & SFDW_IS_HEX) == 0)
			break;
		gaps += count == 2;
		group = sfdw_rule_word(detection, group.end + count);
	}
	match->start = word->start;
	if (gaps == 0)
		return groups == IPV6_GROUPS;
	return gaps == 1 && has_digit && groups < IPV6_GROUPS &&
		(groups > 2 || (groups == 2 && length_of(*word) == HEX_GROUP));
}

/* What follows the first word tells which of the two it can be. */
bool
sfdw_rule_ip(const SfdwDetection *detection, const SfdwSpan *word,
			 SfdwSpan *match)
{
	char		next = word->end < detection->length ?
		detection->text[word->end] : '\0';

	return (next == '.' && match_ipv4(detection, word, match)) ||
		(next == ':' && match_ipv6(detection, word, match));
}
