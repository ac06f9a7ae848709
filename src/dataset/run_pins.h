/*-------------------------------------------------------------------------
 * run_pins.h
 *		The versions that a run pinned
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RUN_PINS_H
#define SFDW_RUN_PINS_H

#include "core/compat.h"
#include "storage/storage.h"

/*
 * Set *version to what the run pinned of key on a server, and return true;
 * false when it pinned nothing of that server.  Where it pinned other keys,
 * or nothing at all, the version is NULL when missing_ok, else an error.
 * What is returned lives until the pins of another run are asked for.
 */
extern bool sfdw_run_pins_find(const char *run, Oid server, const char *key,
							   bool missing_ok, SfdwVersion **version);

/*
 * Add what it pinned on that server below prefix to *versions, and return true;
 * false when it pinned nothing of that server.
 */
extern bool sfdw_run_pins_list(const char *run, Oid server, const char *prefix,
							   List **versions);

#endif							/* SFDW_RUN_PINS_H */
