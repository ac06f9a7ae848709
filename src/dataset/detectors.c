/*-------------------------------------------------------------------------
 * detectors.c
 *		Find personal data and keys in text by pattern and checksum
 *
 * Pure.  See detectors.h.  This file walks over words and maps matches back to
 * the text as it was given; what a match is, the rules say.
 *-------------------------------------------------------------------------
 */
#include "dataset/detectors.h"
#include "dataset/fold.h"
#include "dataset/rules.h"

#include <string.h>

/* The longest word with which a phone number and its extension may begin. */
#define LONGEST_EXTENDED	17

/* The longest name of a month, in bytes. */
#define LONGEST_MONTH	10

/* For rules whose first word may be of letters and digits, however long. */
#define ANY_LENGTH		SIZE_MAX

/*
 * One row a detector, in its order: its rule, how the first word may begin,
 * and how long it may be when there are letters in it.  The last two only
 * spare calls: most words are ids and names.
 */
static const struct
{
	const char *name;
	SfdwRule	rule;
	unsigned char first;
	size_t		longest;
}			detectors[SFDW_DETECTORS] =
{
	[SFDW_DETECT_EMAIL] = {"email", sfdw_rule_email, SFDW_IS_AT, ANY_LENGTH},
	[SFDW_DETECT_SIN] = {"sin", sfdw_rule_sin, SFDW_IS_DIGIT, 0},
	[SFDW_DETECT_RAMQ] = {"ramq", sfdw_rule_ramq, SFDW_IS_LETTER, 12},
	[SFDW_DETECT_OHIP] = {"ohip", sfdw_rule_ohip, SFDW_IS_DIGIT, 0},
	[SFDW_DETECT_BC_PHN] = {"bc_phn", sfdw_rule_bc_phn, SFDW_IS_DIGIT, 0},
	[SFDW_DETECT_PRI] = {"pri", sfdw_rule_pri, SFDW_IS_DIGIT, 0},
	[SFDW_DETECT_PASSPORT] = {"passport", sfdw_rule_passport, SFDW_IS_LETTER,
	9},
	[SFDW_DETECT_BIRTH_DATE] = {"birth_date", sfdw_rule_birth_date,
	SFDW_IS_DIGIT | SFDW_IS_LETTER, LONGEST_MONTH},
	[SFDW_DETECT_PHONE] = {"phone", sfdw_rule_phone, SFDW_IS_DIGIT,
	LONGEST_EXTENDED},
	[SFDW_DETECT_POSTAL_CODE] = {"postal_code", sfdw_rule_postal_code,
	SFDW_IS_LETTER, 6},
	[SFDW_DETECT_CIVIC_ADDRESS] = {"civic_address", sfdw_rule_civic_address,
	SFDW_IS_DIGIT, 0},
	[SFDW_DETECT_CARD] = {"card", sfdw_rule_card, SFDW_IS_DIGIT, 0},
	[SFDW_DETECT_IBAN] = {"iban", sfdw_rule_iban, SFDW_IS_LETTER, ANY_LENGTH},
	[SFDW_DETECT_MAC] = {"mac", sfdw_rule_mac, SFDW_IS_HEX, 2},
	[SFDW_DETECT_IP] = {"ip", sfdw_rule_ip, SFDW_IS_HEX, 4},
	[SFDW_DETECT_URL_PASSWORD] = {"url_password", sfdw_rule_url_password,
	SFDW_IS_LETTER, ANY_LENGTH},
	[SFDW_DETECT_TOKEN] = {"token", sfdw_rule_token,
	SFDW_IS_LETTER | SFDW_IS_DIGIT, ANY_LENGTH},
	[SFDW_DETECT_AWS_KEY] = {"aws_key", sfdw_rule_aws_key, SFDW_IS_UPPER,
	SFDW_AWS_KEY_LENGTH},
	[SFDW_DETECT_NOTIFY_KEY] = {"notify_key", sfdw_rule_notify_key,
	SFDW_IS_HEX, 8},
};

/* Look the name up. */
const char *
sfdw_detector_name(SfdwDetector detector)
{
	return detectors[detector].name;
}

/* Numbers stand before many names. */
bool
sfdw_detector_is_flag(SfdwDetector detector)
{
	return detector == SFDW_DETECT_CIVIC_ADDRESS;
}

/* Names are few: a linear search. */
bool
sfdw_detector_by_name(const char *name, SfdwDetector *detector)
{
	int			i;

	for (i = 0; i < SFDW_DETECTORS; i++)
	{
		if (strcmp(name, detectors[i].name) == 0)
		{
			*detector = (SfdwDetector) i;
			return true;
		}
	}
	return false;
}

