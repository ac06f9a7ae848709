/*-------------------------------------------------------------------------
 * sample.h
 *		The first records of an object
 *
 * What the planner's estimates and IMPORT look at: the header and the records
 * that lie whole in the first SFDW_SAMPLE_BYTES of its text.  Values are looked at and
 * never kept beyond the visit.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SAMPLE_H
#define SFDW_SAMPLE_H

#include "core/compat.h"
#include "export/csv_scan.h"
#include "export/text_form.h"
#include "storage/storage.h"

/* Enough for about a hundred records of the widest objects. */
#define SFDW_SAMPLE_BYTES (256 * 1024)

/* Of what a sample is taken, and how it is read. */
typedef struct SfdwSampleRequest
{
	SfdwStorage *storage;
	const SfdwVersion *version;
	SfdwTextForm text;			/* its encoding may be FIND */
	SfdwCsvOptions csv;
} SfdwSampleRequest;

/* What a sample says besides its records. */
typedef struct SfdwSampleFacts
{
	SfdwEncoding encoding;		/* the one that was found */
	double		growth;			/* bytes of text for each byte of the object */
	SfdwStatus	status;			/* when it is broken */
	const char *unit;			/* of status.offset: see text_source.h */
} SfdwSampleFacts;

/*
 * Called for the header (record->number 0) and for each record after it, in
 * their order; what is in record is valid during the call only.
 */
typedef void (*SfdwSampleVisit) (const SfdwCsvRecord *record, void *arg);

typedef enum SfdwSampleResult
{
	SFDW_SAMPLE_PART,			/* there is more behind the sample */
	SFDW_SAMPLE_WHOLE,			/* the sample was the whole object */
	SFDW_SAMPLE_BROKEN			/* facts->status says what no record could be
								 * made of */
} SfdwSampleResult;

/*
 * Visit the sample of one version.  Records that the scan rejects are passed
 * over.  Raises what the storage raises.
 */
extern SfdwSampleResult sfdw_sample_visit(const SfdwSampleRequest *request,
										  SfdwSampleVisit visit, void *arg,
										  SfdwSampleFacts *facts);

#endif							/* SFDW_SAMPLE_H */
