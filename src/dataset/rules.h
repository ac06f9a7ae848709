/*-------------------------------------------------------------------------
 * rules.h
 *		The rules of the detectors: what a word and its neighbours may be
 *
 * Pure; for detectors.c only.  A word is a run of ASCII letters, digits and
 * bytes of other alphabets, as long as it can be.  Each rule is given a word
 * and says whether a match begins with it (for email: with the @ behind it),
 * and where the match begins and ends.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RULES_H
#define SFDW_RULES_H

#include "dataset/detectors.h"

/* What a byte of folded text can be part of; bits. */
#define SFDW_IS_DIGIT	0x01
#define SFDW_IS_UPPER	0x02
#define SFDW_IS_LOWER	0x04
#define SFDW_IS_HIGH	0x08	/* of a character that is not ASCII */
#define SFDW_IS_HEX		0x10
#define SFDW_IS_LOCAL	0x20	/* may stand before the @ of an address */
#define SFDW_IS_AT		0x40
#define SFDW_IS_SIGN	0x80	/* tells of a word where a match can begin: see
								 * words.h */

#define SFDW_IS_LETTER	(SFDW_IS_UPPER | SFDW_IS_LOWER)
#define SFDW_IS_WORD	(SFDW_IS_DIGIT | SFDW_IS_LETTER | SFDW_IS_HIGH)

extern const unsigned char sfdw_rule_classes[256];

/* The classes of the byte at an offset; none beyond the text's ends. */
static inline unsigned char
sfdw_rule_class(const SfdwDetection *detection, size_t at)
{
	return at < detection->length ?
		sfdw_rule_classes[(unsigned char) detection->text[at]] : 0;
}

/* The id of an access key: the one match that may be without a digit. */
#define SFDW_AWS_KEY_LENGTH	20

/* A match begins at most this many bytes before its first word. */
#define SFDW_RULE_BACK	64

/* A word, or a match: bytes of detection->text. */
typedef struct SfdwSpan
{
	size_t		start;
	size_t		end;
} SfdwSpan;

/* The word that starts at an offset; empty when there is none. */
extern SfdwSpan sfdw_rule_word(const SfdwDetection *detection, size_t at);

/* Whether every byte of a word, which is not empty, is of these classes. */
extern bool sfdw_rule_all(const SfdwDetection *detection, SfdwSpan word,
						  unsigned char classes);

/* Whether a word of the text, in either case, is this one in small letters. */
extern bool sfdw_rule_word_is(const SfdwDetection *detection, SfdwSpan word,
							  const char *name);

/* Whether one of these words (NULL ends them) stands shortly before a place. */
extern bool sfdw_rule_has_name(const SfdwDetection *detection, size_t start,
							   const char *const *names);

/*
 * A rule: whether a match begins with the word; if so, match is set.
 */
typedef bool (*SfdwRule) (const SfdwDetection *detection, const SfdwSpan *word,
						  SfdwSpan *match);

/*
 * An address around the @ at word->start: letters, digits, dots and the
 * signs that RFC 5321 lets stand unquoted, then a domain of two or more
 * labels, the last one of letters.  Not: an address without a dot, one
 * written with "at".
 */
extern bool sfdw_rule_email(const SfdwDetection *detection,
							const SfdwSpan *word, SfdwSpan *match);

/*
 * A Social Insurance Number: nine digits, the first neither 0 nor 8, that pass
 * Luhn.  In groups of three with one kind of separator, unless a currency or
 * percent sign or decimals make it an amount; or nine bare digits that are the
 * whole text, or that stand behind a word such as SIN or NAS.  Bare digits
 * elsewhere are not taken: one number in ten passes Luhn.
 */
extern bool sfdw_rule_sin(const SfdwDetection *detection,
						  const SfdwSpan *word, SfdwSpan *match);

