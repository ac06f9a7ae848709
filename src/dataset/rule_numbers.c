/*-------------------------------------------------------------------------
 * rule_numbers.c
 *		The rules for numbers in groups: SIN, phone, payment card
 *
 * Pure.  See rules.h.
 *-------------------------------------------------------------------------
 */
#include "dataset/checksums.h"
#include "dataset/rules.h"

#include <string.h>

#define MAX_GROUPS		8		/* a phone number abroad has no more */
#define MAX_GAP			3		/* as in "613 - 555 - 0199" */
#define MAX_DIGITS		19		/* of a payment card */
#define SIN_DIGITS		9
#define NANP_DIGITS		10
#define INTERNATIONAL_MIN	10
#define INTERNATIONAL_MAX	15
#define EXTENSION_DIGITS	5
#define WHOLE_BYTES		64		/* a value that is one number */

/* Groups of digits from the first word on, with short gaps between them. */
typedef struct Groups
{
	int			count;
	SfdwSpan	group[MAX_GROUPS];
	bool		has_extension;	/* "0199x12": the last group's word goes on */
} Groups;

/*
 * Where the digits end that a word consists of, or begins with when an "x"
 * and an extension follow; its start when it is anything else.
 */
static size_t
digits_end(const SfdwDetection *detection, SfdwSpan word, bool *has_extension)
{
	size_t		end = word.start;
	SfdwSpan	rest;

	*has_extension = false;
	while (end < word.end && (sfdw_rule_class(detection, end) & SFDW_IS_DIGIT))
		end++;
	if (end == word.end)
		return end;
	rest.start = end + 1;
	rest.end = word.end;
	if ((detection->text[end] | 0x20) != 'x' ||
		rest.end - rest.start > EXTENSION_DIGITS ||
		!sfdw_rule_all(detection, rest, SFDW_IS_DIGIT))
		return word.start;
	*has_extension = true;
	return end;
}

/* The start of the next group, or the offset itself when none is near. */
static size_t
skip_gap(const SfdwDetection *detection, size_t at)
{
	size_t		next = at;

	while (next < detection->length && next - at < MAX_GAP &&
		   memchr(" -./()", detection->text[next], 6) != NULL)
		next++;
	return sfdw_rule_class(detection, next) & SFDW_IS_DIGIT ? next : at;
}

/* Collect the groups; false when the word is not one. */
static bool
collect(const SfdwDetection *detection, const SfdwSpan *word, Groups *groups)
{
	SfdwSpan	next = *word;

	groups->count = 0;
	for (;;)
	{
		size_t		end = digits_end(detection, next, &groups->has_extension);
		size_t		start;

		if (end == next.start)
			break;
		groups->group[groups->count].start = next.start;
		groups->group[groups->count++].end = end;
		start = skip_gap(detection, end);
		if (groups->has_extension || groups->count == MAX_GROUPS || start == end)
			break;
		next = sfdw_rule_word(detection, start);
	}
	return groups->count > 0;
}

/* How many digits a group has. */
static size_t
width(const Groups *groups, int i)
{
	return groups->group[i].end - groups->group[i].start;
}

/* Whether the gaps before the first count groups are all the same. */
static bool
same_gaps(const SfdwDetection *detection, const Groups *groups, int count,
		  const char *allowed)
{
	size_t		first = groups->group[0].end;
	size_t		length;
	size_t		j;
	int			i;

	if (count < 2)
		return true;
	length = groups->group[1].start - first;
	for (j = 0; j < length; j++)
	{
		if (strchr(allowed, detection->text[first + j]) == NULL)
			return false;
	}
	for (i = 1; i + 1 < count; i++)
	{
		size_t		gap = groups->group[i].end;

		if (groups->group[i + 1].start - gap != length ||
			memcmp(detection->text + gap, detection->text + first, length) != 0)
			return false;
	}
	return true;
}

/* Whether the characters around a number make it money, a share or decimals. */
static bool
is_amount(const SfdwDetection *detection, const SfdwSpan *span)
{
	size_t		before = span->start;
	size_t		after = span->end;
	char		c;

	if (before > 0 && detection->text[before - 1] == ' ')
		before--;
	if (before > 0 && detection->text[before - 1] == '$')
		return true;
	c = after < detection->length ? detection->text[after] : '\0';
	if ((c == '.' || c == ',') &&
		(sfdw_rule_class(detection, after + 1) & SFDW_IS_DIGIT))
	{
		SfdwSpan	decimals = sfdw_rule_word(detection, after + 1);

		return decimals.end - decimals.start <= 2;
	}
	if (c == ' ' && ++after < detection->length)
		c = detection->text[after];
	return c == '$' || c == '%';
}