/* The folded text's buffer is kept from one text to the next. */
void
sfdw_detect_init(SfdwDetection *detection, const SfdwMemory *memory)
{
	memset(detection, 0, sizeof(*detection));
	sfdw_buffer_init(&detection->folded, memory, SFDW_DETECT_LIMIT);
}

/* Only the buffer of folded text is allocated. */
void
sfdw_detect_free(SfdwDetection *detection)
{
	sfdw_buffer_free(&detection->folded);
}

/* Fold the text into the buffer, which has room for all of it. */
static void
fold(SfdwDetection *detection)
{
	SfdwBuffer *buffer = &detection->folded;
	size_t		at = 0;

	while (at < detection->given_length)
	{
		char		folded[SFDW_FOLD_MAX];
		size_t		length;

		at += sfdw_fold_next(detection->given + at,
							 detection->given_length - at, folded, &length);
		memcpy(buffer->data + buffer->length, folded, length);
		buffer->length += length;
	}
}

/*
 * The length of a number without its fraction, when that is of zeros alone:
 * 130692544.0 and numeric(12,2) hold nine digits as an integer does.
 */
static size_t
whole_length(const char *text, size_t length)
{
	size_t		end = length;

	while (end > 0 && text[end - 1] == '0')
		end--;
	return end > 0 && text[end - 1] == '.' ? end - 1 : length;
}

/* Plain ASCII is read where it is. */
bool
sfdw_detect_begin(SfdwDetection *detection, const char *text, size_t length,
				  SfdwTextKind kind, SfdwStatus *status)
{
	detection->given = detection->text = text;
	if (kind == SFDW_TEXT_NUMBER)
		length = whole_length(text, length);
	detection->given_length = detection->length = length;
	detection->kind = kind;
	detection->at = 0;
	detection->walked_given = detection->walked_text = 0;
	detection->is_folded = !sfdw_fold_is_ascii(text, length);
	if (!detection->is_folded)
		return true;
	sfdw_buffer_reset(&detection->folded);
	if (!sfdw_buffer_reserve(&detection->folded, length, status))
		return false;
	fold(detection);
	detection->text = detection->folded.data;
	detection->length = detection->folded.length;
	return true;
}

/*
 * Walk over the given text until its folded form is target bytes long, or
 * longer; with before, stop in front of the character that reaches it.
 */
static void
walk(const SfdwDetection *detection, size_t *given, size_t *text,
	 size_t target, bool before)
{
	while (*given < detection->given_length && *text < target + before)
	{
		char		folded[SFDW_FOLD_MAX];
		size_t		length;
		size_t		taken = sfdw_fold_next(detection->given + *given,
										   detection->given_length - *given,
										   folded, &length);

		if (before && *text + length > target)
			break;
		*given += taken;
		*text += length;
	}
}

/*
 * Where a match lies in the given text.  The walk goes on from a little before
 * the last match, since an address can begin before it: so the whole is linear.
 */
static void
locate(SfdwDetection *detection, const SfdwSpan *span, SfdwMatch *match)
{
	size_t		given;
	size_t		text;

	match->start = span->start;
	match->end = span->end;
	if (!detection->is_folded)
		return;
	if (span->start > SFDW_RULE_BACK)
		walk(detection, &detection->walked_given, &detection->walked_text,
			 span->start - SFDW_RULE_BACK, true);
	given = detection->walked_given;
	text = detection->walked_text;
	walk(detection, &given, &text, span->start, true);
	match->start = given;
	walk(detection, &given, &text, span->end, false);
	match->end = given;
}

/* Whether a detector reads this word of a number. */
static bool
reads_number(const SfdwDetection *detection, const SfdwSpan *word,
			 SfdwDetector detector)
{
	switch (detector)
	{
		case SFDW_DETECT_SIN:
		case SFDW_DETECT_PHONE:
			return word->start == 0 && word->end == detection->length;
		case SFDW_DETECT_CARD:
			return true;
		default:
			return false;
	}
}

