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
#include "dataset/words.h"

#include <string.h>

/* The longest name of a month, in bytes. */
#define LONGEST_MONTH	10

/* Detectors that read a number, of those that read text. */
#define WHOLE_NUMBER	(UINT32_C(1) << SFDW_DETECT_SIN | UINT32_C(1) << SFDW_DETECT_PHONE)
#define ANY_NUMBER		(UINT32_C(1) << SFDW_DETECT_CARD)

/* One row a detector, in its order: its name and its rule. */
static const struct
{
	const char *name;
	SfdwRule	rule;
}			detectors[SFDW_DETECTORS] =
{
	[SFDW_DETECT_EMAIL] = {"email", sfdw_rule_email},
	[SFDW_DETECT_SIN] = {"sin", sfdw_rule_sin},
	[SFDW_DETECT_RAMQ] = {"ramq", sfdw_rule_ramq},
	[SFDW_DETECT_OHIP] = {"ohip", sfdw_rule_ohip},
	[SFDW_DETECT_BC_PHN] = {"bc_phn", sfdw_rule_bc_phn},
	[SFDW_DETECT_PRI] = {"pri", sfdw_rule_pri},
	[SFDW_DETECT_PASSPORT] = {"passport", sfdw_rule_passport},
	[SFDW_DETECT_BIRTH_DATE] = {"birth_date", sfdw_rule_birth_date},
	[SFDW_DETECT_PHONE] = {"phone", sfdw_rule_phone},
	[SFDW_DETECT_POSTAL_CODE] = {"postal_code", sfdw_rule_postal_code},
	[SFDW_DETECT_CIVIC_ADDRESS] = {"civic_address", sfdw_rule_civic_address},
	[SFDW_DETECT_CARD] = {"card", sfdw_rule_card},
	[SFDW_DETECT_IBAN] = {"iban", sfdw_rule_iban},
	[SFDW_DETECT_MAC] = {"mac", sfdw_rule_mac},
	[SFDW_DETECT_IP] = {"ip", sfdw_rule_ip},
	[SFDW_DETECT_URL_PASSWORD] = {"url_password", sfdw_rule_url_password},
	[SFDW_DETECT_TOKEN] = {"token", sfdw_rule_token},
	[SFDW_DETECT_AWS_KEY] = {"aws_key", sfdw_rule_aws_key},
	[SFDW_DETECT_NOTIFY_KEY] = {"notify_key", sfdw_rule_notify_key},
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
	sfdw_candidates_init(&detection->candidates);
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
		size_t		plain = sfdw_fold_plain(detection->given + at,
											detection->given_length - at);
		char		folded[SFDW_FOLD_MAX];
		size_t		length;

		memcpy(buffer->data + buffer->length, detection->given + at, plain);
		buffer->length += plain;
		at += plain;
		if (at == detection->given_length)
			break;
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

/* Read the text in its folded form; apart, since most texts are plain. */
static bool
begin_folded(SfdwDetection *detection, SfdwStatus *status)
{
	detection->is_folded = true;
	sfdw_buffer_reset(&detection->folded);
	if (!sfdw_buffer_reserve(&detection->folded, detection->given_length,
							 status))
		return false;
	fold(detection);
	detection->text = detection->folded.data;
	detection->length = detection->folded.length;
	return true;
}

/* ASCII is read where it is, and ids and times are not read at all. */
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
	detection->is_folded = false;
	if (sfdw_candidates_is_plain(text, length))
	{
		detection->at = length;
		return true;
	}
	return sfdw_fold_is_ascii(text, length) || begin_folded(detection, status);
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
void
sfdw_detect_locate(SfdwDetection *detection, size_t start, size_t end,
				   size_t *given_start, size_t *given_end)
{
	size_t		given;
	size_t		text;

	*given_start = start;
	*given_end = end;
	if (!detection->is_folded)
		return;
	if (start < detection->walked_text)
		detection->walked_given = detection->walked_text = 0;
	if (start > SFDW_RULE_BACK)
		walk(detection, &detection->walked_given, &detection->walked_text,
			 start - SFDW_RULE_BACK, true);
	given = detection->walked_given;
	text = detection->walked_text;
	walk(detection, &given, &text, start, true);
	*given_start = given;
	walk(detection, &given, &text, end, false);
	*given_end = given;
}

/* Those of some detectors that read this word of a number. */
static uint32_t
number_candidates(const SfdwDetection *detection, const SfdwSpan *word,
				  uint32_t candidates)
{
	if (word->start > 0 || word->end < detection->length)
		return candidates & ANY_NUMBER;
	return candidates & (ANY_NUMBER | WHOLE_NUMBER);
}

/* Try rules in their order; the first that matches wins. */
static bool
try_rules(SfdwDetection *detection, const SfdwSpan *word, uint32_t candidates,
		  SfdwMatch *match)
{
	SfdwSpan	span;

	if (detection->kind == SFDW_TEXT_NUMBER)
		candidates = number_candidates(detection, word, candidates);
	for (; candidates != 0; candidates &= candidates - 1)
	{
		int			i = __builtin_ctz(candidates);

		if (!detectors[i].rule(detection, word, &span))
			continue;
		match->detector = (SfdwDetector) i;
		if (span.end > detection->at)
			detection->at = span.end;
		sfdw_detect_locate(detection, span.start, span.end, &match->start,
						   &match->end);
		return true;
	}
	return false;
}

/*
 * Whether what stands around a word without digits lets it begin a match: the
 * first group of an IPv6 address or a URL's scheme (":"), a token's prefix or
 * first part ("_", "-", "."), the letters of a health number or a month before
 * digits; the id of an access key, the first line of a private key.
 */
static bool
may_go_on(const SfdwDetection *detection, const SfdwSpan *word,
		  unsigned char next)
{
	size_t		length = word->end - word->start;

	if (next == ':' || next == '_' || next == '-' || next == '!' ||
		(next == '.' && length > LONGEST_MONTH))
		return true;
	if ((next == ' ' || next == '.') && length <= LONGEST_MONTH &&
		(sfdw_rule_class(detection, word->end + 1) & SFDW_IS_DIGIT))
		return true;
	return length == SFDW_AWS_KEY_LENGTH ||
		(word->start > 0 && detection->text[word->start - 1] == '-');
}

/* Which detectors can take a word that holds these classes. */
static uint32_t
candidates_of(const SfdwDetection *detection, const SfdwSpan *word,
			  unsigned char seen)
{
	unsigned char first = sfdw_rule_class(detection, word->start);
	unsigned char next = word->end < detection->length ?
		(unsigned char) detection->text[word->end] : 0;
	SfdwWordKind kind = SFDW_WORD_DIGITS;

	if (seen & SFDW_IS_AT)
		return UINT32_C(1) << SFDW_DETECT_EMAIL;
	if ((seen & SFDW_IS_DIGIT) == 0)
	{
		if (!may_go_on(detection, word, next))
			return 0;
		kind = SFDW_WORD_LETTERS;
	}
	else if (seen & (SFDW_IS_LETTER | SFDW_IS_HIGH))
		kind = first & SFDW_IS_DIGIT ? SFDW_WORD_DIGIT_FIRST :
			SFDW_WORD_LETTER_FIRST;
	if (first & SFDW_IS_HIGH)
		return 0;
	return sfdw_candidates_of(&detection->candidates, kind,
							  word->end - word->start,
							  (unsigned char) detection->text[word->start],
							  next);
}

/* Reading goes on behind the word, or behind the match. */
bool
sfdw_detect_rest(SfdwDetection *detection, SfdwMatch *match)
{
	unsigned char seen;
	SfdwSpan	word;

	while (sfdw_word_next(detection, &word, &seen))
	{
		uint32_t	candidates = candidates_of(detection, &word, seen);

		if (candidates != 0 && try_rules(detection, &word, candidates, match))
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
sfdw_detect_shape(const char *text, size_t start, size_t end,
				  char shape[SFDW_SHAPE_SIZE])
{
	size_t		at = start;
	size_t		used = 0;

	while (at < end && used < SFDW_SHAPE_LENGTH)
	{
		char		folded[SFDW_FOLD_MAX];
		size_t		length;

		at += sfdw_fold_next(text + at, end - at, folded, &length);
		if (length > 0)
			shape[used++] = length > 1 ? 'a' : mask(folded[0]);
	}
	if (at < end)
	{
		memcpy(shape + used, "...", 3);
		used += 3;
	}
	shape[used] = '\0';
}
