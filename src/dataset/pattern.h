/*-------------------------------------------------------------------------
 * pattern.h
 *		Find what a regular expression matches in text
 *
 * An advanced regular expression of PostgreSQL, by its own engine and the
 * database's default collation.
 *
 * Call order: compile once, then for each text begin and next until it returns
 * false.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PATTERN_H
#define SFDW_PATTERN_H

#include "core/compat.h"
#include "dataset/rules.h"

typedef struct SfdwPattern SfdwPattern;

/* The longest pattern, in bytes. */
#define SFDW_PATTERN_MAX 8192

/*
 * Compile a pattern, which belongs to the current memory context.  Raises
 * ERRCODE_INVALID_REGULAR_EXPRESSION, without the pattern, for one that is
 * none.
 */
extern SfdwPattern *sfdw_pattern_compile(const char *text, bool case_sensitive);

/* Whether it matches the empty text: then it would match everywhere. */
extern bool sfdw_pattern_matches_empty(SfdwPattern *pattern);

/* Start with a text, which must stay where it is. */
extern void sfdw_pattern_begin(SfdwPattern *pattern, const char *text,
							   size_t length);

/*
 * The next match, as bytes of the text; false at the end.  One without a
 * character, which an assertion can give, is a match too.
 */
extern bool sfdw_pattern_next(SfdwPattern *pattern, SfdwSpan *match);

#endif							/* SFDW_PATTERN_H */
