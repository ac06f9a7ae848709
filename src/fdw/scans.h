/*-------------------------------------------------------------------------
 * scans.h
 *		What the scans of this transaction have read
 *
 * A scan of a foreign table leaves a report here when it ends, so that a higher
 * room (a run's drift, gates and ledger) can ask what was really read, without
 * a second look at the storage.  There is one report for each version of each
 * table: a scan that reads it again changes nothing but makes it complete.
 * Reports live until the transaction ends.  They hold names and counts, never
 * a value: of a first record that is no header, not even the names.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SCANS_H
#define SFDW_SCANS_H

#include "core/compat.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* One scan, from the first byte of one version to its last. */
typedef struct SfdwScanReport
{
	Oid			relid;			/* the foreign table */
	Oid			server;
	char	   *object;			/* Salesforce object, or NULL */
	char	   *key;			/* below the server's location */
	char	   *version_id;
	TimestampTz last_modified;
	int64		size;			/* bytes of that version */
	bool		is_complete;	/* read to the end; false under a LIMIT */
	int64		bytes;			/* bytes pulled from the source */
	int64		records;		/* data records, the header not counted */
	List	   *header;			/* String: the names as the file has them */
	List	   *extra;			/* String: names that no column binds */
	List	   *missing;		/* String: fields of the table's columns that
								 * the header does not have */
} SfdwScanReport;

/*
 * The reports of this transaction for one foreign table (InvalidOid: for all),
 * in the order in which they were first made: a list of SfdwScanReport.  What
 * it holds belongs to the transaction: copy what must live longer.
 */
extern List *sfdw_scans_reports(Oid relid);

/*
 * Forget the reports so far: called before a statement whose scans alone are
 * to be asked for.
 */
extern void sfdw_scans_forget(void);

/* Note a report; its strings and lists are copied. */
extern void sfdw_scans_add(const SfdwScanReport *report);

#endif							/* SFDW_SCANS_H */
