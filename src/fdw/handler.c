/*-------------------------------------------------------------------------
 * handler.c
 *		The callbacks that PostgreSQL calls for our foreign tables
 *
 * Not offered, so that PostgreSQL says what it says of such tables: writing,
 * parallel scans, and ANALYZE, whose samples would put values into the
 * statistics.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "fmgr.h"
#include "foreign/fdwapi.h"

#include "fdw/explain.h"
#include "fdw/import.h"
#include "fdw/plan.h"
#include "fdw/scan.h"

PG_FUNCTION_INFO_V1(sfdw_sql_handler);

/* Refuse to be analyzed: statistics would keep values. */
static bool
sfdwAnalyzeForeignTable(Relation relation, AcquireSampleRowsFunc *func,
						BlockNumber *totalpages)
{
	return false;
}

/* Give PostgreSQL the table of callbacks. */
Datum
sfdw_sql_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = sfdwGetForeignRelSize;
	routine->GetForeignPaths = sfdwGetForeignPaths;
	routine->GetForeignPlan = sfdwGetForeignPlan;
	routine->BeginForeignScan = sfdwBeginForeignScan;
	routine->IterateForeignScan = sfdwIterateForeignScan;
	routine->ReScanForeignScan = sfdwReScanForeignScan;
	routine->EndForeignScan = sfdwEndForeignScan;
	routine->ExplainForeignScan = sfdwExplainForeignScan;
	routine->AnalyzeForeignTable = sfdwAnalyzeForeignTable;
	routine->ImportForeignSchema = sfdwImportForeignSchema;
	PG_RETURN_POINTER(routine);
}
