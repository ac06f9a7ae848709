/*-------------------------------------------------------------------------
 * pattern.c
 *		Find what a regular expression matches in text
 *
 * The engine wants characters of four bytes.  They are made here and not by
 * PostgreSQL, which would stop at a zero byte; what is not UTF-8 (in bytea) is
 * taken a byte a character.
 *-------------------------------------------------------------------------
 */
#include "dataset/pattern.h"

#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "regex/regex.h"
#include "utils/memutils.h"

struct SfdwPattern
{
	MemoryContextCallback cleanup;
	MemoryContext context;
	regex_t		regex;
	bool		is_compiled;
	const char *text;
	size_t		length;
	pg_wchar   *wide;			/* the text's characters */
	size_t		count;
	size_t		room;
	size_t		at;				/* where the next search begins, a character */
	size_t		walked;			/* a character, and where it is in text */
	size_t		walked_bytes;
};

/* The engine's own memory is not always the context's. */
static void
release(void *argument)
{
	SfdwPattern *pattern = argument;

	if (pattern->is_compiled)
		pg_regfree(&pattern->regex);
	pattern->is_compiled = false;
}

/* How many bytes the character at a place has; 1 for what is none. */
static size_t
width_of(const char *text, size_t left)
{
	size_t		width = pg_utf_mblen((const unsigned char *) text);

	if (width > left || !pg_utf8_islegal((const unsigned char *) text, width))
		return 1;
	return width;
}

/* Make characters of a text. */
static void
widen(SfdwPattern *pattern, const char *text, size_t length)
{
	size_t		at = 0;

	if (pattern->room < length + 1)
	{
		pattern->room = length + 1;
		if (pattern->wide != NULL)
			pfree(pattern->wide);
		pattern->wide = NULL;
		pattern->wide = MemoryContextAllocHuge(pattern->context,
											   pattern->room * sizeof(pg_wchar));
	}
	pattern->count = 0;
	while (at < length)
	{
		size_t		width = width_of(text + at, length - at);

		pattern->wide[pattern->count++] = width == 1
			? (unsigned char) text[at]
			: utf8_to_unicode((const unsigned char *) text + at);
		at += width;
	}
}

/* Raise an error of the engine's, which does not repeat the pattern. */
static void
raise_error(SfdwPattern *pattern, int code)
{
	char		message[100];

	CHECK_FOR_INTERRUPTS();
	pg_regerror(code, &pattern->regex, message, sizeof(message));
	ereport(ERROR,
			errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
			errmsg("invalid regular expression: %s", message));
}

/* The callback is armed first; freeing what was not compiled does nothing. */
SfdwPattern *
sfdw_pattern_compile(const char *text, bool case_sensitive)
{
	SfdwPattern *pattern = palloc0(sizeof(SfdwPattern));
	int			code;

	pattern->context = CurrentMemoryContext;
	pattern->cleanup.func = release;
	pattern->cleanup.arg = pattern;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &pattern->cleanup);
	widen(pattern, text, strlen(text));
	code = pg_regcomp(&pattern->regex, pattern->wide, pattern->count,
					  REG_ADVANCED | (case_sensitive ? 0 : REG_ICASE),
					  DEFAULT_COLLATION_OID);
	if (code != REG_OKAY)
		raise_error(pattern, code);
	pattern->is_compiled = true;
	return pattern;
}

/* Search from a character on; false when there is nothing. */
static bool
search(SfdwPattern *pattern, regmatch_t *found)
{
	int			code = pg_regexec(&pattern->regex, pattern->wide, pattern->count,
								  pattern->at, NULL, 1, found, 0);

	if (code != REG_OKAY && code != REG_NOMATCH)
		raise_error(pattern, code);
	return code == REG_OKAY;
}

/* As a text of its own. */
bool
sfdw_pattern_matches_empty(SfdwPattern *pattern)
{
	regmatch_t	found;

	sfdw_pattern_begin(pattern, "", 0);
	return search(pattern, &found);
}

/* The buffer of characters is kept from one text to the next. */
void
sfdw_pattern_begin(SfdwPattern *pattern, const char *text, size_t length)
{
	widen(pattern, text, length);
	pattern->text = text;
	pattern->length = length;
	pattern->at = pattern->walked = pattern->walked_bytes = 0;
}

/* Where a character is in the text; never before the last one asked for. */
static size_t
place_of(SfdwPattern *pattern, size_t character)
{
	for (; pattern->walked < character; pattern->walked++)
		pattern->walked_bytes +=
			width_of(pattern->text + pattern->walked_bytes,
					 pattern->length - pattern->walked_bytes);
	return pattern->walked_bytes;
}

/* Behind an empty match the search goes on with the next character. */
bool
sfdw_pattern_next(SfdwPattern *pattern, SfdwSpan *match)
{
	regmatch_t	found;

	if (pattern->at > pattern->count || !search(pattern, &found))
		return false;
	match->start = place_of(pattern, (size_t) found.rm_so);
	match->end = place_of(pattern, (size_t) found.rm_eo);
	pattern->at = (size_t) found.rm_eo + (found.rm_eo == found.rm_so);
	return true;
}
