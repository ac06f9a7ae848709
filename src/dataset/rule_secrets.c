/*-------------------------------------------------------------------------
 * rule_secrets.c
 *		The rules for hardware addresses, and for keys and tokens
 *
 * Pure.  See rules.h.
 *-------------------------------------------------------------------------
 */
#include "dataset/rules.h"

#include <string.h>

#define MAC_PARTS		6
#define URL_MAX			256		/* bytes looked at behind a scheme */
#define SCHEME_MAX		12
#define SESSION_ORG		15		/* of a session id: the organisation's id */
#define SESSION_MIN		40		/* behind its exclamation mark */
#define JWT_PART_MIN	10
#define TOKEN_MAX		4096	/* bytes of a token, or of a part, looked at */

/* A word's length. */
static size_t
length_of(SfdwSpan word)
{
	return word.end - word.start;
}

/* The byte at an offset, or NUL beyond the end. */
static char
byte_at(const SfdwDetection *detection, size_t at)
{
	return at < detection->length ? detection->text[at] : '\0';
}

/* Six pairs of hexadecimal digits with the same sign between all. */
bool
sfdw_rule_mac(const SfdwDetection *detection, const SfdwSpan *word,
			  SfdwSpan *match)
{
	char		sign = byte_at(detection, word->end);
	SfdwSpan	part = *word;
	int			i;

	if ((sign != ':' && sign != '-') ||
		(word->start > 0 && detection->text[word->start - 1] == sign))
		return false;
	for (i = 0; i < MAC_PARTS; i++)
	{
		if (length_of(part) != 2 || !sfdw_rule_all(detection, part, SFDW_IS_HEX))
			return false;
		match->end = part.end;
		if (i + 1 < MAC_PARTS && byte_at(detection, part.end) != sign)
			return false;
		part = sfdw_rule_word(detection, part.end + 1);
	}
	match->start = word->start;
	return byte_at(detection, match->end) != sign;
}

/* Name and password in front of a host: scheme://name:password@host */
bool
sfdw_rule_url_password(const SfdwDetection *detection, const SfdwSpan *word,
					   SfdwSpan *match)
{
	size_t		at = word->end + 3;
	size_t		limit = at + URL_MAX;
	size_t		colon = 0;

	if ((sfdw_rule_class(detection, word->start) & SFDW_IS_LETTER) == 0 ||
		length_of(*word) > SCHEME_MAX || at >= detection->length ||
		memcmp(detection->text + word->end, "://", 3) != 0)
		return false;
	for (; at < limit && at < detection->length; at++)
	{
		char		c = detection->text[at];

		if (c == '@')
			break;
		if (c <= ' ' || memchr("/?#\"<>", c, 6) != NULL)
			return false;
		if (c == ':' && colon == 0)
			colon = at;
	}
	if (colon == 0 || byte_at(detection, at) != '@' || at == colon + 1)
		return false;
	match->start = word->start;
	match->end = sfdw_rule_word(detection, at + 1).end;
	return match->end > at + 1;
}

/*
 * How far letters, digits and these signs go from an offset on, within what a
 * token can have: a text that begins one at every byte is read in linear time.
 */
static size_t
run_end(const SfdwDetection *detection, size_t at, const char *signs)
{
	size_t		limit = at + TOKEN_MAX;

	while (at < detection->length && at < limit &&
		   ((sfdw_rule_class(detection, at) & (SFDW_IS_DIGIT | SFDW_IS_LETTER)) ||
			strchr(signs, detection->text[at]) != NULL))
		at++;
	return at;
}

/* Tokens that say whose they are by how they begin. */
#define PREFIX(text)	text, sizeof(text) - 1

