/*-------------------------------------------------------------------------
 * lineage_record.c
 *		What the gate judged, in the ledger
 *
 * Knows how lineage looks in the ledger; judges nothing.
 *-------------------------------------------------------------------------
 */
#include "dataset/lineage_record.h"

#include "dataset/ledger.h"
#include "lib/stringinfo.h"

/* Names (char *) with ", " between them. */
static char *
join_names(List *names)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, names)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 (char *) lfirst(cell));
	return text.data;
}

/* "output, join" */
char *
sfdw_roles_text(uint32 roles)
{
	return join_names(sfdw_gate_role_names(roles));
}

/* Insert one raw column. */
static void
insert_column(const char *run, SfdwGate *gate, const SfdwLineage *lineage)
{
	SfdwParam	params[] = {
		sfdw_param_text(run),
		sfdw_param_text(lineage->relation),
		sfdw_param_text(lineage->column_name),
		sfdw_param_text(lineage->object),
		sfdw_param_text(lineage->field),
		sfdw_param_text(sfdw_class_name(lineage->class)),
		sfdw_param_text(sfdw_roles_text(lineage->roles)),
		sfdw_param_text(join_names(sfdw_gate_output_names(gate, lineage->outputs))),
		sfdw_param_text(sfdw_gate_verdict_name(lineage->verdict)),
		sfdw_param_text(lineage->reason)
	};

	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_lineage"
							 " VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
							 lengthof(params), params, NULL);
}

/* Write all of it. */
void
sfdw_lineage_record(const char *run, SfdwGate *gate)
{
	SfdwParam	params[] = {sfdw_param_text(run)};
	ListCell   *cell;

	(void) sfdw_ledger_write("DELETE FROM salesforce_fdw.ledger_lineage"
							 " WHERE run = $1::uuid", 1, params, NULL);
	foreach(cell, gate->lineage)
		insert_column(run, gate, lfirst(cell));
}

/* Whether values of a class, by its name in the ledger, may be known to all. */
static bool
is_open_class(const char *name)
{
	static const uint32 open_classes = 1 << SFDW_CLASS_ID |
		1 << SFDW_CLASS_REFERENCE | 1 << SFDW_CLASS_CONTROLLED |
		1 << SFDW_CLASS_BUSINESS | 1 << SFDW_CLASS_SYSTEM;
	SfdwClass	class;

	return name != NULL && sfdw_class_parse(name, &class) &&
		(open_classes & 1 << class) != 0;
}

/*
 * The ledger has the outputs of a raw column as one text.  A name that is part
 * of another one is found in both, which errs on the safe side.
 */
bool
sfdw_lineage_is_sensitive(const char *run, const char *column)
{
	SfdwParam	params[] = {sfdw_param_text(run), sfdw_param_text(column)};
	SfdwRows	rows = sfdw_ledger_read("SELECT class"
										" FROM salesforce_fdw.ledger_lineage"
										" WHERE run = $1::uuid"
										" AND pg_catalog.strpos(outputs, $2) > 0",
										lengthof(params), params);

	for (int i = 0; i < rows.count; i++)
		if (!is_open_class(rows.values[i][0]))
			return true;
	return false;
}
