/*-------------------------------------------------------------------------
 * scan_net.c
 *		While a data set is materialized, scans read what its gate examined
 *-------------------------------------------------------------------------
 */
#include "dataset/scan_net.h"

#include "core/errors.h"
#include "fdw/scan.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* What may be read; the lists live as long as what they were made for. */
static const char *dataset = NULL;	/* NULL: nothing is materialized */
static List *inputs = NIL;		/* Oid */
static List *lineage = NIL;		/* SfdwLineage */

/* Begin. */
void
sfdw_scan_net_enter(const SfdwGate *gate)
{
	dataset = gate->dataset->name;
	inputs = list_copy(gate->objects.inputs);
	lineage = list_copy(gate->lineage);
}

/* End. */
void
sfdw_scan_net_leave(void)
{
	dataset = NULL;
	inputs = NIL;
	lineage = NIL;
}

/* A check has no right to more than the data set. */
void
sfdw_scan_net_allow(List *more_inputs, List *more_lineage)
{
	inputs = list_concat_unique_oid(inputs, more_inputs);
	lineage = list_concat(lineage, more_lineage);
}

/* Raise an error about a scan of which nobody knew. */
static void
refuse(Oid relid, const char *column)
{
	char	   *relation = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
													  get_rel_name(relid));

	ereport(ERROR,
			errcode(SFDW_ERRCODE_POLICY),
			column == NULL ?
			errmsg("foreign table %s is scanned while data set \"%s\" is materialized, whose query does not read it",
				   relation, dataset) :
			errmsg("column %s.%s is scanned while data set \"%s\" is materialized, whose query does not pass it",
				   relation, column, dataset),
			errhint("Look at triggers of the target, and at functions that the data set lists."));
}

/* Whether the gate has let a column pass. */
static bool
is_passed(Oid relid, AttrNumber attnum)
{
	ListCell   *cell;

	foreach(cell, lineage)
	{
		SfdwLineage *entry = lfirst(cell);

		if (entry->relid == relid && entry->attnum == attnum &&
			entry->verdict != SFDW_REFUSED)
			return true;
	}
	return false;
}

/* Asked by each scan before it opens anything. */
static void
examine(Oid relid, List *attnums)
{
	ListCell   *cell;

	if (dataset == NULL)
		return;
	if (!list_member_oid(inputs, relid))
		refuse(relid, NULL);
	foreach(cell, attnums)
		if (!is_passed(relid, (AttrNumber) lfirst_int(cell)))
			refuse(relid, quote_identifier(get_attname(relid,
													   (AttrNumber) lfirst_int(cell),
													   false)));
}

/* Have scans ask. */
void
sfdw_scan_net_init(void)
{
	sfdw_scan_set_examiner(examine);
}
