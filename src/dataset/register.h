/*-------------------------------------------------------------------------
 * register.h
 *		Tell the catalog about the published table
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_REGISTER_H
#define SFDW_REGISTER_H

#include "dataset/run_record.h"
#include "utils/jsonb.h"

/*
 * Find out before anything is done whether the run could be registered.
 * SFDW_ERRCODE_CONFLICT when the catalog's table lies elsewhere; when columns
 * would get another type, SFDW_ERRCODE_QUALITY or a warning, as gate
 * "type_change" says.  The run needs id, dataset, destination and target_key.
 */
extern void sfdw_register_check(SfdwRun *run, Jsonb *gates, Oid target);

/*
 * Register the table in the destination's catalog, if it has one and does not
 * have this description already, and delete what is left in staging.
 */
extern void sfdw_register(SfdwRun *run);

/*
 * Register the table as a published run had it: its location, and the
 * description that the catalog had by then.
 */
extern void sfdw_register_again(SfdwRun *run);

/*
 * Why the catalog's table is not as the run registered it ("it is not there",
 * ...), or NULL.  Reads the catalog only.
 */
extern char *sfdw_register_difference(SfdwRun *run);

/* The URL of the folder that a run's object is in, as the catalog has it. */
extern char *sfdw_register_location(SfdwRun *run);

#endif							/* SFDW_REGISTER_H */
