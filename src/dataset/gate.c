/*-------------------------------------------------------------------------
 * gate.c
 *		The privacy gate: what a data set's query touches, and may it
 *
 * Leads the definition's query through the three nets.  Knows their order and
 * none of their rules.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate.h"

#include "core/errors.h"
#include "core/roles.h"
#include "dataset/acceptance.h"
#include "dataset/gate_classes.h"
#include "dataset/gate_columns.h"
#include "dataset/gate_refuse.h"
#include "dataset/gate_rewrite.h"
#include "dataset/gate_shape.h"
#include "dataset/own_detectors.h"
#include "dataset/policy.h"
#include "lib/stringinfo.h"

/*
 * Relations first, since their names say most.  Columns last: that net relies
 * on the shape.
 */
static SfdwGate *
analyze(SfdwDataset *dataset)
{
	SfdwGate   *gate = palloc0(sizeof(SfdwGate));
	Oid			view = sfdw_dataset_view(dataset, AccessShareLock);
	ListCell   *cell;

	gate->dataset = dataset;
	gate->listed = sfdw_listed_resolve(dataset);
	gate->query = sfdw_gate_query_of_view(dataset, view);
	sfdw_gate_check_relations(gate->listed, gate->query, &gate->objects);
	sfdw_gate_check_shape(gate->listed, gate->query);
	sfdw_gate_check_dependencies(gate->listed, view, &gate->objects);
	if (gate->objects.inputs == NIL)
		sfdw_gate_refuse("a query without foreign tables",
						 "A data set is made out of files.");
	gate->lineage = sfdw_gate_find_columns(gate->query);
	foreach(cell, gate->lineage)
		sfdw_gate_describe(lfirst(cell), dataset, gate->listed);
	gate->own_detectors = sfdw_own_detectors_of(dataset->detectors,
												&gate->missing_detectors);
	sfdw_policy_compute(gate);
	return gate;
}

/*
 * As the owner, as whom the query is executed: whoever may see what it touches
 * need not have a right on any schema that it names.
 */
SfdwGate *
sfdw_gate_analyze(SfdwDataset *dataset)
{
	SfdwGate   *gate;
	SfdwActing	before = {false};

	if (OidIsValid(dataset->owner))
		sfdw_act_as(dataset->owner, &before);
	gate = analyze(dataset);
	sfdw_act_end(&before);
	return gate;
}

/* Relations that came after the examination are in the plan alone. */
void
sfdw_gate_require_plan(SfdwGate *gate, PlannedStmt *plan, Oid target)
{
	sfdw_gate_check_plan_relations(&gate->objects, target, plan);
}

/* Verdicts by the acceptances that were recorded under the hash of now. */
void
sfdw_gate_judge(SfdwGate *gate)
{
	List	   *accepted = sfdw_acceptance_fields(gate->dataset->name,
											  gate->policy_hash);
	ListCell   *cell;

	gate->refused = 0;
	foreach(cell, gate->lineage)
	{
		SfdwLineage *entry = lfirst(cell);

		sfdw_gate_judge_column(entry, gate->dataset, accepted);
		gate->refused += entry->verdict == SFDW_REFUSED;
	}
}

/* What everybody but create_dataset and alter_dataset calls. */
SfdwGate *
sfdw_gate_examine(SfdwDataset *dataset)
{
	SfdwGate   *gate = sfdw_gate_analyze(dataset);

	sfdw_gate_judge(gate);
	return gate;
}

/* One line for each refused column. */
static char *
list_refused(SfdwGate *gate)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, gate->lineage)
	{
		SfdwLineage *entry = lfirst(cell);

		if (entry->verdict != SFDW_REFUSED)
			continue;
		appendStringInfo(&text, "%sColumn %s.%s (%s, class %s): %s.",
						 text.len > 0 ? "\n" : "", entry->relation,
						 entry->column_name, sfdw_gate_field_name(entry),
						 sfdw_class_name(entry->class), entry->reason);
	}
	return text.data;
}

/* What has changed since the last acceptance, as lines below the detail. */
static char *
list_changes(SfdwGate *gate)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, sfdw_acceptance_changes(gate))
		appendStringInfo(&text, "%s\n%s", text.len == 0 ?
						 "\nThe policy has changed since columns were accepted:" : "",
						 (char *) lfirst(cell));
	return text.data;
}

/* One message for both levels. */
static void
report_refused(SfdwGate *gate, int level)
{
	if (gate->refused == 0)
		return;
	ereport(level,
			errcode(SFDW_ERRCODE_POLICY),
			errmsg_plural("data set \"%s\" is refused: %d column may not be published",
						  "data set \"%s\" is refused: %d columns may not be published",
						  (unsigned long) gate->refused, gate->dataset->name,
						  gate->refused),
			errdetail_internal("%s%s", list_refused(gate), list_changes(gate)),
			errhint("See salesforce_fdw.lineage for all columns that the query touches."));
}

/* Before anything is read. */
void
sfdw_gate_require(SfdwGate *gate)
{
	if (gate->missing_detectors != NIL)
		ereport(ERROR,
				errcode(SFDW_ERRCODE_POLICY),
				errmsg("data set \"%s\" is refused: detector \"%s\" does not exist",
					   gate->dataset->name,
					   (char *) linitial(gate->missing_detectors)),
				errhint("See salesforce_fdw.detector, and salesforce_fdw.create_detector()."));
	report_refused(gate, ERROR);
}

/* A definition that is refused may be kept: lineage says why. */
void
sfdw_gate_warn(SfdwGate *gate)
{
	report_refused(gate, WARNING);
}

/* By verdict, in the order of the enum. */
const char *
sfdw_gate_verdict_name(SfdwVerdict verdict)
{
	static const char *const names[] = {"allowed", "accepted", "refused"};

	return names[verdict];
}

/* By bit, in the order of the enum. */
List *
sfdw_gate_role_names(uint32 roles)
{
	static const char *const names[] = {
		"output", "join", "filter", "sort", "group", "unused"
	};
	List	   *list = NIL;
	int			i;

	for (i = 0; i < (int) lengthof(names); i++)
	{
		if (roles & (1u << i))
			list = lappend(list, pstrdup(names[i]));
	}
	return list;
}

/* Junk columns come last, so that a column's number is its place. */
List *
sfdw_gate_output_names(SfdwGate *gate, Bitmapset *outputs)
{
	List	   *list = NIL;
	int			number = -1;

	while ((number = bms_next_member(outputs, number)) >= 0)
		list = lappend(list, list_nth_node(TargetEntry,
										   gate->query->targetList,
										   number - 1)->resname);
	return list;
}
