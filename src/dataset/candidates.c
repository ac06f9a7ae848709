/*-------------------------------------------------------------------------
 * candidates.c
 *		Which detectors can have a match that begins with a word
 *
 * Pure.  A row says of a detector what the first word of a match can be.  It
 * must never say less than the detector's rule takes: test_candidates.c holds
 * the one against the other.
 *-------------------------------------------------------------------------
 */
#include "dataset/candidates.h"

#include "dataset/detectors.h"
#include "core/eight_bytes.h"

/* Lengths as bits: one, all from one on, all up to one, a range. */
#define LEN(n)			(UINT32_C(1) << (n))
#define FROM(n)			(~(LEN(n) - 1))
#define UPTO(n)			(LEN((n) + 1) - 1)
#define BETWEEN(a, b)	(FROM(a) & UPTO(b))

/* Of a record id with its check letters, of a date, and of one with a time. */
#define ID_LENGTH		18
#define DATE_LENGTH		10
#define TIME_LENGTH		19

/* Signs behind a group of digits, by what the rules skip. */
#define GROUP_SIGNS		" -"
#define PHONE_SIGNS		" -./()"
#define DATE_SIGNS		" -/.,"
#define STREET_SIGNS	" ,."

/* What months in both languages begin with, and what tokens of any kind do. */
#define MONTH_LETTERS	"ADFJMNOSadfjmnos"
#define TOKEN_LETTERS	"ABSegnrsxy0"

#define DIGITS			SFDW_WORD_DIGITS
#define LETTERS			SFDW_WORD_LETTERS
#define LETTER_FIRST	SFDW_WORD_LETTER_FIRST
#define DIGIT_FIRST		SFDW_WORD_DIGIT_FIRST

/*
 * A first word of that kind and one of these lengths: whatever follows, and
 * followed by one of the signs.  email has no row: its word is the @.
 */
static const struct
{
	SfdwDetector detector;
	SfdwWordKind kind;
	uint32_t	alone;
	uint32_t	followed;
	const char *signs;
}			rows[] =
{
	{SFDW_DETECT_SIN, DIGITS, LEN(9), LEN(3), GROUP_SIGNS},
	{SFDW_DETECT_RAMQ, LETTER_FIRST, LEN(12), LEN(8), GROUP_SIGNS},
	{SFDW_DETECT_RAMQ, LETTERS, 0, LEN(4), GROUP_SIGNS},
	{SFDW_DETECT_OHIP, DIGITS, LEN(10), LEN(4), GROUP_SIGNS},
	{SFDW_DETECT_BC_PHN, DIGITS, LEN(10), LEN(4), GROUP_SIGNS},
	{SFDW_DETECT_PRI, DIGITS, LEN(8) | LEN(9), LEN(3), GROUP_SIGNS},
	{SFDW_DETECT_PASSPORT, LETTER_FIRST, LEN(8) | LEN(9), 0, ""},
	{SFDW_DETECT_BIRTH_DATE, DIGITS, 0, LEN(1) | LEN(2) | LEN(4), DATE_SIGNS},
	{SFDW_DETECT_BIRTH_DATE, LETTERS, 0, BETWEEN(3, 10), DATE_SIGNS},
	{SFDW_DETECT_BIRTH_DATE, LETTER_FIRST, 0, BETWEEN(3, 10), DATE_SIGNS},
	{SFDW_DETECT_PHONE, DIGITS, BETWEEN(10, 15), BETWEEN(1, 9), PHONE_SIGNS},
	{SFDW_DETECT_PHONE, DIGIT_FIRST, BETWEEN(12, 21), 0, ""},
	{SFDW_DETECT_POSTAL_CODE, LETTER_FIRST, LEN(6), LEN(3), GROUP_SIGNS},
	{SFDW_DETECT_CIVIC_ADDRESS, DIGITS, 0, BETWEEN(1, 6), STREET_SIGNS},
	{SFDW_DETECT_CARD, DIGITS, BETWEEN(13, 19), LEN(4), GROUP_SIGNS},
	{SFDW_DETECT_IBAN, LETTER_FIRST, FROM(15), LEN(4), GROUP_SIGNS},
	{SFDW_DETECT_MAC, DIGITS, 0, LEN(2), ":-"},
	{SFDW_DETECT_MAC, LETTERS, 0, LEN(2), ":-"},
	{SFDW_DETECT_MAC, LETTER_FIRST, 0, LEN(2), ":-"},
	{SFDW_DETECT_MAC, DIGIT_FIRST, 0, LEN(2), ":-"},
	{SFDW_DETECT_IP, DIGITS, 0, BETWEEN(1, 4), ".:"},
	{SFDW_DETECT_IP, LETTERS, 0, BETWEEN(1, 4), ".:"},
	{SFDW_DETECT_IP, LETTER_FIRST, 0, BETWEEN(1, 4), ".:"},
	{SFDW_DETECT_IP, DIGIT_FIRST, 0, BETWEEN(1, 4), ".:"},
	{SFDW_DETECT_URL_PASSWORD, LETTERS, 0, BETWEEN(1, 12), ":"},
	{SFDW_DETECT_URL_PASSWORD, LETTER_FIRST, 0, BETWEEN(1, 12), ":"},
	{SFDW_DETECT_TOKEN, LETTERS, FROM(2), 0, ""},
	{SFDW_DETECT_TOKEN, LETTER_FIRST, FROM(4), 0, ""},
	{SFDW_DETECT_TOKEN, DIGIT_FIRST, 0, LEN(15), "!"},
	{SFDW_DETECT_AWS_KEY, LETTERS, LEN(20), 0, ""},
	{SFDW_DETECT_AWS_KEY, LETTER_FIRST, LEN(20), 0, ""},
	{SFDW_DETECT_NOTIFY_KEY, DIGITS, 0, LEN(8), "-"},
	{SFDW_DETECT_NOTIFY_KEY, LETTERS, 0, LEN(8), "-"},
	{SFDW_DETECT_NOTIFY_KEY, LETTER_FIRST, 0, LEN(8), "-"},
	{SFDW_DETECT_NOTIFY_KEY, DIGIT_FIRST, 0, LEN(8), "-"},
};

