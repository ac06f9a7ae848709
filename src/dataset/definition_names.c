/*-------------------------------------------------------------------------
 * definition_names.c
 *		Names and values in sorted_by, accept, detectors and gates
 *
 * A misspelt name would silently switch a check off, so each is an error that
 * tells the closest one there is.
 *-------------------------------------------------------------------------
 */
#include "dataset/definition_check.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "core/names.h"
#include "dataset/detectors.h"
#include "dataset/gate_classes.h"
#include "dataset/json_object.h"
#include "dataset/findings.h"
#include "dataset/own_detectors.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

/* Edits by which two names may differ and still be called close. */
#define MAX_DISTANCE 4

static const char *const detector_actions[] = {"refuse", "redact", "count"};
static const char *const gate_actions[] = {"refuse", "warn", "count"};

/* What a gate's limit is. */
typedef enum LimitKind
{
	LIMIT_NONE,
	LIMIT_COUNT,				/* a whole number from 0 */
	LIMIT_FRACTION,				/* a number from 0 to 1 */
	LIMIT_INTERVAL
} LimitKind;

static const struct
{
	const char *name;
	LimitKind	limit;
}			gates[] =
{
	{"min_rows", LIMIT_COUNT},
	{"max_shrink", LIMIT_FRACTION},
	{"truncation", LIMIT_NONE},
	{"extra_columns", LIMIT_NONE},
	{"missing_columns", LIMIT_NONE},
	{"type_change", LIMIT_NONE},
	{"max_input_age", LIMIT_INTERVAL},
	{"max_input_spread", LIMIT_INTERVAL},
	{"purge_versioning", LIMIT_NONE},
};

/* The closest of some names, or NULL when none is near. */
static const char *
closest_name(const char *name, List *possible)
{
	const char *closest = NULL;
	int			best = MAX_DISTANCE + 1;
	ListCell   *cell;

	foreach(cell, possible)
	{
		const char *candidate = lfirst(cell);
		int			distance;

		if (strlen(name) > NAMEDATALEN || strlen(candidate) > NAMEDATALEN)
			continue;
		distance = varstr_levenshtein_less_equal(name, (int) strlen(name),
												 candidate,
												 (int) strlen(candidate),
												 1, 1, 1, MAX_DISTANCE, true);
		if (distance < best)
		{
			best = distance;
			closest = candidate;
		}
	}
	return closest;
}

/* Refuse a name, with the closest of those that are possible as the hint. */
static void
refuse_name(const char *kind, const char *name, List *possible)
{
	const char *closest = closest_name(name, possible);

	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("unrecognized %s \"%s\"", kind, name),
			closest == NULL ? 0 : errhint("Perhaps you meant \"%s\".", closest));
}

/* Raise an error unless an action is one of those. */
static void
check_action(const char *kind, const char *name, const char *action,
			 const char *const *actions, int count)
{
	for (int i = 0; action != NULL && i < count; i++)
		if (strcmp(action, actions[i]) == 0)
			return;
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid action of %s \"%s\"", kind, name),
			errhint("It is one of \"%s\", \"%s\", \"%s\".", actions[0],
					actions[1], actions[2]));
}

/* Names of the columns of a relation. */
static List *
column_names(Oid relid)
{
	Relation	relation = relation_open(relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(relation);
	List	   *names = NIL;

	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			names = lappend(names, pstrdup(NameStr(TupleDescAttr(desc, i)->attname)));
	relation_close(relation, NoLock);
	return names;
}

/* All detectors, and "*". */
static List *
detector_names(void)
{
	List	   *names = list_make1("*");

	for (int i = 0; i < SFDW_DETECTORS; i++)
		names = lappend(names, pstrdup(sfdw_detector_name((SfdwDetector) i)));
	return list_concat(names, sfdw_own_detector_names());
}

/* Refuse a detector's name; the hint lists them all. */
static void
refuse_detector(const char *name, List *possible)
{
	const char *closest = closest_name(name, possible);
	StringInfoData list;
	ListCell   *cell;

	initStringInfo(&list);
	foreach(cell, possible)
		appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "",
						 (char *) lfirst(cell));
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("unrecognized detector \"%s\"", name),
			closest == NULL ? errhint("Detectors are: %s.", list.data) :
			errhint("Perhaps you meant \"%s\".  Detectors are: %s.", closest,
					list.data));
}

