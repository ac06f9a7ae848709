/*-------------------------------------------------------------------------
 * register.h
 *		Tell the catalog about the published table
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_REGISTER_H
#define SFDW_REGISTER_H

#include "dataset/run_record.h"

/*
 * Register the table in the destination's catalog, if it has one and does not
 * have this description already, and delete what is left in staging.
 */
extern void sfdw_register(SfdwRun *run);

#endif							/* SFDW_REGISTER_H */
