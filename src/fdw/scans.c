/*-------------------------------------------------------------------------
 * scans.c
 *		What the scans of this transaction have read
 *
 * See scans.h.  The reports live in the transaction's memory, whose end
 * forgets them.
 *-------------------------------------------------------------------------
 */
#include "fdw/scans.h"

#include "nodes/pg_list.h"
#include "utils/memutils.h"

static List *reports = NIL;		/* SfdwScanReport, of this transaction */
static MemoryContext reports_context = NULL;

/* Forget the list when the memory that holds it goes; NULL otherwise. */
static void
forget_context(void *arg)
{
	reports = NIL;
	reports_context = NULL;
}

/* Make the memory of the reports, when this transaction has none yet. */
static void
ensure_context(void)
{
	MemoryContext context;
	MemoryContextCallback *cleanup;

	if (reports_context != NULL)
		return;
	context = AllocSetContextCreate(TopTransactionContext,
									"salesforce_fdw scan reports",
									ALLOCSET_SMALL_SIZES);
	cleanup = MemoryContextAlloc(context, sizeof(MemoryContextCallback));
	cleanup->func = forget_context;
	cleanup->arg = NULL;
	MemoryContextRegisterResetCallback(context, cleanup);
	reports_context = context;
}

/* Copy a text that may be absent. */
static char *
copy_text(const char *text)
{
	return text == NULL ? NULL : pstrdup(text);
}

/* The report on the same version of the same table, or NULL. */
static SfdwScanReport *
find_report(const SfdwScanReport *report)
{
	ListCell   *cell;

	foreach(cell, reports)
	{
		SfdwScanReport *earlier = lfirst(cell);

		if (earlier->relid == report->relid &&
			strcmp(earlier->key, report->key) == 0 &&
			strcmp(earlier->version_id, report->version_id) == 0)
			return earlier;
	}
	return NULL;
}

/* Keep a copy of a report, or bring an earlier one up to date. */
void
sfdw_scans_add(const SfdwScanReport *report)
{
	MemoryContext caller;
	SfdwScanReport *copy = find_report(report);

	if (copy != NULL)
	{
		if (report->records > copy->records || report->is_complete)
		{
			copy->is_complete = report->is_complete;
			copy->bytes = report->bytes;
			copy->records = report->records;
		}
		return;
	}
	ensure_context();
	caller = MemoryContextSwitchTo(reports_context);
	copy = palloc(sizeof(SfdwScanReport));
	*copy = *report;
	copy->object = copy_text(report->object);
	copy->key = copy_text(report->key);
	copy->version_id = copy_text(report->version_id);
	copy->header = copyObject(report->header);
	copy->extra = copyObject(report->extra);
	copy->missing = copyObject(report->missing);
	reports = lappend(reports, copy);
	MemoryContextSwitchTo(caller);
}

/* The reports for one foreign table, or all. */
List *
sfdw_scans_reports(Oid relid)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, reports)
	{
		SfdwScanReport *report = lfirst(cell);

		if (!OidIsValid(relid) || report->relid == relid)
			found = lappend(found, report);
	}
	return found;
}

/* Forget the reports so far. */
void
sfdw_scans_forget(void)
{
	if (reports_context != NULL)
		MemoryContextDelete(reports_context);
}
