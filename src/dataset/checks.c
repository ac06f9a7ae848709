/*-------------------------------------------------------------------------
 * checks.c
 *		Queries of a data set that count what should not be there
 *-------------------------------------------------------------------------
 */
#include "dataset/checks.h"

#include "core/errors.h"
#include "dataset/execute.h"
#include "dataset/quality.h"
#include "dataset/scan_net.h"
#include "executor/tuptable.h"

/* Takes the one count that a check gives. */
typedef struct Counter
{
	DestReceiver receiver;
	int64		count;
	int			rows;
} Counter;

/* rStartup: there is nothing to prepare. */
static void
start(DestReceiver *self, int operation, TupleDesc desc)
{
}

/* A null is no count of anything. */
static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Counter    *counter = (Counter *) self;
	bool		is_null;
	Datum		value = slot_getattr(slot, 1, &is_null);

	counter->count = is_null ? 0 : DatumGetInt64(value);
	counter->rows++;
	return true;
}

/* rShutdown and rDestroy: the counter is its caller's. */
static void
finish(DestReceiver *self)
{
}

/* Run one check: what was examined is what is planned. */
static int64
count(SfdwGate *gate, const SfdwCheck *check)
{
	Counter		counter = {{receive, start, finish, finish, DestNone}};
	SfdwGateCheck *examined = sfdw_gate_examine_check(gate, check->name,
													  check->query);

	sfdw_scan_net_allow(examined->objects.inputs, examined->lineage);
	sfdw_execute_query(examined->query, check->query, &counter.receiver);
	if (counter.rows != 1)
		ereport(ERROR,
				errcode(ERRCODE_CARDINALITY_VIOLATION),
				errmsg("check \"%s\" of data set \"%s\" gave %d rows, not one count",
					   check->name, gate->dataset->name, counter.rows));
	return counter.count;
}

/* In the order of the definition; what a check counts is its figure. */
void
sfdw_checks_run(SfdwGate *gate, SfdwMaterialized *result)
{
	ListCell   *cell;

	foreach(cell, sfdw_dataset_checks(gate->dataset))
	{
		SfdwCheck  *check = lfirst(cell);
		SfdwAction	action = sfdw_quality_action(check->name, check->action);
		int64		figure = count(gate, check);

		if (figure != 0)
			sfdw_finding_add(result, "check", check->name, NULL, action)->count = figure;
	}
}