static const struct
{
	const char *prefix;
	size_t		length;
	size_t		least;			/* bytes behind it */
}			tokens[] =
{
	{PREFIX("ghp_"), 36}, {PREFIX("gho_"), 36}, {PREFIX("ghu_"), 36},
	{PREFIX("ghs_"), 36}, {PREFIX("ghr_"), 36}, {PREFIX("github_pat_"), 40},
	{PREFIX("glpat-"), 20}, {PREFIX("xoxb-"), 20}, {PREFIX("xoxp-"), 20},
	{PREFIX("xoxa-"), 20}, {PREFIX("xoxr-"), 20}, {PREFIX("sk_live_"), 20},
	{PREFIX("rk_live_"), 20}, {PREFIX("AIza"), 35}, {PREFIX("ya29."), 20},
	{PREFIX("SG."), 40}, {PREFIX("npm_"), 36},
};

/* One of the prefixes with enough behind it. */
static bool
match_prefixed(const SfdwDetection *detection, const SfdwSpan *word,
			   SfdwSpan *match)
{
	size_t		i;

	for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
	{
		size_t		length = tokens[i].length;

		if (detection->text[word->start] != tokens[i].prefix[0] ||
			detection->length - word->start <= length ||
			memcmp(detection->text + word->start, tokens[i].prefix, length) != 0)
			continue;
		match->start = word->start;
		match->end = run_end(detection, word->start + length, "_-.");
		return match->end - word->start - length >= tokens[i].least;
	}
	return false;
}

/* A JSON Web Token: two objects in base64url, which begin alike, and a third. */
static bool
match_jwt(const SfdwDetection *detection, const SfdwSpan *word, SfdwSpan *match)
{
	size_t		at = word->start;
	int			i;

	for (i = 0; i < 3; i++)
	{
		size_t		end;

		if (i < 2 && (detection->length - at < JWT_PART_MIN ||
					  memcmp(detection->text + at, "eyJ", 3) != 0))
			return false;
		end = run_end(detection, at, "_-");
		if (end - at < JWT_PART_MIN)
			return false;
		match->end = end;
		if (i < 2 && byte_at(detection, end) != '.')
			return false;
		at = end + 1;
		if (i < 2 && at >= detection->length)
			return false;
	}
	match->start = word->start;
	return true;
}

/* A session id of Salesforce: the organisation's id, "!" and the session. */
static bool
match_session(const SfdwDetection *detection, const SfdwSpan *word,
			  SfdwSpan *match)
{
	size_t		end;

	if (length_of(*word) != SESSION_ORG ||
		memcmp(detection->text + word->start, "00D", 3) != 0 ||
		byte_at(detection, word->end) != '!')
		return false;
	end = run_end(detection, word->end + 1, "._");
	match->start = word->start;
	match->end = end;
	return end - word->end - 1 >= SESSION_MIN;
}

/* The first line of a private key in PEM form. */
static bool
match_private_key(const SfdwDetection *detection, const SfdwSpan *word,
				  SfdwSpan *match)
{
	static const char *const kinds[] = {
		"PRIVATE KEY-----", "RSA PRIVATE KEY-----", "EC PRIVATE KEY-----",
		"OPENSSH PRIVATE KEY-----", "ENCRYPTED PRIVATE KEY-----",
		"DSA PRIVATE KEY-----", "PGP PRIVATE KEY BLOCK-----"
	};
	size_t		i;

	if (length_of(*word) != 5 || word->start < 5 ||
		memcmp(detection->text + word->start - 5, "-----BEGIN ", 11) != 0)
		return false;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
	{
		size_t		length = strlen(kinds[i]);

		if (detection->length - word->end <= length ||
			memcmp(detection->text + word->end + 1, kinds[i], length) != 0)
			continue;
		match->start = word->start - 5;
		match->end = word->end + 1 + length;
		return true;
	}
	return false;
}

/* Which kind it is does not matter. */
bool
sfdw_rule_token(const SfdwDetection *detection, const SfdwSpan *word,
				SfdwSpan *match)
{
	return match_prefixed(detection, word, match) ||
		match_jwt(detection, word, match) ||
		match_session(detection, word, match) ||
		match_private_key(detection, word, match);
}
