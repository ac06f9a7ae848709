/*-------------------------------------------------------------------------
 * quality.c
 *		The quality gates: is this result fit to replace the last one
 *
 * One row a gate in the table below: its unit, its default limit and action,
 * and the function that judges.
 *-------------------------------------------------------------------------
 */
#include "dataset/quality.h"

#include "core/errors.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * A known exporter pages by 200 and stops, without an error, at the 2,200th
 * record or at a failed page: then the count is a multiple of 200.
 */
#define EXPORTER_PAGE	200

#define DAYS_A_MONTH	30

typedef enum Unit
{
	UNIT_NONE,					/* on or off */
	UNIT_COUNT,
	UNIT_SHARE,					/* 0 to 1 */
	UNIT_TIME					/* an interval; the limit is in microseconds */
} Unit;

/* One gate as it is judged now. */
typedef struct Judgement
{
	const char *name;
	const char *limit_text;
	double		limit;
	SfdwAction	action;
	const SfdwPrevious *previous;
	List	   *changed;
	SfdwMaterialized *result;
} Judgement;

typedef struct Gate
{
	const char *name;
	Unit		unit;
	const char *limit;
	SfdwAction	action;
	void		(*judge) (Judgement *judgement);	/* NULL: not judged here */
} Gate;

/* Note that a gate is not met. */
static void pg_attribute_printf(3, 4)
violate(Judgement *judgement, int64 figure, const char *format,...)
{
	SfdwFinding *finding = sfdw_finding_add(judgement->result, "gate",
											judgement->name, NULL,
											judgement->action);
	char		detail[1024];
	va_list		args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	finding->count = figure;
	finding->detail = MemoryContextStrdup(judgement->result->context, detail);
}

/* How an input is called in a finding: object, else key. */
static const char *
input_name(const SfdwInput *input)
{
	return input->object != NULL ? input->object : input->key;
}

/* Counts what is stored. */
static void
judge_min_rows(Judgement *judgement)
{
	int64		rows = judgement->result->rows;

	if ((double) rows < judgement->limit)
		violate(judgement, rows, "the smallest number of rows allowed is %s",
				judgement->limit_text);
}

/* Against the last published run; growing is never wrong. */
static void
judge_max_shrink(Judgement *judgement)
{
	int64		rows = judgement->result->rows;
	const SfdwPrevious *previous = judgement->previous;

	if (!previous->known)
		return;
	if ((double) rows < (double) previous->rows * (1.0 - judgement->limit))
		violate(judgement, rows, "the last run had " INT64_FORMAT
				" rows, and may shrink by %s", previous->rows,
				judgement->limit_text);
}

/* By input, since each object is exported by itself. */
static void
judge_truncation(Judgement *judgement)
{
	ListCell   *cell;

	foreach(cell, judgement->result->inputs)
	{
		SfdwInput  *input = lfirst(cell);

		if (input->records > 0 && input->records % EXPORTER_PAGE == 0)
			violate(judgement, input->records,
					"%s has a multiple of %d records, as an export that was cut off",
					input_name(input), EXPORTER_PAGE);
	}
}

/* One violation for each input with such fields, which are named. */
static void
judge_fields(Judgement *judgement, bool extra)
{
	ListCell   *cell;

	foreach(cell, judgement->result->inputs)
	{
		SfdwInput  *input = lfirst(cell);
		List	   *fields = extra ? input->extra_fields : input->missing_fields;
		StringInfoData names;
		ListCell   *field;

		if (fields == NIL)
			continue;
		initStringInfo(&names);
		foreach(field, fields)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
							 (char *) lfirst(field));
		violate(judgement, list_length(fields), "%s %s: %s",
				input_name(input), extra ? "has fields without a column" :
				"lacks fields that have a column", names.data);
	}
}

/* Drift that loses nothing of what is published. */
static void
judge_extra_columns(Judgement *judgement)
{
	judge_fields(judgement, true);
}

/* The scan itself refuses where the query reads such a column. */
static void
judge_missing_columns(Judgement *judgement)
{
	judge_fields(judgement, false);
}

/* The target's owner may have altered it since it was created. */
static void
judge_type_change(Judgement *judgement)
{
	ListCell   *cell;

	foreach(cell, judgement->changed)
		violate(judgement, 1, "column \"%s\" of the target has another type than in the query",
				(char *) lfirst(cell));
}

/* By when the object was written, by the clock of its storage. */
static void
judge_max_input_age(Judgement *judgement)
{
	TimestampTz now = GetCurrentTimestamp();
	ListCell   *cell;

	foreach(cell, judgement->result->inputs)
	{
		SfdwInput  *input = lfirst(cell);
		int64		age = now - input->last_modified;

		if ((double) age > judgement->limit)
			violate(judgement, age / USECS_PER_SEC,
					"%s is older than %s", input_name(input),
					judgement->limit_text);
	}
}

/* All inputs must be from one export. */
static void
judge_max_input_spread(Judgement *judgement)
{
	SfdwInput  *oldest = NULL;
	SfdwInput  *newest = NULL;
	ListCell   *cell;

	foreach(cell, judgement->result->inputs)
	{
		SfdwInput  *input = lfirst(cell);

		if (oldest == NULL || input->last_modified < oldest->last_modified)
			oldest = input;
		if (newest == NULL || input->last_modified > newest->last_modified)
			newest = input;
	}
	if (oldest == NULL)
		return;
	if ((double) (newest->last_modified - oldest->last_modified) > judgement->limit)
		violate(judgement,
				(newest->last_modified - oldest->last_modified) / USECS_PER_SEC,
				"%s is older than %s by more than %s", input_name(oldest),
				input_name(newest), judgement->limit_text);
}

