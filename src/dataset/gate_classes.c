/*-------------------------------------------------------------------------
 * gate_classes.c
 *		What a raw column is, and whether the policy lets it pass
 *
 * Knows classes and rules, and nothing of queries.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_classes.h"

#include "dataset/json_object.h"
#include "export/dictionary.h"
#include "fdw/table.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* What the API names of objects are made of. */
#define NAME_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

/* By class, in the order of the enum. */
static const SfdwClassRule rules[] = {
	[SFDW_CLASS_NONE] = SFDW_RULE_NEVER,
	[SFDW_CLASS_ID] = SFDW_RULE_ALLOW,
	[SFDW_CLASS_REFERENCE] = SFDW_RULE_ALLOW,
	[SFDW_CLASS_CONTROLLED] = SFDW_RULE_ALLOW,
	[SFDW_CLASS_BUSINESS] = SFDW_RULE_ALLOW,
	[SFDW_CLASS_SYSTEM] = SFDW_RULE_ALLOW,
	[SFDW_CLASS_PERSON_REFERENCE] = SFDW_RULE_ALLOW_AND_ACCEPT,
	[SFDW_CLASS_INDIRECT] = SFDW_RULE_ALLOW_AND_ACCEPT,
	[SFDW_CLASS_FREE_TEXT] = SFDW_RULE_ACCEPT,
	[SFDW_CLASS_PERSON] = SFDW_RULE_NEVER,
	[SFDW_CLASS_NEVER] = SFDW_RULE_NEVER,
};

/* A class without a row here would be a class without a rule. */
StaticAssertDecl(lengthof(rules) == SFDW_CLASS_COUNT,
				 "every class needs a rule");

/* The table decides. */
SfdwClassRule
sfdw_gate_class_rule(SfdwClass field_class)
{
	return rules[field_class];
}

/* "exports/Contact-2024-05-01.csv.gz" is about Contact. */
static char *
object_of_key(const char *key)
{
	const char *slash = strrchr(key, '/');
	const char *name = slash == NULL ? key : slash + 1;
	size_t		length = strspn(name, NAME_CHARACTERS);

	return length == 0 ? pstrdup(name) : pnstrdup(name, length);
}

/*
 * The object by the table's option, else by the name of its file.  An option
 * names a file too, so a dated one is read the same way.
 */
static char *
object_of(Oid relid)
{
	char	   *object = sfdw_table_object(relid);

	return object_of_key(object != NULL ? object : sfdw_table_key(relid));
}

/* The stricter of what the column's option and the dictionary say. */
static SfdwClass
class_of(Oid relid, AttrNumber attnum, const char *object, const char *field)
{
	const SfdwDictionaryField *known = sfdw_dictionary_find(object, field);
	char	   *option = sfdw_table_class(relid, attnum);
	SfdwClass	field_class = SFDW_CLASS_NONE;

	/* The validator knows the same names, so another one is a damaged option. */
	if (option != NULL && !sfdw_class_parse(option, &field_class))
		return SFDW_CLASS_NEVER;
	if (known != NULL)
		field_class = sfdw_class_stricter(field_class, known->field_class);
	return field_class;
}

/* What the catalogs and the dictionary say of a raw column. */
void
sfdw_gate_describe_field(SfdwLineage *entry)
{
	entry->column_name = get_attname(entry->relid, entry->attnum, false);
	entry->object = object_of(entry->relid);
	entry->field = sfdw_table_field(entry->relid, entry->attnum);
	entry->class = class_of(entry->relid, entry->attnum, entry->object,
							entry->field);
}

/* A reference table has no object: its name stands for one. */
void
sfdw_gate_describe(SfdwLineage *entry, SfdwDataset *dataset,
				   const SfdwListed *listed)
{
	Oid			schema = get_rel_namespace(entry->relid);

	entry->relation = quote_qualified_identifier(get_namespace_name(schema),
												 get_rel_name(entry->relid));
	if (!list_member_oid(listed->relations, entry->relid))
	{
		sfdw_gate_describe_field(entry);
		return;
	}
	entry->object = entry->relation;
	entry->column_name = get_attname(entry->relid, entry->attnum, false);
	entry->field = entry->column_name;
	entry->class = sfdw_listed_class(dataset, entry->relid, entry->column_name);
}

