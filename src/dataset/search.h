/*-------------------------------------------------------------------------
 * search.h
 *		Search texts with the built-in detectors and with those of users
 *
 * Detectors have numbers: the built-in ones that of their enum, those of users
 * from SFDW_DETECTORS on, in the order in which they were given.  All read the
 * text as it is folded (fold.h).
 *
 * Call order: create once, then for each text begin and next until it returns
 * false.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SEARCH_H
#define SFDW_SEARCH_H

#include "core/compat.h"
#include "dataset/detectors.h"
#include "dataset/own_detectors.h"
#include "nodes/bitmapset.h"

typedef struct SfdwSearch SfdwSearch;

/* One match. */
typedef struct SfdwHit
{
	int			detector;		/* its number */
	size_t		start;			/* bytes of the text as it was given */
	size_t		end;			/* one behind; may be start */
} SfdwHit;

/* What a user's detector was when it searched, for the record. */
typedef struct SfdwSearched
{
	const SfdwOwnDetector *detector;
	int64		names;			/* of a gazetteer: different ones; else 0 */
	const char *names_hash;		/* hex SHA-256 of its column, sorted; or NULL */
} SfdwSearched;

/*
 * Get ready to search with these detectors (SfdwOwnDetector) beside the
 * built-in ones; it belongs to the current memory context.  Gazetteers are read
 * with the current user's rights.  Raises an error, which shows no name, for a
 * pattern that does not compile and a gazetteer that cannot be read or is
 * beyond the bounds of name_list.h.
 */
extern SfdwSearch *sfdw_search_create(List *own);

/* How many detectors there are, and a detector's name by its number. */
extern int	sfdw_search_count(const SfdwSearch *search);
extern const char *sfdw_search_name(const SfdwSearch *search, int detector);

/* The user's detector with that number; NULL for one that is built in. */
extern const SfdwSearched *sfdw_search_own(const SfdwSearch *search,
										   int detector);

/*
 * Start with a UTF-8 text, which must stay where it is.  wanted are the numbers
 * of the users' detectors that read it; the built-in ones all do.  Fails as
 * sfdw_detect_begin.
 */
extern bool sfdw_search_begin(SfdwSearch *search, const char *text,
							  size_t length, SfdwTextKind kind,
							  const Bitmapset *wanted, SfdwStatus *status);

/* The next match; those of each user's detector come behind all others. */
extern bool sfdw_search_next(SfdwSearch *search, SfdwHit *hit);

#endif							/* SFDW_SEARCH_H */