/* Try the rules for which the word will do; the first that matches wins. */
static bool
try_rules(SfdwDetection *detection, const SfdwSpan *word, unsigned char seen,
		  SfdwMatch *match)
{
	unsigned char first = sfdw_rule_class(detection, word->start);
	bool		is_mixed = (seen & (SFDW_IS_LETTER | SFDW_IS_HIGH)) != 0;
	SfdwSpan	span;
	int			i;

	for (i = 0; i < SFDW_DETECTORS; i++)
	{
		if ((detection->kind == SFDW_TEXT_NUMBER &&
			 !reads_number(detection, word, (SfdwDetector) i)) ||
			(detectors[i].first & first) == 0 ||
			(is_mixed && word->end - word->start > detectors[i].longest) ||
			!detectors[i].rule(detection, word, &span))
			continue;
		match->detector = (SfdwDetector) i;
		if (span.end > detection->at)
			detection->at = span.end;
		locate(detection, &span, match);
		return true;
	}
	return false;
}

/*
 * The word, or the single byte, at which reading goes on; seen is set to the
 * classes of its bytes.  This loop sees every byte of the result of a run.
 */
static SfdwSpan
next_word(const SfdwDetection *detection, unsigned char *seen)
{
	const unsigned char *text = (const unsigned char *) detection->text;
	const unsigned char *end = text + detection->length;
	const unsigned char *at = text + detection->at;
	unsigned char class = sfdw_rule_classes[*at];
	unsigned char all = class;
	SfdwSpan	word = {detection->at, detection->at + 1};

	while ((class & SFDW_IS_WORD) && ++at < end)
	{
		class = sfdw_rule_classes[*at];
		if ((class & SFDW_IS_WORD) == 0)
			break;
		all |= class;
	}
	if (all & SFDW_IS_WORD)
		word.end = (size_t) (at - text);
	*seen = all;
	return word;
}

/*
 * Whether what stands behind a word without digits lets it begin a match: the
 * first group of an IPv6 address or a URL's scheme (":"), a token's prefix or
 * first part ("_", "-", "."), the letters of a health number or a month before digits.
 */
static bool
may_go_on(const SfdwDetection *detection, SfdwSpan word)
{
	char		next = word.end < detection->length ?
		detection->text[word.end] : '\0';

	if (next == ':' || next == '_' || next == '-' || next == '!' ||
		(next == '.' && word.end - word.start > LONGEST_MONTH))
		return true;
	return (next == ' ' || next == '.') && word.end - word.start <= LONGEST_MONTH &&
		(sfdw_rule_class(detection, word.end + 1) & SFDW_IS_DIGIT);
}

/*
 * Whether any rule can take a word that holds these classes: most words are
 * passed over after one look at each byte, since a match begins with a digit
 * in its first word or at an @.  What else can: the id of an access key, the
 * first line of a private key, and what may_go_on says.
 */
static bool
may_match(const SfdwDetection *detection, SfdwSpan word, unsigned char seen)
{
	if (seen & (SFDW_IS_DIGIT | SFDW_IS_AT))
		return true;
	if ((seen & SFDW_IS_WORD) == 0)
		return false;
	return word.end - word.start == SFDW_AWS_KEY_LENGTH ||
		may_go_on(detection, word) ||
		(word.start > 0 && detection->text[word.start - 1] == '-');
}

/* Reading goes on behind the word, or behind the match. */
bool
sfdw_detect_next(SfdwDetection *detection, SfdwMatch *match)
{
	while (detection->at < detection->length)
	{
		unsigned char seen;
		SfdwSpan	word = next_word(detection, &seen);

		detection->at = word.end;
		if (may_match(detection, word, seen) &&
			try_rules(detection, &word, seen, match))
			return true;
	}
	return false;
}

/* What a character of a match is shown as. */
static char
mask(char c)
{
	unsigned char class = sfdw_rule_classes[(unsigned char) c];

	if (class & SFDW_IS_DIGIT)
		return 'd';
	if (class & SFDW_IS_LETTER)
		return 'a';
	return c >= ' ' && c < 0x7F ? c : '*';
}

/* A character of another alphabet is one letter, however many bytes it has. */
void
sfdw_detect_shape(const char *text, const SfdwMatch *match,
				  char shape[SFDW_SHAPE_SIZE])
{
	size_t		at = match->start;
	size_t		used = 0;

	while (at < match->end && used < SFDW_SHAPE_LENGTH)
	{
		char		folded[SFDW_FOLD_MAX];
		size_t		length;

		at += sfdw_fold_next(text + at, match->end - at, folded, &length);
		if (length > 0)
			shape[used++] = length > 1 ? 'a' : mask(folded[0]);
	}
	if (at < match->end)
	{
		memcpy(shape + used, "...", 3);
		used += 3;
	}
	shape[used] = '\0';
}
