/*-------------------------------------------------------------------------
 * own_detectors.h
 *		Detectors that users define
 *
 * Rows of salesforce_fdw.detector: a name, and either a regular expression or
 * a table and its column of names.  A data set uses those that its detectors
 * name; "*" means the built-in ones alone.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_OWN_DETECTORS_H
#define SFDW_OWN_DETECTORS_H

#include "core/compat.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

typedef struct SfdwOwnDetector
{
	char	   *name;
	char	   *owner;			/* role that may change and drop it */
	int32		version;		/* counts up with each change */
	char	   *pattern;		/* NULL: a gazetteer */
	bool		case_sensitive;
	char	   *gazetteer;		/* the table, qualified and quoted */
	char	   *gazetteer_column;
	char	   *hash;			/* hex SHA-256 of what it looks for */
} SfdwOwnDetector;

/* Whether a name can be that of a detector of a user's. */
extern bool sfdw_own_detector_is_name(const char *name);

/* The detector of that name, or NULL; rights are not looked at. */
extern SfdwOwnDetector *sfdw_own_detector_find(const char *name);

/*
 * The detectors (SfdwOwnDetector) that the keys of a definition's "detectors"
 * name; names that are neither built in nor defined are added to missing
 * (char *).
 */
extern List *sfdw_own_detectors_of(Jsonb *detectors, List **missing);

/* Names (char *) of all of them, sorted. */
extern List *sfdw_own_detector_names(void);

/* What it looks for, in words that tell it from any other. */
extern char *sfdw_own_detector_words(const SfdwOwnDetector *detector);

/* The table of a gazetteer; an error when it is gone. */
extern Oid	sfdw_own_detector_table(const SfdwOwnDetector *detector);

/* Write a row, also among the versions; rights are the caller's to check. */
extern void sfdw_own_detector_store(SfdwOwnDetector *detector, bool exists);

/* Delete the row; a data set (char *) that names it, or NULL when none does
 * and it was deleted. */
extern char *sfdw_own_detector_delete(const char *name);

#endif							/* SFDW_OWN_DETECTORS_H */
