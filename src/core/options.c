/*-------------------------------------------------------------------------
 * options.c
 *		Options of foreign servers, tables, columns, mappings and COPY
 *
 * Knows the kinds of values, and no option by name.
 *-------------------------------------------------------------------------
 */
#include "core/options.h"

#include <math.h>

#include "commands/defrem.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/varlena.h"

/* An option as far from every valid one as this gets no suggestion. */
#define MAX_SPELLING_DISTANCE 4

/* What a value that a secret option was given looks like in a message. */
static const char *const kind_names[] = {
	[SFDW_OPTION_TEXT] = "a text",
	[SFDW_OPTION_BOOL] = "a Boolean value",
	[SFDW_OPTION_INT] = "an integer",
	[SFDW_OPTION_CHAR] = "a single one-byte character",
	[SFDW_OPTION_ENUM] = "one of its choices",
	[SFDW_OPTION_SIZE] = "a size, such as 512kB or 16MB",
};

/* The row of a table, or NULL. */
static const SfdwOption *
find_option(const SfdwOption *table, Oid catalog, const char *name)
{
	for (; table->name != NULL; table++)
	{
		if (table->catalog == catalog && strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

/* The valid option that is closest by spelling, or NULL when none is close. */
static const char *
closest_option(const SfdwOption *table, Oid catalog, const char *name)
{
	const char *closest = NULL;
	int			best = MAX_SPELLING_DISTANCE;
	int			length = (int) Min(strlen(name), NAMEDATALEN);

	for (; table->name != NULL; table++)
	{
		int			distance;

		if (table->catalog != catalog)
			continue;
		distance = varstr_levenshtein_less_equal(name, length, table->name,
												 (int) strlen(table->name),
												 1, 1, 1, best, true);
		if (distance < best)
		{
			best = distance;
			closest = table->name;
		}
	}
	return closest;
}

/* The names that a catalog may have, as a sentence for a hint. */
static const char *
list_options(const SfdwOption *table, Oid catalog)
{
	StringInfoData names;

	initStringInfo(&names);
	for (; table->name != NULL; table++)
	{
		if (table->catalog == catalog)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
							 table->name);
	}
	return names.data;
}

/* Raise the error for a name that the catalog does not have. */
static void
reject_name(const SfdwOption *table, Oid catalog, const char *name)
{
	const char *closest = closest_option(table, catalog, name);
	const char *valid = list_options(table, catalog);

	ereport(ERROR,
			errcode(OidIsValid(catalog) ?
					ERRCODE_FDW_INVALID_OPTION_NAME : ERRCODE_SYNTAX_ERROR),
			errmsg("option \"%s\" is not valid here", name),
			closest != NULL ?
			errhint("Perhaps you meant the option \"%s\".  Valid options in this context are: %s.",
					closest, valid) :
			valid[0] != '\0' ?
			errhint("Valid options in this context are: %s.", valid) :
			errhint("There are no valid options in this context."));
}

/* Raise the error for a value that is not of the option's kind. */
static void
reject_value(const SfdwOption *option, const char *value, const char *detail)
{
	ereport(ERROR,
			errcode(OidIsValid(option->catalog) ?
					ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE :
					ERRCODE_INVALID_PARAMETER_VALUE),
			option->secret ?
			errmsg("invalid value for option \"%s\"", option->name) :
			errmsg("invalid value for option \"%s\": \"%s\"", option->name,
				   value),
			errdetail("%s", detail));
}

/* Raise the error that lists an option's choices. */
static void
reject_choice(const SfdwOption *option, const char *value)
{
	StringInfoData detail;

	initStringInfo(&detail);
	appendStringInfoString(&detail, "Valid values are: ");
	for (int i = 0; option->choices[i] != NULL; i++)
		appendStringInfo(&detail, "%s\"%s\"", i > 0 ? ", " : "",
						 option->choices[i]);
	appendStringInfoChar(&detail, '.');
	reject_value(option, value, detail.data);
}

/* Read an integer, or a size with its unit; false when it is neither. */
static bool
parse_number(SfdwOptionKind kind, const char *value, int64 *number)
{
	double		real;

	if (!parse_real(value, &real, kind == SFDW_OPTION_SIZE ? GUC_UNIT_BYTE : 0,
					NULL))
		return false;
	if (isnan(real) || fabs(real) > (double) INT64CONST(9007199254740992) ||
		real != floor(real))
		return false;
	*number = (int64) real;
	return true;
}

/* Check that a number lies within the option's limits. */
static void
check_range(const SfdwOption *option, const char *value, int64 number)
{
	if (number >= option->min && number <= option->max)
		return;
	reject_value(option, value,
				 psprintf("Valid values are from " INT64_FORMAT " to "
						  INT64_FORMAT ".", option->min, option->max));
}

/* Whether a value is one of the choices. */
static bool
is_choice(const SfdwOption *option, const char *value)
{
	for (int i = 0; option->choices[i] != NULL; i++)
	{
		if (strcmp(option->choices[i], value) == 0)
			return true;
	}
	return false;
}

/* Whether a value is of the option's kind; a range is checked after this. */
static bool
is_of_kind(const SfdwOption *option, const char *value, int64 *number)
{
	bool		ignored;

	switch (option->kind)
	{
		case SFDW_OPTION_TEXT:
			return true;
		case SFDW_OPTION_BOOL:
			return parse_bool(value, &ignored);
		case SFDW_OPTION_INT:
		case SFDW_OPTION_SIZE:
			return parse_number(option->kind, value, number);
		case SFDW_OPTION_CHAR:
			return strlen(value) == 1;
		case SFDW_OPTION_ENUM:
			return is_choice(option, value);
	}
	return false;
}

/* Check one value against its option. */
static void
check_value(const SfdwOption *option, const char *value)
{
	int64		number = 0;

	if (!is_of_kind(option, value, &number))
	{
		if (option->kind == SFDW_OPTION_ENUM)
			reject_choice(option, value);
		reject_value(option, value, psprintf("The option takes %s.",
											 kind_names[option->kind]));
	}
	if (option->kind == SFDW_OPTION_INT || option->kind == SFDW_OPTION_SIZE)
		check_range(option, value, number);
	if (option->check != NULL)
		option->check(option->name, value);
}

/* An option's value as text; COPY's Boolean options may have none. */
static const char *
value_text(DefElem *element)
{
	return element->arg == NULL ? "true" : defGetString(element);
}

/* Raise an error when an element's name stands in front of it already. */
static void
check_not_repeated(List *options, DefElem *element)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *earlier = lfirst_node(DefElem, cell);

		if (earlier == element)
			return;
		if (strcmp(earlier->defname, element->defname) == 0)
			ereport(ERROR,
					errcode(ERRCODE_SYNTAX_ERROR),
					errmsg("option \"%s\" specified more than once",
						   element->defname));
	}
}