/* Detectors whose first words begin with certain bytes alone. */
static const struct
{
	SfdwDetector detector;
	const char *bytes;
}			firsts[] =
{
	{SFDW_DETECT_BIRTH_DATE, MONTH_LETTERS "0123456789"},
	{SFDW_DETECT_TOKEN, TOKEN_LETTERS},
};

/* Take those out of the first bytes that are not theirs. */
static void
init_firsts(SfdwCandidates *candidates)
{
	size_t		i;
	int			byte;

	memset(candidates->by_first, 0xFF, sizeof(candidates->by_first));
	for (i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
		for (byte = 0; byte < 256; byte++)
			if (byte == 0 || strchr(firsts[i].bytes, byte) == NULL)
				candidates->by_first[byte] &=
					~(UINT32_C(1) << firsts[i].detector);
}

/* By length and by sign, so that a word needs few looks. */
void
sfdw_candidates_init(SfdwCandidates *candidates)
{
	size_t		i;
	int			length;
	const char *sign;

	memset(candidates, 0, sizeof(*candidates));
	init_firsts(candidates);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		uint32_t	bit = UINT32_C(1) << rows[i].detector;

		for (length = 0; length <= SFDW_WORD_LONG; length++)
		{
			if (rows[i].alone & LEN(length))
				candidates->alone[rows[i].kind][length] |= bit;
			if (rows[i].followed & LEN(length))
				candidates->followed[rows[i].kind][length] |= bit;
		}
		for (sign = rows[i].signs; *sign != '\0'; sign++)
			candidates->by_next[(unsigned char) *sign] |= bit;
	}
}

/*
 * Whether eight bytes are as a form says: a digit for each '0' in it, the byte
 * itself for any other.  What differs then is at most 9 or 0, so that adding 6
 * or 15 leaves the upper half of each byte clear.
 */
static bool
has_form(const char *text, const char *form, uint64_t allowance)
{
	uint64_t	difference = sfdw_eight_bytes(text) ^ sfdw_eight_bytes(form);

	return ((difference | (difference + allowance)) & SFDW_EACH(0xF0)) == 0;
}

/* 6 for each digit and 15 for each sign of a form, in the machine's order. */
static uint64_t
allowance_of(const char *form)
{
	unsigned char bytes[sizeof(uint64_t)];
	size_t		i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = form[i] == '0' ? 0x06 : 0x0F;
	return sfdw_eight_bytes(bytes);
}

/*
 * Three groups and three, too short and too unlike for any number.  The parts
 * of eight bytes overlap, and leave out the blank between.
 */
static bool
is_time(const char *text, size_t length)
{
	static const char date[] = "0000-00-";
	static const char day[] = "00-00-00";
	static const char time[] = "00:00:00";

	if (text[4] != '-' || text[7] != '-')
		return false;
	return has_form(text, date, allowance_of(date)) &&
		has_form(text + 2, day, allowance_of(day)) &&
		(length == DATE_LENGTH ||
		 ((text[10] == ' ' || text[10] == 'T') &&
		  has_form(text + 11, time, allowance_of(time))));
}

/* Whether eight bytes are digits and letters of ASCII; adds which are letters. */
static bool
is_alphanumeric(const char *text, uint64_t *letters)
{
	uint64_t	bytes = sfdw_eight_bytes(text);
	uint64_t	found;

	if (bytes & SFDW_UPPER_BITS)
		return false;
	found = sfdw_eight_between(bytes | SFDW_EACH(0x20), 'a', 'z');
	*letters |= found & SFDW_UPPER_BITS;
	found |= sfdw_eight_between(bytes, '0', '9');
	return (found & SFDW_UPPER_BITS) == SFDW_UPPER_BITS;
}

/* A word of digits and letters, a digit first: see the rows above. */
static bool
is_id(const char *text)
{
	uint64_t	letters = 0;

	return text[0] >= '0' && text[0] <= '9' &&
		is_alphanumeric(text, &letters) &&
		is_alphanumeric(text + 8, &letters) &&
		is_alphanumeric(text + ID_LENGTH - 8, &letters) && letters != 0;
}

/* By length first: most texts are neither. */
bool
sfdw_candidates_is_plain(const char *text, size_t length)
{
	switch (length)
	{
		case DATE_LENGTH:
		case TIME_LENGTH:
			return is_time(text, length);
		case ID_LENGTH:
			return is_id(text);
		default:
			return false;
	}
}
