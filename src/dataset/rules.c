/*-------------------------------------------------------------------------
 * rules.c
 *		What bytes and words are, and the rules of email and keys
 *
 * Pure.  See rules.h.
 *-------------------------------------------------------------------------
 */
#include "dataset/rules.h"

#include <string.h>

/* Digits and letters that are hexadecimal, and those that are not. */
#define D	(SFDW_IS_DIGIT | SFDW_IS_HEX | SFDW_IS_SIGN)
#define U	SFDW_IS_UPPER
#define L	SFDW_IS_LOWER
#define UX	(SFDW_IS_UPPER | SFDW_IS_HEX)
#define LX	(SFDW_IS_LOWER | SFDW_IS_HEX)
#define UA	(UX | SFDW_IS_SIGN)	/* the first letter of an access key's id */
#define P	SFDW_IS_LOCAL
#define S	SFDW_IS_SIGN
#define PS	(SFDW_IS_LOCAL | SFDW_IS_SIGN)
#define H	SFDW_IS_HIGH
#define H8	H, H, H, H, H, H, H, H
#define H32	H8, H8, H8, H8

const unsigned char sfdw_rule_classes[256] = {
	/* 0x00: controls */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* 0x20: space ! " # $ % & ' ( ) * + , - . / */
	0, PS, 0, P, P, P, P, P, 0, 0, P, P, 0, PS, PS, P,
	/* 0x30: 0 to 9 : ; < = > ? */
	D, D, D, D, D, D, D, D, D, D, S, 0, 0, P, 0, P,
	/* 0x40: @ A to O */
	SFDW_IS_AT | S, UA, UX, UX, UX, UX, UX, U, U, U, U, U, U, U, U, U,
	/* 0x50: P to Z [ \ ] ^ _ */
	U, U, U, U, U, U, U, U, U, U, U, 0, 0, 0, P, PS,
	/* 0x60: ` a to o */
	P, LX, LX, LX, LX, LX, LX, L, L, L, L, L, L, L, L, L,
	/* 0x70: p to z { | } ~ delete */
	L, L, L, L, L, L, L, L, L, L, L, P, P, P, P, 0,
	/* 0x80: other alphabets */
	H32, H32, H32, H32
};

/* As long as it can be. */
SfdwSpan
sfdw_rule_word(const SfdwDetection *detection, size_t at)
{
	SfdwSpan	word = {at, at};

	while (sfdw_rule_class(detection, word.end) & SFDW_IS_WORD)
		word.end++;
	return word;
}

/* An empty word has no class. */
bool
sfdw_rule_all(const SfdwDetection *detection, SfdwSpan word,
			  unsigned char classes)
{
	size_t		at;

	for (at = word.start; at < word.end; at++)
	{
		if ((sfdw_rule_class(detection, at) & classes) == 0)
			return false;
	}
	return word.end > word.start;
}

#define CONTEXT_BYTES	48		/* before a number, where its name may stand */

/* Letters of ASCII alone have two cases here. */
bool
sfdw_rule_word_is(const SfdwDetection *detection, SfdwSpan word,
				  const char *name)
{
	size_t		at;

	for (at = word.start; at < word.end; at++, name++)
	{
		char		c = detection->text[at];

		if (sfdw_rule_classes[(unsigned char) c] & SFDW_IS_UPPER)
			c |= 0x20;
		if (c != *name)
			return false;
	}
	return *name == '\0';
}

/* The first word may be cut, and is then none of them. */
bool
sfdw_rule_has_name(const SfdwDetection *detection, size_t start,
				   const char *const *names)
{
	size_t		at = start > CONTEXT_BYTES ? start - CONTEXT_BYTES : 0;

	while (at < start)
	{
		SfdwSpan	word = sfdw_rule_word(detection, at);
		const char *const *name;

		for (name = names; word.end > word.start && *name != NULL; name++)
		{
			if (sfdw_rule_word_is(detection, word, *name))
				return true;
		}
		at = word.end + 1;
	}
	return false;
}

/*
 * Where the part before the @ begins; the @ itself when there is none.  It
 * needs a letter or digit, and may be in quotes.
 */
static size_t
local_start(const SfdwDetection *detection, size_t at)
{
	size_t		limit = at > SFDW_RULE_BACK ? at - SFDW_RULE_BACK : 0;
	size_t		start = at;
	unsigned char seen = 0;

	if (at > limit && detection->text[at - 1] == '"')
	{
		for (start = at - 1; start > limit; start--)
		{
			if (detection->text[start - 1] == '"')
				return start - 1;
		}
		return at;
	}
	while (start > limit &&
		   (sfdw_rule_class(detection, start - 1) & (SFDW_IS_WORD | SFDW_IS_LOCAL)))
		seen |= sfdw_rule_class(detection, --start);
	return seen & SFDW_IS_WORD ? start : at;
}

/*
 * Where the domain that starts at an offset ends: behind its last label that
 * can be a top-level domain; the offset itself when there is none.
 */
static size_t
domain_end(const SfdwDetection *detection, size_t at)
{
	size_t		end = at;
	size_t		label = at;
	int			labels = 0;

	for (;;)
	{
		size_t		next = label;

		while ((sfdw_rule_class(detection, next) & SFDW_IS_WORD) ||
			   (next < detection->length && detection->text[next] == '-'))
			next++;
		if (next == label)
			return end;
		if (++labels > 1 && next - label > 1 &&
			(sfdw_rule_class(detection, label) & (SFDW_IS_LETTER | SFDW_IS_HIGH)))
			end = next;
		if (next >= detection->length || detection->text[next] != '.')
			return end;
		label = next + 1;
	}
}

/* The word is the @. */
bool
sfdw_rule_email(const SfdwDetection *detection, const SfdwSpan *word,
				SfdwSpan *match)
{
	match->start = local_start(detection, word->start);
	if (match->start == word->start)
		return false;
	match->end = domain_end(detection, word->end);
	return match->end > word->end;
}

/* Capitals and digits only, all in one word. */
bool
sfdw_rule_aws_key(const SfdwDetection *detection, const SfdwSpan *word,
				  SfdwSpan *match)
{
	static const char *const prefixes[] = {"AKIA", "ASIA", "ABIA", "ACCA"};
	size_t		i;

	if (word->end - word->start != SFDW_AWS_KEY_LENGTH ||
		!sfdw_rule_all(detection, *word, SFDW_IS_UPPER | SFDW_IS_DIGIT))
		return false;
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
	{
		if (memcmp(detection->text + word->start, prefixes[i], 4) == 0)
		{
			*match = *word;
			return true;
		}
	}
	return false;
}

/* Two UUIDs with hyphens: ten words of these lengths. */
bool
sfdw_rule_notify_key(const SfdwDetection *detection, const SfdwSpan *word,
					 SfdwSpan *match)
{
	static const size_t lengths[] = {8, 4, 4, 4, 12, 8, 4, 4, 4, 12};
	const size_t count = sizeof(lengths) / sizeof(lengths[0]);
	SfdwSpan	part = *word;
	size_t		i;

	for (i = 0; i < count; i++)
	{
		if (part.end - part.start != lengths[i] ||
			!sfdw_rule_all(detection, part, SFDW_IS_HEX))
			return false;
		match->end = part.end;
		if (i + 1 == count)
			break;
		if (part.end >= detection->length || detection->text[part.end] != '-')
			return false;
		part = sfdw_rule_word(detection, part.end + 1);
	}
	match->start = word->start;
	return true;
}