/* Check every element against the table. */
void
sfdw_options_validate(const SfdwOption *table, Oid catalog, List *options)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *element = lfirst_node(DefElem, cell);
		const SfdwOption *option = find_option(table, catalog,
											   element->defname);

		if (option == NULL)
			reject_name(table, catalog, element->defname);
		check_not_repeated(options, element);
		if (option->superuser_only && !superuser())
			ereport(ERROR,
					errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("permission denied to set option \"%s\"",
						   option->name),
					errdetail("Only superusers may set this option."));
		if (element->arg == NULL && option->kind != SFDW_OPTION_BOOL)
			reject_value(option, "", "The option needs a value.");
		check_value(option, value_text(element));
	}
}

/* The element of a name, or NULL. */
static DefElem *
find_element(List *options, const char *name)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *element = lfirst_node(DefElem, cell);

		if (strcmp(element->defname, name) == 0)
			return element;
	}
	return NULL;
}

/* The value of an option as text. */
const char *
sfdw_option_text(List *options, const char *name, const char *fallback)
{
	DefElem    *element = find_element(options, name);

	return element == NULL ? fallback : value_text(element);
}

/* The value of a Boolean option. */
bool
sfdw_option_bool(List *options, const char *name, bool fallback)
{
	DefElem    *element = find_element(options, name);
	bool		value;

	if (element == NULL)
		return fallback;
	if (!parse_bool(value_text(element), &value))
		elog(ERROR, "option \"%s\" was not validated", name);
	return value;
}

/* The value of an integer or a size option, in bytes. */
int64
sfdw_option_int(List *options, const char *name, int64 fallback)
{
	DefElem    *element = find_element(options, name);
	int64		value;

	if (element == NULL)
		return fallback;
	if (!parse_number(SFDW_OPTION_SIZE, value_text(element), &value))
		elog(ERROR, "option \"%s\" was not validated", name);
	return value;
}
