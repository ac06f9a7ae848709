/*-------------------------------------------------------------------------
 * lineage_record.h
 *		What the gate judged, in the ledger
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_LINEAGE_RECORD_H
#define SFDW_LINEAGE_RECORD_H

#include "dataset/gate.h"

/* Names of the roles in a set of SfdwColumnRole bits, separated by ", ". */
extern char *sfdw_roles_text(uint32 roles);

/* Write the lineage of a run, in place of what was written before. */
extern void sfdw_lineage_record(const char *run, SfdwGate *gate);

/*
 * Whether a raw column that reaches this column of the target is of a class
 * whose values must not stand in statistics: anything but id, reference,
 * controlled, business and system.
 */
extern bool sfdw_lineage_is_sensitive(const char *run, const char *column);

#endif							/* SFDW_LINEAGE_RECORD_H */
