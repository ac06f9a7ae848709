/*-------------------------------------------------------------------------
 * discover.h
 *		The first step of a run: list object versions once, and pin some
 *
 * Every version below the location of each input's server goes into the
 * ledger; the newest one of each object that the query reads is pinned.  What
 * the purge may delete later is what stands there, and nothing else.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DISCOVER_H
#define SFDW_DISCOVER_H

#include "dataset/inputs.h"

typedef enum SfdwDiscovery
{
	SFDW_DISCOVERED,			/* a run was written */
	SFDW_NOTHING_NEW,			/* the last published run has read all that is
								 * there, or nothing is there any more */
	SFDW_OUTDATED				/* the same, but what it published follows an
								 * older definition, and its inputs are gone */
} SfdwDiscovery;

/*
 * Begin a run of the data set, unless nothing is new and is_forced is false.
 * With is_scheduled, SFDW_ERRCODE_HELD_BACK as backoff.h says.
 * A definition that would publish something else than the last published run
 * did is new, as long as its inputs are there.
 * ERRCODE_UNDEFINED_FILE when an input is missing though another one is new
 * (or nothing was ever published); SFDW_ERRCODE_POLICY as the gate raises it.
 */
extern SfdwDiscovery sfdw_discover(const char *dataset, bool is_forced,
								   bool is_scheduled);

/* Whether the last published run has read an object's current version. */
extern bool sfdw_discover_was_read(const char *dataset,
								   const SfdwInputObject *object,
								   List *listings);

#endif							/* SFDW_DISCOVER_H */
