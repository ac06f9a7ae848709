/*-------------------------------------------------------------------------
 * candidates.h
 *		Which detectors can have a match that begins with a word
 *
 * Pure.  Says by a word's length, by what it is made of, by its first byte and
 * the byte behind it which rules are worth a call: for most words none.  What
 * it leaves out has no match there; what it names may have none either.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CANDIDATES_H
#define SFDW_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a word is made of; letters of other alphabets are letters. */
typedef enum SfdwWordKind
{
	SFDW_WORD_DIGITS,
	SFDW_WORD_LETTERS,
	SFDW_WORD_LETTER_FIRST,		/* letters and digits, a letter first */
	SFDW_WORD_DIGIT_FIRST
} SfdwWordKind;

#define SFDW_WORD_KINDS		(SFDW_WORD_DIGIT_FIRST + 1)

/* Words of this length and longer ones are alike. */
#define SFDW_WORD_LONG		31

/* Sets of detectors: bit 1 << SfdwDetector. */
typedef struct SfdwCandidates
{
	uint32_t	alone[SFDW_WORD_KINDS][SFDW_WORD_LONG + 1];
	uint32_t	followed[SFDW_WORD_KINDS][SFDW_WORD_LONG + 1];
	uint32_t	by_next[256];	/* of those in followed */
	uint32_t	by_first[256];
} SfdwCandidates;

/* Fill the table in; cannot fail. */
extern void sfdw_candidates_init(SfdwCandidates *candidates);

/*
 * Those of a word; first is its first byte, next the byte behind it, 0 at the
 * text's end.
 */
static inline uint32_t
sfdw_candidates_of(const SfdwCandidates *candidates, SfdwWordKind kind,
				   size_t length, unsigned char first, unsigned char next)
{
	if (length > SFDW_WORD_LONG)
		length = SFDW_WORD_LONG;
	return candidates->by_first[first] &
		(candidates->alone[kind][length] |
		 (candidates->followed[kind][length] & candidates->by_next[next]));
}

/*
 * Whether a text is what most values of an export are, and has no match of any
 * detector: a date (2024-02-29), a date and a time to the second with a blank or
 * a T between, or a long record id that begins with a digit.
 */
extern bool sfdw_candidates_is_plain(const char *text, size_t length);

#endif							/* SFDW_CANDIDATES_H */