/* A column's name may hold dots, a detector's none. */
static void
check_detector_name(const char *key, List *columns)
{
	const char *dot = strrchr(key, '.');
	List	   *detectors = detector_names();
	char	   *column;

	if (!sfdw_names_have(detectors, dot == NULL ? key : dot + 1))
		refuse_detector(dot == NULL ? key : dot + 1, detectors);
	if (dot == NULL)
		return;
	column = pnstrdup(key, dot - key);
	if (!sfdw_names_have(columns, column))
		refuse_name("column in detectors", column, columns);
}

/*
 * Raise an error when a column that is named cannot be redacted.  One that a
 * wider key means may be left to refuse.
 */
static void
check_redactable(const char *key, Oid target)
{
	const char *dot = strrchr(key, '.');
	char	   *column;
	Oid			type;

	if (dot == NULL)
		return;
	column = pnstrdup(key, dot - key);
	type = get_atttype(target, get_attnum(target, column));
	if (!sfdw_detectors_can_redact(type))
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("cannot redact column \"%s\": it is of type %s", column,
					   format_type_be(type)),
				errhint("Only text can be redacted.  Use \"refuse\" or \"count\"."));
}

/* detector, "*" or column.detector, each with an action. */
static void
check_detectors(SfdwDataset *dataset, List *columns, Oid target)
{
	ListCell   *cell;

	foreach(cell, sfdw_json_pairs(&dataset->detectors->root, "detectors"))
	{
		SfdwJsonPair *pair = lfirst(cell);

		check_detector_name(pair->key, columns);
		check_action("detector", pair->key, sfdw_json_string(&pair->value),
					 detector_actions, lengthof(detector_actions));
		if (strcmp(sfdw_json_string(&pair->value), "redact") == 0)
			check_redactable(pair->key, target);
	}
}

/* Raise an error about a gate's limit. */
static void
refuse_limit(const char *name, const char *what)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid limit of gate \"%s\"", name),
			errdetail("It must be %s.", what));
}

/* Whether an interval is below zero; an error when it is none. */
static bool
is_negative_interval(const char *string)
{
	Interval	zero = {0};
	Datum		interval = DirectFunctionCall3(interval_in,
											   CStringGetDatum(string),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1));

	return DatumGetBool(DirectFunctionCall2(interval_lt, interval,
											IntervalPGetDatum(&zero)));
}

/* A number in its range, or something that interval accepts. */
static void
check_limit(const char *name, LimitKind kind, const JsonbValue *value)
{
	double		number = -1;
	char	   *string = sfdw_json_string(value);

	if (value->type == jbvNumeric)
		number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
													NumericGetDatum(value->val.numeric)));
	switch (kind)
	{
		case LIMIT_NONE:
			refuse_limit(name, "left out: this gate has none");
			break;
		case LIMIT_COUNT:
			if (number < 0 || number > (double) PG_INT32_MAX ||
				number != (double) (int64) number)
				refuse_limit(name, "a whole number from 0 on");
			break;
		case LIMIT_FRACTION:
			if (number < 0 || number > 1)
				refuse_limit(name, "a number from 0 to 1");
			break;
		case LIMIT_INTERVAL:
			if (string == NULL || is_negative_interval(string))
				refuse_limit(name, "an interval that is not negative");
			break;
	}
}

/* {"limit": ..., "action": ...} */
static void
check_gate_object(const char *name, LimitKind kind, JsonbContainer *container)
{
	ListCell   *cell;

	foreach(cell, sfdw_json_pairs(container, name))
	{
		SfdwJsonPair *pair = lfirst(cell);

		if (strcmp(pair->key, "limit") == 0)
			check_limit(name, kind, &pair->value);
		else if (strcmp(pair->key, "action") == 0)
			check_action("gate", name, sfdw_json_string(&pair->value),
						 gate_actions, lengthof(gate_actions));
		else
			refuse_name("key of a gate", pair->key,
						list_make2("limit", "action"));
	}
}

