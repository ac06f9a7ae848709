/*-------------------------------------------------------------------------
 * redact.h
 *		Replace what detectors find in a column before it is stored
 *
 * What is found becomes the detector's name in brackets: "[email]".  The SQL
 * function salesforce_fdw.redact() stands in the select list that fills the
 * target; it works only while a redaction is active, and there alone
 * knows what to do about which column.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_REDACT_H
#define SFDW_REDACT_H

#include "dataset/findings.h"
#include "dataset/search.h"

typedef struct SfdwRedaction
{
	Jsonb	   *detectors;		/* of the definition */
	SfdwSearch *search;			/* with all detectors that it names */
	List	   *key_names;		/* char *: columns whose values redact() is
								 * given as keys, in that order */
	SfdwMaterialized *result;	/* gets findings with action redact */
} SfdwRedaction;

/*
 * Make a redaction active, or none with NULL; returns the one before, which
 * the caller must restore, on errors too.
 */
extern const SfdwRedaction *sfdw_redact_activate(const SfdwRedaction *redaction);

#endif							/* SFDW_REDACT_H */