/*
 * A phone number of the North American plan (ten digits, or eleven with a 1,
 * in the usual groups or bare), whose area and exchange codes can exist; or an
 * international one: + and 10 to 15 digits.  Not: seven digits alone.
 */
extern bool sfdw_rule_phone(const SfdwDetection *detection,
							const SfdwSpan *word, SfdwSpan *match);

/*
 * A payment card: 13 to 19 digits, bare or in the groups printed on cards, of
 * an issuer's range and length, that pass Luhn.
 */
extern bool sfdw_rule_card(const SfdwDetection *detection,
						   const SfdwSpan *word, SfdwSpan *match);

/* A Canadian postal code in either case: A9A 9A9, A9A-9A9, A9A9A9. */
extern bool sfdw_rule_postal_code(const SfdwDetection *detection,
								  const SfdwSpan *word, SfdwSpan *match);

/* An IBAN of a listed country: its length, its structure, its check digits. */
extern bool sfdw_rule_iban(const SfdwDetection *detection,
						   const SfdwSpan *word, SfdwSpan *match);

/* An IPv4 address, or an IPv6 address that has a digit and two groups. */
extern bool sfdw_rule_ip(const SfdwDetection *detection,
						 const SfdwSpan *word, SfdwSpan *match);

/* The id of an AWS access key: AKIA, ASIA, ABIA or ACCA and 16 characters. */
extern bool sfdw_rule_aws_key(const SfdwDetection *detection,
							  const SfdwSpan *word, SfdwSpan *match);

/*
 * A number of Quebec's health insurance: four letters, year, month, day and two
 * digits, in one word or in groups of four; month and day can exist.
 */
extern bool sfdw_rule_ramq(const SfdwDetection *detection,
						   const SfdwSpan *word, SfdwSpan *match);

/*
 * Ten digits (4-3-3 or bare) of Ontario's or British Columbia's health cards,
 * with the right check digit, behind a word such as OHIP, PHN or health.
 */
extern bool sfdw_rule_ohip(const SfdwDetection *detection,
						   const SfdwSpan *word, SfdwSpan *match);
extern bool sfdw_rule_bc_phn(const SfdwDetection *detection,
							 const SfdwSpan *word, SfdwSpan *match);

/*
 * Eight or nine digits behind PRI, CIDP or "identifier" (public servants' record
 * identifier, which has no public checksum).
 */
extern bool sfdw_rule_pri(const SfdwDetection *detection,
						  const SfdwSpan *word, SfdwSpan *match);

/* A Canadian passport's number behind the word passport or passeport. */
extern bool sfdw_rule_passport(const SfdwDetection *detection,
							   const SfdwSpan *word, SfdwSpan *match);

/* A date behind born, DOB, birth, naissance and the like, in both languages. */
extern bool sfdw_rule_birth_date(const SfdwDetection *detection,
								 const SfdwSpan *word, SfdwSpan *match);

/* A house number and a street, in both languages. */
extern bool sfdw_rule_civic_address(const SfdwDetection *detection,
									const SfdwSpan *word, SfdwSpan *match);

/* A hardware address: six pairs with ":" or "-" between. */
extern bool sfdw_rule_mac(const SfdwDetection *detection,
						  const SfdwSpan *word, SfdwSpan *match);

/* A URL with name and password. */
extern bool sfdw_rule_url_password(const SfdwDetection *detection,
								   const SfdwSpan *word, SfdwSpan *match);

/* Tokens with a known beginning (GitHub, GitLab, Slack, Stripe, Google, npm),
 * JSON Web Tokens, Salesforce session ids, private keys. */
extern bool sfdw_rule_token(const SfdwDetection *detection,
							const SfdwSpan *word, SfdwSpan *match);

/* The pair of UUIDs with which a GC Notify API key ends. */
extern bool sfdw_rule_notify_key(const SfdwDetection *detection,
								 const SfdwSpan *word, SfdwSpan *match);

#endif							/* SFDW_RULES_H */
