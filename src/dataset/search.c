/*-------------------------------------------------------------------------
 * search.c
 *		Search texts with the built-in detectors and with those of users
 *-------------------------------------------------------------------------
 */
#include "dataset/search.h"

#include "core/errors.h"
#include "core/memory_pg.h"
#include "dataset/name_list.h"
#include "dataset/pattern.h"
#include "dataset/reference_read.h"
#include "miscadmin.h"
#include "parquet/sha256.h"
#include "utils/builtins.h"

/* A user's detector: one of the two is used. */
typedef struct Own
{
	SfdwSearched searched;
	SfdwPattern *pattern;
	SfdwNameList names;
	SfdwSha256 *digest;			/* while the names are read */
} Own;

struct SfdwSearch
{
	SfdwMemory	memory;
	SfdwDetection detection;
	const Bitmapset *wanted;
	int			current;		/* detector that reads; < SFDW_DETECTORS: the
								 * built-in ones */
	size_t		at;				/* where a gazetteer goes on */
	int			count;
	Own		   *own;
};

/* Raise an error about a gazetteer, by its table. */
static void
refuse_names(const SfdwOwnDetector *detector, const SfdwStatus *status)
{
	ereport(ERROR,
			errcode(sfdw_errcode_of(status->code)),
			errmsg("cannot use the names of detector \"%s\"", detector->name),
			errdetail("Column %s of table %s has %s.",
					  quote_identifier(detector->gazetteer_column),
					  detector->gazetteer, status->message));
}

/* Add a name, and what it is to the hash of all. */
static void
take_name(void *context, char **values)
{
	Own		   *own = context;
	size_t		length = strlen(values[0]);
	char	   *prefix = psprintf("%zu:", length);
	SfdwStatus	status = {SFDW_OK};

	CHECK_FOR_INTERRUPTS();
	if (!sfdw_name_list_add(&own->names, values[0], length, &status))
		refuse_names(own->searched.detector, &status);
	sfdw_sha256_update(own->digest, prefix, strlen(prefix));
	sfdw_sha256_update(own->digest, values[0], length);
	pfree(prefix);
}

/* Read the table, in an order that does not depend on how it is stored. */
static void
read_names(SfdwSearch *search, Own *own)
{
	const SfdwOwnDetector *detector = own->searched.detector;
	List	   *columns = list_make1(detector->gazetteer_column);
	Oid			relid = sfdw_own_detector_table(detector);
	char		hash[SFDW_SHA256_TEXT_SIZE];

	sfdw_name_list_init(&own->names, &search->memory);
	own->digest = sfdw_sha256_create();
	sfdw_reference_require(relid, columns);
	sfdw_reference_read(relid, columns, true, take_name, own);
	sfdw_sha256_finish(own->digest, hash);
	own->searched.names = (int64) own->names.names;
	own->searched.names_hash = pstrdup(hash);
}

/* Everything in it belongs to the context, the engine's memory by a callback. */
SfdwSearch *
sfdw_search_create(List *own)
{
	SfdwSearch *search = palloc0(sizeof(SfdwSearch));
	ListCell   *cell;

	search->memory = sfdw_memory_pg(CurrentMemoryContext);
	sfdw_detect_init(&search->detection, &search->memory);
	search->own = palloc0((list_length(own) + 1) * sizeof(Own));
	foreach(cell, own)
	{
		Own		   *one = &search->own[search->count++];

		one->searched.detector = lfirst(cell);
		if (one->searched.detector->pattern != NULL)
			one->pattern = sfdw_pattern_compile(one->searched.detector->pattern,
												one->searched.detector->case_sensitive);
		else
			read_names(search, one);
	}
	return search;
}

/* The built-in ones first. */
int
sfdw_search_count(const SfdwSearch *search)
{
	return SFDW_DETECTORS + search->count;
}

/* By number. */
const SfdwSearched *
sfdw_search_own(const SfdwSearch *search, int detector)
{
	return detector < SFDW_DETECTORS ? NULL :
		&search->own[detector - SFDW_DETECTORS].searched;
}

/* The same. */
const char *
sfdw_search_name(const SfdwSearch *search, int detector)
{
	return detector < SFDW_DETECTORS
		? sfdw_detector_name((SfdwDetector) detector)
		: sfdw_search_own(search, detector)->detector->name;
}

/* The built-in ones read first. */
bool
sfdw_search_begin(SfdwSearch *search, const char *text, size_t length,
				  SfdwTextKind kind, const Bitmapset *wanted,
				  SfdwStatus *status)
{
	search->wanted = wanted;
	search->current = SFDW_DETECTORS - 1;
	return sfdw_detect_begin(&search->detection, text, length, kind, status);
}

/* Have the next user's detector read the text; false when there is none. */
static bool
begin_own(SfdwSearch *search)
{
	Own		   *own;

	search->current = bms_next_member(search->wanted, search->current);
	if (search->current < 0)
		return false;
	own = &search->own[search->current - SFDW_DETECTORS];
	search->at = 0;
	if (own->pattern != NULL)
		sfdw_pattern_begin(own->pattern, search->detection.text,
						   search->detection.length);
	return true;
}

/* The next match of the user's detector that reads. */
static bool
next_own(SfdwSearch *search, SfdwSpan *span)
{
	Own		   *own = &search->own[search->current - SFDW_DETECTORS];

	if (own->pattern != NULL)
		return sfdw_pattern_next(own->pattern, span);
	return sfdw_name_list_find(&own->names, &search->detection, &search->at,
							   span);
}

/* Once there is nothing left it says so again. */
bool
sfdw_search_next(SfdwSearch *search, SfdwHit *hit)
{
	SfdwMatch	match;
	SfdwSpan	span;

	if (search->current == SFDW_DETECTORS - 1 &&
		sfdw_detect_next(&search->detection, &match))
	{
		hit->detector = (int) match.detector;
		hit->start = match.start;
		hit->end = match.end;
		return true;
	}
	if (search->current == SFDW_DETECTORS - 1)
		(void) begin_own(search);
	while (search->current >= 0)
	{
		if (next_own(search, &span))
		{
			hit->detector = search->current;
			sfdw_detect_locate(&search->detection, span.start, span.end,
							   &hit->start, &hit->end);
			return true;
		}
		(void) begin_own(search);
	}
	return false;
}