/* A bare value is the limit, or the action of a gate that has no limit. */
static void
check_gate(const char *name, LimitKind kind, const JsonbValue *value)
{
	if (value->type == jbvBinary)
		check_gate_object(name, kind, value->val.binary.data);
	else if (kind == LIMIT_NONE)
		check_action("gate", name, sfdw_json_string(value), gate_actions,
					 lengthof(gate_actions));
	else
		check_limit(name, kind, value);
}

/* A check is a query, or {"query": ..., "action": ...}. */
static void
check_check(const char *name, const JsonbValue *value)
{
	ListCell   *cell;
	bool		has_query = value->type == jbvString;

	if (value->type == jbvBinary)
		foreach(cell, sfdw_json_pairs(value->val.binary.data, name))
		{
			SfdwJsonPair *pair = lfirst(cell);

			if (strcmp(pair->key, "query") == 0)
				has_query = pair->value.type == jbvString;
			else if (strcmp(pair->key, "action") == 0)
				check_action("check", name, sfdw_json_string(&pair->value),
							 gate_actions, lengthof(gate_actions));
			else
				refuse_name("key of a check", pair->key,
							list_make2("query", "action"));
		}
	if (!has_query)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("check \"%s\" has no query", name));
}

/* Gates by the table above, and checks. */
static void
check_gates(SfdwDataset *dataset)
{
	List	   *names = list_make1("checks");
	ListCell   *cell;
	ListCell   *check;

	for (int i = 0; i < (int) lengthof(gates); i++)
		names = lappend(names, pstrdup(gates[i].name));
	foreach(cell, sfdw_json_pairs(&dataset->gates->root, "gates"))
	{
		SfdwJsonPair *pair = lfirst(cell);

		if (!sfdw_names_have(names, pair->key))
			refuse_name("gate", pair->key, names);
		for (int i = 0; i < (int) lengthof(gates); i++)
			if (strcmp(pair->key, gates[i].name) == 0)
				check_gate(pair->key, gates[i].limit, &pair->value);
		if (strcmp(pair->key, "checks") != 0)
			continue;
		if (pair->value.type != jbvBinary)
			refuse_limit("checks", "an object of queries");
		foreach(check, sfdw_json_pairs(pair->value.val.binary.data, "checks"))
			check_check(((SfdwJsonPair *) lfirst(check))->key,
						&((SfdwJsonPair *) lfirst(check))->value);
	}
}

/* The order of the file is by columns that the file has. */
static void
check_sorted_by(SfdwDataset *dataset, List *columns)
{
	ListCell   *cell;

	foreach(cell, dataset->sorted_by)
		if (!sfdw_names_have(columns, lfirst(cell)))
			refuse_name("column in sorted_by", lfirst(cell), columns);
}

/* Reasons are for columns that the query touches, and say something. */
void
sfdw_dataset_check_accept(SfdwDataset *dataset, SfdwGate *gate)
{
	List	   *fields = NIL;
	ListCell   *cell;
	ListCell   *field;

	foreach(cell, gate->lineage)
		fields = lappend(fields, sfdw_gate_field_name(lfirst(cell)));
	foreach(cell, sfdw_json_pairs(&dataset->accept->root, "accept"))
	{
		SfdwJsonPair *pair = lfirst(cell);
		char	   *reason = sfdw_json_string(&pair->value);
		bool		is_touched = false;

		foreach(field, fields)
			is_touched |= pg_strcasecmp(lfirst(field), pair->key) == 0;
		if (!is_touched)
			refuse_name("column in accept", pair->key, fields);
		if (reason == NULL || strspn(reason, " \t\n") == strlen(reason))
			ereport(ERROR,
					errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the acceptance of \"%s\" needs a reason", pair->key));
	}
}

/* The target has the columns of the query by now. */
void
sfdw_dataset_check_names(SfdwDataset *dataset, SfdwGate *gate, Oid target)
{
	List	   *columns = column_names(target);

	check_sorted_by(dataset, columns);
	check_detectors(dataset, columns, target);
	check_gates(dataset);
}