/* Words that name such a number. */
static const char *const sin_names[] = {
	"sin", "nas", "insurance", "assurance", NULL
};

/* Whether nothing but a few spaces stands around a span. */
static bool
is_whole(const SfdwDetection *detection, const SfdwSpan *span)
{
	size_t		at;

	if (detection->length > WHOLE_BYTES)
		return false;
	for (at = 0; at < detection->length; at++)
	{
		if (at == span->start)
			at = span->end;
		if (at < detection->length &&
			memchr(" \t\r\n", detection->text[at], 4) == NULL)
			return false;
	}
	return true;
}

/* Luhn lets one number in ten pass, so how it is written counts as well. */
bool
sfdw_rule_sin(const SfdwDetection *detection, const SfdwSpan *word,
			  SfdwSpan *match)
{
	Groups		groups;
	char		first = detection->text[word->start];

	if (first == '0' || first == '8' || !collect(detection, word, &groups))
		return false;
	if (width(&groups, 0) == SIN_DIGITS)
	{
		*match = groups.group[0];
		if (groups.has_extension ||
			(!is_whole(detection, match) &&
			 !sfdw_rule_has_name(detection, match->start, sin_names)))
			return false;
	}
	else
	{
		if (groups.count < 3 || width(&groups, 0) != 3 ||
			width(&groups, 1) != 3 || width(&groups, 2) != 3 ||
			(groups.count == 3 && groups.has_extension) ||
			!same_gaps(detection, &groups, 3, " -"))
			return false;
		match->start = word->start;
		match->end = groups.group[2].end;
		if (is_amount(detection, match))
			return false;
	}
	return sfdw_checksum_luhn(detection->text + match->start,
							  match->end - match->start);
}

/*
 * Copy the first wanted digits out of the groups; each group must end at one
 * of the places (a bit mask of counts of digits).  Returns how many groups
 * that took, or 0.
 */
static int
take_digits(const SfdwDetection *detection, const Groups *groups,
			unsigned int wanted, unsigned int places, char *digits)
{
	unsigned int used = 0;
	int			i;

	for (i = 0; i < groups->count; i++)
	{
		size_t		length = width(groups, i);

		if (used + length > wanted)
			return 0;
		memcpy(digits + used, detection->text + groups->group[i].start, length);
		used += (unsigned int) length;
		if ((places & (1u << used)) == 0)
			return 0;
		if (used == wanted)
			return i + 1;
	}
	return 0;
}

/* Whether a code of three digits can be an area or an exchange. */
static bool
is_nanp_code(const char *digits)
{
	return digits[0] >= '2' && digits[0] <= '9' &&
		!(digits[1] == '1' && digits[2] == '1');
}

/* Ten digits as 3-3-4, with or without the country's 1; groups may be joined. */
static int
match_nanp(const SfdwDetection *detection, const Groups *groups)
{
	const unsigned int places = 1u << 3 | 1u << 6 | 1u << NANP_DIGITS;
	char		digits[NANP_DIGITS + 1];
	int			taken;
	const char *area = digits;

	taken = take_digits(detection, groups, NANP_DIGITS, places, digits);
	if (taken == 0)
	{
		taken = take_digits(detection, groups, NANP_DIGITS + 1,
							places << 1 | 1u << 1, digits);
		if (taken == 0 || digits[0] != '1')
			return 0;
		area = digits + 1;
	}
	return is_nanp_code(area) && area[1] != '9' && is_nanp_code(area + 3) ?
		taken : 0;
}

/* Behind a plus sign: as many groups as such a number can have. */
static int
match_international(const SfdwDetection *detection, const Groups *groups)
{
	size_t		start = groups->group[0].start;
	size_t		digits = 0;
	int			i;

	if (start == 0 || detection->text[start - 1] != '+' ||
		detection->text[start] == '0' || detection->text[start] == '1')
		return 0;
	for (i = 0; i < groups->count; i++)
	{
		if (digits + width(groups, i) > INTERNATIONAL_MAX)
			break;
		digits += width(groups, i);
	}
	return digits >= INTERNATIONAL_MIN ? i : 0;
}

/*
 * Whether the first group can begin a phone number, by its length and first
 * digit: most numbers are told from one by that.
 */
static bool
may_be_phone(const SfdwDetection *detection, const SfdwSpan *word)
{
	const char *text = detection->text + word->start;
	size_t		length = word->end - word->start;

	if (length > NANP_DIGITS + 1 ||
		(word->start > 0 && detection->text[word->start - 1] == '+'))
		return true;
	if (text[0] == '1')
		return length == 1 || length == 4 || length == 7 ||
			length == NANP_DIGITS + 1;
	return text[0] > '1' &&
		(length == 3 || length == 6 || length == NANP_DIGITS);
}