/* In the spelling that the dictionary or the file has. */
char *
sfdw_gate_field_name(const SfdwLineage *entry)
{
	return psprintf("%s.%s", entry->object, entry->field);
}

/* Salesforce's names do not differ in case alone. */
char *
sfdw_gate_reason_of(SfdwDataset *dataset, const char *field_name)
{
	ListCell   *cell;

	foreach(cell, sfdw_json_pairs(&dataset->accept->root, "accept"))
	{
		SfdwJsonPair *pair = lfirst(cell);

		if (pg_strcasecmp(pair->key, field_name) == 0)
			return sfdw_json_string(&pair->value);
	}
	return NULL;
}

/* Whether names has the name, its case ignored. */
static bool
has_name(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
		if (pg_strcasecmp(lfirst(cell), name) == 0)
			return true;
	return false;
}

/* Why a column that was not let through is refused. */
static char *
refusal(const SfdwLineage *entry, bool is_allowed, bool has_reason)
{
	const char *name = sfdw_class_name(entry->class);

	if (entry->class == SFDW_CLASS_NONE)
		return pstrdup("it has no class");
	switch (sfdw_gate_class_rule(entry->class))
	{
		case SFDW_RULE_NEVER:
			return psprintf("class \"%s\" is never published", name);
		case SFDW_RULE_ALLOW_AND_ACCEPT:
			if (!is_allowed)
				return psprintf("class \"%s\" must be both allowed and accepted, and it is not allowed", name);
			break;
		default:
			break;
	}
	if (has_reason)
		return pstrdup("its reason is not accepted under the policy as it is now");
	return psprintf(sfdw_gate_class_rule(entry->class) == SFDW_RULE_ALLOW
					? "class \"%s\" is not allowed by the policy"
					: "class \"%s\" must be accepted with a reason", name);
}

/* Let the column pass. */
static void
let_pass(SfdwLineage *entry, SfdwVerdict verdict, char *reason)
{
	entry->verdict = verdict;
	entry->reason = reason;
}

/* Whether a column that transforms alone see may be seen by them. */
static bool
is_transformed(const SfdwLineage *entry)
{
	return !entry->is_bare && entry->class != SFDW_CLASS_NONE &&
		entry->class != SFDW_CLASS_NEVER;
}

/* Only an acceptance of the policy as it is now counts. */
void
sfdw_gate_judge_column(SfdwLineage *entry, SfdwDataset *dataset, List *accepted)
{
	char	   *name = sfdw_gate_field_name(entry);
	char	   *reason = sfdw_gate_reason_of(dataset, name);
	SfdwClassRule rule = sfdw_gate_class_rule(entry->class);
	bool		is_allowed = (dataset->allow & (1u << entry->class)) != 0;
	bool		is_accepted = reason != NULL && has_name(accepted, name);

	entry->verdict = SFDW_REFUSED;
	if (rule == SFDW_RULE_ALLOW && is_allowed)
		let_pass(entry, SFDW_ALLOWED, psprintf("class \"%s\" is allowed",
											   sfdw_class_name(entry->class)));
	else if (is_accepted &&
			 (rule == SFDW_RULE_ALLOW || rule == SFDW_RULE_ACCEPT ||
			  (rule == SFDW_RULE_ALLOW_AND_ACCEPT && is_allowed)))
		let_pass(entry, SFDW_ACCEPTED, reason);
	else if (is_transformed(entry))
		let_pass(entry, SFDW_ALLOWED,
				 psprintf("class \"%s\" passes through transforms only",
						  sfdw_class_name(entry->class)));
	else
		entry->reason = refusal(entry, is_allowed, reason != NULL);
}
