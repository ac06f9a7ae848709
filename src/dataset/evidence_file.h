/*-------------------------------------------------------------------------
 * evidence_file.h
 *		The evidence of a run as an object: _evidence/RUN.json
 *
 * What evidence(run) says, outside the database and, if the data set has a
 * server for it, out of reach of whoever can change the ledger (a bucket with
 * Object Lock).  It is written once a run is over, and again whenever an event
 * was added to it since: a purge that came to its end, a retraction.  A later
 * one replaces it; in a bucket with versions all of them stay.  Of a run that
 * was adopted, the database that ran it has written it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_EVIDENCE_FILE_H
#define SFDW_EVIDENCE_FILE_H

#include "dataset/definition.h"

/*
 * Write the oldest evidence of the data set that is not written as it is now;
 * false when there is none.
 */
extern bool sfdw_evidence_write_next(SfdwDataset *dataset);

/* What verify() says of the evidence of a run. */
typedef struct SfdwEvidenceVerdict
{
	char	   *url;
	const char *verdict;		/* "ok", "missing" or "differs" */
	char	   *detail;			/* NULL: as it was written, and as the ledger is */
} SfdwEvidenceVerdict;

/*
 * Compare the object with what was written, and with the ledger, unless
 * something has happened to the run since.  False when none was written.
 */
extern bool sfdw_evidence_verify(const char *run, SfdwEvidenceVerdict *verdict);

#endif							/* SFDW_EVIDENCE_FILE_H */