/* purge_versioning is about buckets; who purges judges it. */
static const Gate gate_table[] = {
	{"min_rows", UNIT_COUNT, "1", SFDW_ACTION_REFUSE, judge_min_rows},
	{"max_shrink", UNIT_SHARE, "0.5", SFDW_ACTION_REFUSE, judge_max_shrink},
	{"truncation", UNIT_NONE, "", SFDW_ACTION_WARN, judge_truncation},
	{"extra_columns", UNIT_NONE, "", SFDW_ACTION_WARN, judge_extra_columns},
	{"missing_columns", UNIT_NONE, "", SFDW_ACTION_REFUSE, judge_missing_columns},
	{"type_change", UNIT_NONE, "", SFDW_ACTION_REFUSE, judge_type_change},
	{"max_input_age", UNIT_TIME, "36 hours", SFDW_ACTION_WARN, judge_max_input_age},
	{"max_input_spread", UNIT_TIME, "2 hours", SFDW_ACTION_REFUSE, judge_max_input_spread},
	{"purge_versioning", UNIT_NONE, "", SFDW_ACTION_REFUSE, NULL}
};

/* A member of a JSON object (jbvBinary); NULL when it has no such member. */
static JsonbValue *
member(JsonbValue *value, const char *key)
{
	return JsonContainerIsObject(value->val.binary.data) ?
		getKeyJsonValueFromContainer(value->val.binary.data, key,
									 (int) strlen(key), NULL) : NULL;
}

/* A JSON string or number as text; NULL for anything else. */
static char *
scalar_text(const JsonbValue *value)
{
	if (value == NULL)
		return NULL;
	if (value->type == jbvString)
		return pnstrdup(value->val.string.val, value->val.string.len);
	if (value->type == jbvNumeric)
		return DatumGetCString(DirectFunctionCall1(numeric_out,
												   NumericGetDatum(value->val.numeric)));
	return NULL;
}

/* create_dataset has checked it, so an unknown one is a damaged definition. */
SfdwAction
sfdw_quality_action(const char *gate, const char *name)
{
	static const SfdwAction allowed[] = {
		SFDW_ACTION_COUNT, SFDW_ACTION_WARN, SFDW_ACTION_REFUSE
	};
	int			i;

	for (i = 0; i < (int) lengthof(allowed); i++)
	{
		if (name != NULL && strcmp(name, sfdw_action_name(allowed[i])) == 0)
			return allowed[i];
	}
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("unrecognized action for gate \"%s\"", gate));
	return SFDW_ACTION_REFUSE;
}

/* A limit as a number of its unit; create_dataset has checked it. */
static double
parse_limit(Unit unit, const char *text)
{
	Interval   *interval;

	if (unit == UNIT_NONE)
		return 0;
	if (unit != UNIT_TIME)
		return strtod(text, NULL);
	interval = DatumGetIntervalP(DirectFunctionCall3(interval_in,
													 CStringGetDatum(text),
													 ObjectIdGetDatum(InvalidOid),
													 Int32GetDatum(-1)));
	return (double) interval->time +
		((double) interval->month * DAYS_A_MONTH + interval->day) * USECS_PER_DAY;
}

/* Set limit and action from the definition, else from the table. */
static void
configure(Jsonb *gates, const Gate *gate, Judgement *judgement)
{
	JsonbValue *value = getKeyJsonValueFromContainer(&gates->root, gate->name,
													 (int) strlen(gate->name),
													 NULL);
	char	   *limit = NULL;
	char	   *action = NULL;

	judgement->name = gate->name;
	judgement->limit_text = gate->limit;
	judgement->action = gate->action;
	if (value != NULL && value->type == jbvBinary)
	{
		limit = scalar_text(member(value, "limit"));
		action = scalar_text(member(value, "action"));
	}
	else if (gate->unit == UNIT_NONE)
		action = scalar_text(value);
	else
		limit = scalar_text(value);
	if (limit != NULL)
		judgement->limit_text = limit;
	if (action != NULL)
		judgement->action = sfdw_quality_action(gate->name, action);
	judgement->limit = parse_limit(gate->unit, judgement->limit_text);
}

/* What to do when a gate is not met. */
SfdwAction
sfdw_quality_gate_action(Jsonb *gates, const char *name)
{
	Judgement	judgement = {0};

	for (int i = 0; i < (int) lengthof(gate_table); i++)
	{
		if (strcmp(gate_table[i].name, name) == 0)
			configure(gates, &gate_table[i], &judgement);
	}
	return judgement.action;
}

/* Every gate, so that a refusal names all that is wrong. */
void
sfdw_quality_judge(Jsonb *gates, const SfdwPrevious *previous, List *changed,
				   SfdwMaterialized *result)
{
	Judgement	judgement = {0};
	int			i;

	judgement.previous = previous;
	judgement.changed = changed;
	judgement.result = result;
	for (i = 0; i < (int) lengthof(gate_table); i++)
	{
		configure(gates, &gate_table[i], &judgement);
		if (gate_table[i].judge != NULL)
			gate_table[i].judge(&judgement);
	}
}