/* The match takes in a plus sign and a parenthesis before it. */
bool
sfdw_rule_phone(const SfdwDetection *detection, const SfdwSpan *word,
				SfdwSpan *match)
{
	Groups		groups;
	int			taken;

	if (!may_be_phone(detection, word) || !collect(detection, word, &groups))
		return false;
	taken = match_nanp(detection, &groups);
	if (taken == 0)
		taken = match_international(detection, &groups);
	if (taken == 0)
		return false;
	match->start = word->start;
	match->end = groups.group[taken - 1].end;
	if (is_amount(detection, match))
		return false;
	while (match->start > 0 && word->start - match->start < 2 &&
		   memchr("+(", detection->text[match->start - 1], 2) != NULL)
		match->start--;
	return true;
}

/* Ranges of issuers: the first digits, and the lengths as a bit mask. */
#define LEN(n)	(1u << (n))
#define LEN16_19	(LEN(16) | LEN(17) | LEN(18) | LEN(19))
#define LEN13_19	(LEN(13) | LEN(14) | LEN(15) | LEN16_19)

static const struct
{
	unsigned int low;			/* of the first four digits */
	unsigned int high;
	unsigned int lengths;
}			issuers[] =
{
	{2221, 2720, LEN(16)},		/* Mastercard */
	{3000, 3059, LEN(14)},		/* Diners */
	{3095, 3095, LEN(14)},
	{3400, 3499, LEN(15)},		/* American Express */
	{3528, 3589, LEN16_19},		/* JCB */
	{3600, 3699, LEN(14) | LEN(15) | LEN16_19}, /* Diners */
	{3700, 3799, LEN(15)},		/* American Express */
	{3800, 3999, LEN(14) | LEN(15) | LEN16_19}, /* Diners */
	{4000, 4999, LEN(13) | LEN(16) | LEN(19)},	/* Visa */
	{5018, 5018, LEN13_19},		/* Maestro */
	{5020, 5020, LEN13_19},
	{5038, 5038, LEN13_19},
	{5100, 5599, LEN(16)},		/* Mastercard */
	{5893, 5893, LEN13_19},		/* Maestro */
	{6011, 6011, LEN16_19},		/* Discover */
	{6200, 6299, LEN16_19},		/* UnionPay */
	{6304, 6304, LEN13_19},		/* Maestro */
	{6440, 6599, LEN16_19},		/* Discover */
	{6759, 6763, LEN13_19}		/* Maestro */
};

/* Whether an issuer's cards begin so and are so long. */
static bool
is_issued(const char *digits, size_t length)
{
	unsigned int first = 0;
	size_t		i;

	for (i = 0; i < 4; i++)
		first = first * 10 + (unsigned int) (digits[i] - '0');
	for (i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++)
	{
		if (first >= issuers[i].low && first <= issuers[i].high)
			return (issuers[i].lengths & LEN(length)) != 0;
	}
	return false;
}

/*
 * Whether the first count groups are as printed on a card: fours with a
 * shorter last one, 4-6-4 and 4-6-5, or one.
 */
static bool
is_card_grouping(const Groups *groups, int count)
{
	int			i;

	if (count == 1)
		return true;
	if (count == 3)
		return width(groups, 0) == 4 && width(groups, 1) == 6 &&
			(width(groups, 2) == 4 || width(groups, 2) == 5);
	for (i = 0; i + 1 < count; i++)
	{
		if (width(groups, i) != 4)
			return false;
	}
	return count >= 4 && width(groups, count - 1) <= 4;
}

/* What follows a card (its expiry) may look like more groups: try each count. */
bool
sfdw_rule_card(const SfdwDetection *detection, const SfdwSpan *word,
			   SfdwSpan *match)
{
	Groups		groups;
	char		digits[MAX_DIGITS];
	size_t		used = 0;
	int			i;

	if (!collect(detection, word, &groups))
		return false;
	for (i = 0; i < groups.count; i++)
	{
		size_t		length = width(&groups, i);

		if (used + length > MAX_DIGITS ||
			(i + 1 == groups.count && groups.has_extension))
			return false;
		memcpy(digits + used, detection->text + groups.group[i].start, length);
		used += length;
		if (used >= 13 && is_card_grouping(&groups, i + 1) &&
			same_gaps(detection, &groups, i + 1, " -") &&
			is_issued(digits, used) && sfdw_checksum_luhn(digits, used))
		{
			match->start = word->start;
			match->end = groups.group[i].end;
			return true;
		}
	}
	return false;
}
