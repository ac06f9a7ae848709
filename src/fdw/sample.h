/*-------------------------------------------------------------------------
 * sample.h
 *		The first records of an object
 *
 * What the planner's estimates and IMPORT look at: the header and the records
 * that lie whole in the first SFDW_SAMPLE_BYTES.  Values are looked at and
 * never kept beyond the visit.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SAMPLE_H
#define SFDW_SAMPLE_H

#include "core/compat.h"
#include "export/csv_scan.h"
#include "storage/storage.h"

/* Enough for about a hundred records of the widest objects. */
#define SFDW_SAMPLE_BYTES (256 * 1024)

/*
 * Called for the header (record->number 0) and for each record after it, in
 * their order; what is in record is valid during the call only.
 */
typedef void (*SfdwSampleVisit) (const SfdwCsvRecord *record, void *arg);

typedef enum SfdwSampleResult
{
	SFDW_SAMPLE_PART,			/* there is more behind the sample */
	SFDW_SAMPLE_WHOLE,			/* the sample was the whole object */
	SFDW_SAMPLE_BROKEN			/* *status says what no record could be made
								 * of */
} SfdwSampleResult;

/*
 * Visit the sample of one version.  Records that the scan rejects are passed
 * over.  Raises what the storage raises.
 */
extern SfdwSampleResult sfdw_sample_visit(SfdwStorage *storage,
										  const SfdwVersion *version,
										  const SfdwCsvOptions *options,
										  SfdwSampleVisit visit, void *arg,
										  SfdwStatus *status);

#endif							/* SFDW_SAMPLE_H */
