/*-------------------------------------------------------------------------
 * findings.h
 *		What a data set says about detectors, and how findings are noted
 *
 * The definition's column "detectors" maps "column.detector", "detector" or
 * "*" to "refuse", "redact" or "count"; the most special key counts, and
 * without any the answer is refuse.  "*" means the built-in detectors.
 * create_dataset() has checked names and actions; one that is not understood
 * all the same counts as refuse.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FINDINGS_H
#define SFDW_FINDINGS_H

#include "dataset/detectors.h"
#include "dataset/materialize.h"
#include "dataset/own_detectors.h"

/* A finding keeps the keys of this many rows. */
#define SFDW_FINDING_KEYS	100

/* What is to be done about a detector's hits in an output column. */
extern SfdwAction sfdw_detectors_action(Jsonb *detectors, const char *column,
										SfdwDetector detector);

/*
 * The same for bare digits in a column of amounts: some are a SIN or a phone
 * number by chance, so that "*" alone counts them, and a key that names the
 * detector decides.
 */
extern SfdwAction sfdw_detectors_amount_action(Jsonb *detectors,
											   const char *column,
											   SfdwDetector detector);

/*
 * The same about a user's detector; false when the definition does not name it
 * for this column, so that it does not read it.
 */
extern bool sfdw_detectors_own_action(Jsonb *detectors, const char *column,
									  const char *name, SfdwAction *action);

/* Whether any detector's hits in a column are to be redacted; own are those of
 * users (SfdwOwnDetector). */
extern bool sfdw_detectors_redact(Jsonb *detectors, const char *column,
								  List *own);

/*
 * Add a finding with count 0 to the result; names are copied into its context.
 * column may be NULL.
 */
extern SfdwFinding *sfdw_finding_add(SfdwMaterialized *result,
									 const char *kind, const char *name,
									 const char *column, SfdwAction action);

/* "count", "accept", "redact", "warn", "refuse" */
extern const char *sfdw_action_name(SfdwAction action);

/* Whether columns of a type, or of a domain over it, can be redacted. */
extern bool sfdw_detectors_can_redact(Oid type);

#endif							/* SFDW_FINDINGS_H */
