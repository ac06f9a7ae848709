/*-------------------------------------------------------------------------
 * fdw_test.c
 *		The reports of scans as an SQL function, for tests
 *
 * Part of the library in the test build only.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "fdw/scans.h"
#include "fdw/table.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(sfdw_sql_test_reports);
PG_FUNCTION_INFO_V1(sfdw_sql_test_forget);
PG_FUNCTION_INFO_V1(sfdw_sql_test_is_ours);

/* Append a list of names. */
static void
append_names(StringInfo text, const char *label, List *names)
{
	ListCell   *cell;

	appendStringInfo(text, " %s={", label);
	foreach(cell, names)
		appendStringInfo(text, "%s%s", cell == list_head(names) ? "" : ",",
						 strVal(lfirst(cell)));
	appendStringInfoChar(text, '}');
}

/* test_fdw_reports(): one line a report. */
PGDLLEXPORT Datum
sfdw_sql_test_reports(PG_FUNCTION_ARGS)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, sfdw_scans_reports(InvalidOid))
	{
		SfdwScanReport *report = lfirst(cell);

		appendStringInfo(&text, "%s%s: object=%s key=%s %s size=" INT64_FORMAT
						 " bytes=" INT64_FORMAT " records=" INT64_FORMAT,
						 text.len > 0 ? "\n" : "", get_rel_name(report->relid),
						 report->object == NULL ? "-" : report->object,
						 report->key,
						 report->is_complete ? "complete" : "in part",
						 report->size, report->bytes, report->records);
		append_names(&text, "header", report->header);
		append_names(&text, "extra", report->extra);
		append_names(&text, "missing", report->missing);
	}
	PG_RETURN_TEXT_P(cstring_to_text(text.data));
}

/* test_fdw_forget() */
PGDLLEXPORT Datum
sfdw_sql_test_forget(PG_FUNCTION_ARGS)
{
	sfdw_scans_forget();
	PG_RETURN_VOID();
}

/* test_fdw_is_ours(regclass) */
PGDLLEXPORT Datum
sfdw_sql_test_is_ours(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(sfdw_table_is_ours(PG_GETARG_OID(0)));
}
