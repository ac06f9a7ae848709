/*-------------------------------------------------------------------------
 * inspect.h
 *		Read every row of a target: detectors, count and checksum
 *
 * A receiver for the rows of a target, or of a query that would fill it.
 * Boolean and date and time columns are not searched; numbers are searched as
 * whole values in plain decimal form; all else is searched in its text form,
 * json decoded, bytea as bytes.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_INSPECT_H
#define SFDW_INSPECT_H

#include "dataset/fill.h"
#include "dataset/findings.h"
#include "dataset/row_changes.h"
#include "dataset/rowsum.h"
#include "dataset/search.h"
#include "tcop/dest.h"

/*
 * Make a receiver for rows of these columns, which are searched by search.  With is_stored the rows are those
 * of the target, so that a hit that is to be redacted refuses: it was not
 * redacted.  Its keys name a row in a finding; they are noted only where they
 * are record ids.  accepted lists hits that do not refuse: see
 * finding_acceptance.h.  Each row is added to the comparison.  After the last
 * row the result has rows, checksum and one finding for each detector and
 * column that had a hit.
 */
extern DestReceiver *sfdw_inspect_create(Jsonb *detectors, SfdwSearch *search,
										 List *accepted,
										 const SfdwTargetColumns *columns,
										 bool is_stored,
										 SfdwRowComparison *comparison,
										 SfdwMaterialized *result);

/*
 * The ids of a row as jsonb, in the current memory context: only values that
 * look like record ids, so that a finding never holds anything else.
 */
extern Jsonb *sfdw_inspect_keys(int count, char **names, char **values);

#endif							/* SFDW_INSPECT_H */
