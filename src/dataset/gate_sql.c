/*-------------------------------------------------------------------------
 * gate_sql.c
 *		lineage(name): what a data set's query touches; classes of columns
 *
 * Runs nothing and reads no data.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "core/roles.h"
#include "dataset/gate_classes.h"
#include "fdw/table.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#define LINEAGE_COLUMNS 9

#define CLASSES_COLUMNS 4

PG_FUNCTION_INFO_V1(sfdw_sql_lineage);
PG_FUNCTION_INFO_V1(sfdw_sql_column_classes);

/* A list of char * as a text[] datum. */
static Datum
text_array(List *list)
{
	Datum	   *values = palloc((list_length(list) + 1) * sizeof(Datum));
	int			count = 0;
	ListCell   *cell;

	foreach(cell, list)
		values[count++] = CStringGetTextDatum(lfirst(cell));
	return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

/* One row. */
static void
put_entry(ReturnSetInfo *result, SfdwGate *gate, SfdwLineage *entry)
{
	const char *verdict = sfdw_gate_verdict_name(entry->verdict);
	Datum		values[LINEAGE_COLUMNS];
	bool		nulls[LINEAGE_COLUMNS] = {false};

	values[0] = CStringGetTextDatum(entry->relation);
	values[1] = CStringGetTextDatum(entry->column_name);
	values[2] = CStringGetTextDatum(entry->object);
	values[3] = CStringGetTextDatum(entry->field);
	values[4] = CStringGetTextDatum(sfdw_class_name(entry->class));
	values[5] = text_array(sfdw_gate_role_names(entry->roles));
	values[6] = text_array(sfdw_gate_output_names(gate, entry->outputs));
	values[7] = CStringGetTextDatum(verdict);
	values[8] = CStringGetTextDatum(entry->reason);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Whoever writes, judges or checks policies may see them, and the owner. */
static void
require_reader(SfdwDataset *dataset)
{
	Oid			user = GetUserId();

	if (sfdw_role_has(user, SFDW_ROLE_STEWARD) ||
		sfdw_role_has(user, SFDW_ROLE_AUDIT) ||
		has_privs_of_role(user, dataset->owner))
		return;
	sfdw_role_require(user, SFDW_ROLE_POLICY, "see the lineage of data sets");
}

/* Verdicts are those of now, not those of when the data set was made. */
Datum
sfdw_sql_lineage(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SfdwDataset *dataset = sfdw_dataset_load(text_to_cstring(PG_GETARG_TEXT_PP(0)),
											 false);
	SfdwGate   *gate;
	ListCell   *cell;

	require_reader(dataset);
	InitMaterializedSRF(fcinfo, 0);
	gate = sfdw_gate_examine(dataset);
	foreach(cell, gate->lineage)
		put_entry(result, gate, lfirst(cell));
	return (Datum) 0;
}

/* One column of a foreign table. */
static void
put_class(ReturnSetInfo *result, const SfdwLineage *entry)
{
	Datum		values[CLASSES_COLUMNS] = {
		DirectFunctionCall1(namein, CStringGetDatum(entry->column_name)),
		CStringGetTextDatum(entry->object), CStringGetTextDatum(entry->field),
		CStringGetTextDatum(sfdw_class_name(entry->class))
	};
	bool		nulls[CLASSES_COLUMNS] = {false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* The classes that count, which the options alone do not tell. */
Datum
sfdw_sql_column_classes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			relid = PG_GETARG_OID(0);
	Relation	relation;
	TupleDesc	desc;

	if (!sfdw_table_is_ours(relid))
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("relation with OID %u is not a foreign table of salesforce_fdw",
					   relid));
	InitMaterializedSRF(fcinfo, 0);
	relation = table_open(relid, AccessShareLock);
	desc = RelationGetDescr(relation);
	for (int i = 0; i < desc->natts; i++)
	{
		SfdwLineage entry = {relid, i + 1};

		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		sfdw_gate_describe_field(&entry);
		put_class(result, &entry);
	}
	table_close(relation, AccessShareLock);
	return (Datum) 0;
}
