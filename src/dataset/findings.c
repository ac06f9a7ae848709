/*-------------------------------------------------------------------------
 * findings.c
 *		What a data set says about detectors, and how findings are noted
 *-------------------------------------------------------------------------
 */
#include "dataset/findings.h"

#define EVERY_DETECTOR	"*"

static const char *const action_names[] = {
	[SFDW_ACTION_COUNT] = "count",
	[SFDW_ACTION_REDACT] = "redact",
	[SFDW_ACTION_WARN] = "warn",
	[SFDW_ACTION_REFUSE] = "refuse"
};

const char *
sfdw_action_name(SfdwAction action)
{
	return action_names[action];
}

/* Whether a value names what can be done about a hit. */
static bool
parse_action(const JsonbValue *value, SfdwAction *action)
{
	static const SfdwAction allowed[] = {
		SFDW_ACTION_COUNT, SFDW_ACTION_REDACT, SFDW_ACTION_REFUSE
	};
	int			i;

	for (i = 0; i < (int) lengthof(allowed); i++)
	{
		const char *name = action_names[allowed[i]];

		if (value->type == jbvString &&
			value->val.string.len == (int) strlen(name) &&
			memcmp(value->val.string.val, name, strlen(name)) == 0)
		{
			*action = allowed[i];
			return true;
		}
	}
	return false;
}

/* Whether a key is "*", a detector, or a column and a detector. */
static bool
is_valid_key(const char *key, List *columns)
{
	SfdwDetector detector;
	const char *dot = strrchr(key, '.');
	ListCell   *cell;

	if (dot == NULL)
		return strcmp(key, EVERY_DETECTOR) == 0 ||
			sfdw_detector_by_name(key, &detector);
	if (!sfdw_detector_by_name(dot + 1, &detector))
		return false;
	foreach(cell, columns)
	{
		const char *column = lfirst(cell);

		if (strlen(column) == (size_t) (dot - key) &&
			memcmp(column, key, dot - key) == 0)
			return true;
	}
	return false;
}

/* Iterate over the object: what is not understood is refused by name. */
void
sfdw_detectors_validate(Jsonb *detectors, List *columns)
{
	JsonbIterator *iterator = JsonbIteratorInit(&detectors->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	char	   *key = NULL;
	SfdwAction	action;

	if (!JB_ROOT_IS_OBJECT(detectors))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("detectors must be a JSON object"));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			key = pnstrdup(value.val.string.val, value.val.string.len);
			if (!is_valid_key(key, columns))
				ereport(ERROR,
						errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unrecognized detector \"%s\"", key),
						errhint("A key is \"*\", the name of a detector, or an output column, a dot and a detector."));
		}
		else if (token == WJB_VALUE && !parse_action(&value, &action))
			ereport(ERROR,
					errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unrecognized action for detector \"%s\"", key),
					errhint("Valid actions are \"refuse\", \"redact\" and \"count\"."));
	}
}

/* Look a key up; false when it is not there or not understood. */
static bool
find_action(Jsonb *detectors, const char *key, SfdwAction *action)
{
	JsonbValue	value;

	return getKeyJsonValueFromContainer(&detectors->root, key,
										(int) strlen(key), &value) != NULL &&
		parse_action(&value, action);
}

/* From the most special key to the most general one. */
SfdwAction
sfdw_detectors_action(Jsonb *detectors, const char *column,
					  SfdwDetector detector)
{
	const char *name = sfdw_detector_name(detector);
	SfdwAction	action = SFDW_ACTION_REFUSE;

	if (find_action(detectors, psprintf("%s.%s", column, name), &action) ||
		find_action(detectors, name, &action) ||
		find_action(detectors, EVERY_DETECTOR, &action))
		return action;
	return SFDW_ACTION_REFUSE;
}

bool
sfdw_detectors_redact(Jsonb *detectors, const char *column)
{
	int			i;

	for (i = 0; i < SFDW_DETECTORS; i++)
	{
		if (sfdw_detectors_action(detectors, column, (SfdwDetector) i) ==
			SFDW_ACTION_REDACT)
			return true;
	}
	return false;
}

SfdwFinding *
sfdw_finding_add(SfdwMaterialized *result, const char *kind, const char *name,
				 const char *column, SfdwAction action)
{
	MemoryContext old = MemoryContextSwitchTo(result->context);
	SfdwFinding *finding = palloc0(sizeof(SfdwFinding));

	finding->kind = kind;
	finding->name = pstrdup(name);
	finding->column_name = column == NULL ? NULL : pstrdup(column);
	finding->action = action;
	result->findings = lappend(result->findings, finding);
	MemoryContextSwitchTo(old);
	return finding;
}
