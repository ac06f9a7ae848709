/*-------------------------------------------------------------------------
 * findings.c
 *		What a data set says about detectors, and how findings are noted
 *-------------------------------------------------------------------------
 */
#include "dataset/findings.h"

#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/lsyscache.h"

#define EVERY_DETECTOR	"*"

static const char *const action_names[] = {
	[SFDW_ACTION_COUNT] = "count",
	[SFDW_ACTION_ACCEPT] = "accept",
	[SFDW_ACTION_REDACT] = "redact",
	[SFDW_ACTION_WARN] = "warn",
	[SFDW_ACTION_REFUSE] = "refuse"
};

/* The words of definitions, of the ledger and of messages. */
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

/* Look a key up; false when it is not there or not understood. */
static bool
find_action(Jsonb *detectors, const char *key, SfdwAction *action)
{
	JsonbValue	value;

	return getKeyJsonValueFromContainer(&detectors->root, key,
										(int) strlen(key), &value) != NULL &&
		parse_action(&value, action);
}

/* What keys that name the detector say, the column's own first. */
static bool
find_named(Jsonb *detectors, const char *column, const char *name,
		   SfdwAction *action)
{
	return find_action(detectors, psprintf("%s.%s", column, name), action) ||
		find_action(detectors, name, action);
}

/* From the most special key to the most general one. */
SfdwAction
sfdw_detectors_action(Jsonb *detectors, const char *column,
					  SfdwDetector detector)
{
	SfdwAction	action = SFDW_ACTION_REFUSE;

	if (find_named(detectors, column, sfdw_detector_name(detector), &action))
		return action;
	if (sfdw_detector_is_flag(detector))
		return SFDW_ACTION_COUNT;
	(void) find_action(detectors, EVERY_DETECTOR, &action);
	return action;
}

/* A card has 13 digits and more, and an issuer: no chance hits to speak of. */
SfdwAction
sfdw_detectors_amount_action(Jsonb *detectors, const char *column,
							 SfdwDetector detector)
{
	SfdwAction	action = SFDW_ACTION_COUNT;

	if (detector != SFDW_DETECT_SIN && detector != SFDW_DETECT_PHONE)
		return sfdw_detectors_action(detectors, column, detector);
	(void) find_named(detectors, column, sfdw_detector_name(detector), &action);
	return action;
}

/* Whether there is a key, understood or not. */
static bool
has_key(Jsonb *detectors, const char *key)
{
	JsonbValue	value;

	return getKeyJsonValueFromContainer(&detectors->root, key,
										(int) strlen(key), &value) != NULL;
}

/* Named in a way that is not understood it refuses. */
bool
sfdw_detectors_own_action(Jsonb *detectors, const char *column,
						  const char *name, SfdwAction *action)
{
	*action = SFDW_ACTION_REFUSE;
	return find_named(detectors, column, name, action) ||
		has_key(detectors, name) ||
		has_key(detectors, psprintf("%s.%s", column, name));
}

/* One is enough: then each value is looked at before it is stored. */
bool
sfdw_detectors_redact(Jsonb *detectors, const char *column, List *own)
{
	SfdwAction	action;
	ListCell   *cell;
	int			i;

	foreach(cell, own)
	{
		SfdwOwnDetector *detector = lfirst(cell);

		if (sfdw_detectors_own_action(detectors, column, detector->name,
									  &action) && action == SFDW_ACTION_REDACT)
			return true;
	}

	for (i = 0; i < SFDW_DETECTORS; i++)
	{
		if (sfdw_detectors_action(detectors, column, (SfdwDetector) i) ==
			SFDW_ACTION_REDACT)
			return true;
	}
	return false;
}

/* The mask is text, so the column must be. */
bool
sfdw_detectors_can_redact(Oid type)
{
	return TypeCategory(getBaseType(type)) == TYPCATEGORY_STRING;
}

/* Everything in it must outlive the rollback of a refusal. */
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
