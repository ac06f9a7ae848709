/*-------------------------------------------------------------------------
 * definition_arguments.c
 *		The arguments of create_dataset and alter_dataset
 *
 * Turns arguments into a definition, and refuses values that are wrong in
 * themselves.  Knows nothing of queries, other data sets and the table.
 *-------------------------------------------------------------------------
 */
#include "dataset/definition_arguments.h"

#include "catalog/pg_type.h"
#include "core/names.h"
#include "core/status.h"
#include "dataset/gate_classes.h"
#include "dataset/gate_listed.h"
#include "storage/location.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* Positions of the parameters. */
enum
{
	ARGUMENT_NAME,
	ARGUMENT_DESTINATION,
	ARGUMENT_SOURCE_SCHEMA,
	ARGUMENT_QUERY,
	ARGUMENT_TARGET,
	ARGUMENT_ALLOW,
	ARGUMENT_ACCEPT,
	ARGUMENT_REFERENCE_TABLES,
	ARGUMENT_FUNCTIONS,
	ARGUMENT_DETECTORS,
	ARGUMENT_SORTED_BY,
	ARGUMENT_PUBLISH,
	ARGUMENT_PATH,
	ARGUMENT_PURGE,
	ARGUMENT_PURGE_AFTER,
	ARGUMENT_CONFIRM,
	ARGUMENT_GATES,
	ARGUMENT_KEEP_RUNS,
	ARGUMENT_EVIDENCE_SERVER
};

/* Parameters of create_dataset for which NULL means nothing. */
static const struct
{
	int			number;
	const char *name;
}			required_arguments[] =
{
	{ARGUMENT_DESTINATION, "destination"},
	{ARGUMENT_ALLOW, "allow"},
	{ARGUMENT_ACCEPT, "accept"},
	{ARGUMENT_REFERENCE_TABLES, "reference_tables"},
	{ARGUMENT_FUNCTIONS, "functions"},
	{ARGUMENT_DETECTORS, "detectors"},
	{ARGUMENT_PUBLISH, "publish"},
	{ARGUMENT_PURGE, "purge"},
	{ARGUMENT_PURGE_AFTER, "purge_after"},
	{ARGUMENT_GATES, "gates"},
	{ARGUMENT_KEEP_RUNS, "keep_runs"},
};

/* Raise an error about one parameter's value. */
static void
refuse_value(const char *parameter, const char *value, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid value for parameter \"%s\": \"%s\"", parameter, value),
			errdetail("%s", why));
}

/* Raise an error about a parameter that is NULL. */
static void
refuse_null(const char *parameter)
{
	ereport(ERROR,
			errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			errmsg("parameter \"%s\" must not be null", parameter));
}

/* The defaults stand in the SQL function, so NULL was written by hand. */
void
sfdw_dataset_require_arguments(FunctionCallInfo fcinfo)
{
	for (int i = 0; i < (int) lengthof(required_arguments); i++)
		if (PG_ARGISNULL(required_arguments[i].number))
			refuse_null(required_arguments[i].name);
}

/* A text argument, or NULL. */
static char *
text_argument(FunctionCallInfo fcinfo, int number)
{
	if (PG_ARGISNULL(number))
		return NULL;
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/* A name argument, or NULL. */
static char *
name_argument(FunctionCallInfo fcinfo, int number)
{
	if (PG_ARGISNULL(number))
		return NULL;
	return pstrdup(NameStr(*PG_GETARG_NAME(number)));
}

/* A jsonb object replaces *json when it is given; returns whether it was. */
static bool
json_argument(FunctionCallInfo fcinfo, int number, const char *name,
			  Jsonb **json)
{
	if (PG_ARGISNULL(number))
		return false;
	*json = PG_GETARG_JSONB_P_COPY(number);
	if (!JB_ROOT_IS_OBJECT(*json))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("parameter \"%s\" must be a JSON object", name));
	return true;
}

/* A text[] argument as a list of char *; NULL elements are refused. */
static List *
list_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	List	   *list = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false,
					  TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("parameter \"%s\" must not contain nulls", name));
		list = lappend(list, TextDatumGetCString(values[i]));
	}
	return list;
}

/* One rule for the file's name and the catalog's: what columns' names follow. */
char *
sfdw_dataset_name_argument(FunctionCallInfo fcinfo)
{
	char	   *name = text_argument(fcinfo, ARGUMENT_NAME);
	bool		is_too_long;

	if (name == NULL)
		refuse_null("name");
	if (name[0] == '\0' || name[0] == '_' ||
		strcmp(sfdw_name_sanitise(name, &is_too_long), name) != 0 || is_too_long)
		refuse_value("name", name,
					 "It names a file and a table, so it consists of lower-case letters, digits and underscores, and does not start with an underscore.");
	return name;
}

/* Classes that nothing or only an acceptance lets pass cannot be allowed. */
static uint32
allow_argument(FunctionCallInfo fcinfo)
{
	uint32		bits = 0;
	ListCell   *cell;

	foreach(cell, list_argument(fcinfo, ARGUMENT_ALLOW, "allow"))
	{
		const char *name = lfirst(cell);
		SfdwClass	field_class;

		if (!sfdw_class_parse(name, &field_class))
			refuse_value("allow", name, "It is not the name of a class.");
		if (sfdw_gate_class_rule(field_class) == SFDW_RULE_ACCEPT)
			refuse_value("allow", name,
						 "Columns of this class are accepted one by one, with a reason each.");
		if (sfdw_gate_class_rule(field_class) == SFDW_RULE_NEVER)
			refuse_value("allow", name,
						 "Columns of this class are never published.");
		bits |= 1u << field_class;
	}
	return bits;
}

/* A folder below the destination that readers can see. */
static char *
path_argument(const char *path)
{
	size_t		length = strlen(path);
	char	   *folder;
	SfdwStatus	status = {0};

	if (length == 0)
		refuse_value("path", path,
					 "A data set needs a folder of its own below the destination.");
	folder = path[length - 1] == '/' ? pnstrdup(path, length - 1) : pstrdup(path);
	if (!sfdw_location_check_key(folder, &status))
		refuse_value("path", path, psprintf("As a key: %s.", status.message));
	if (folder[0] == '_' || folder[0] == '.' || strstr(folder, "/_") != NULL ||
		strstr(folder, "/.") != NULL)
		refuse_value("path", path,
					 "Folders whose names start with \"_\" or \".\" are hidden from readers.");
	return psprintf("%s/", folder);
}

/* How many published objects are kept. */
static void
apply_keep_runs(SfdwDataset *dataset, FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(ARGUMENT_KEEP_RUNS))
		return;
	dataset->keep_runs = PG_GETARG_INT32(ARGUMENT_KEEP_RUNS);
	if (dataset->keep_runs < 1 || dataset->keep_runs > SFDW_MAX_KEEP_RUNS)
		refuse_value("keep_runs", psprintf("%d", dataset->keep_runs),
					 psprintf("It is a number from 1 to %d.", SFDW_MAX_KEEP_RUNS));
}

/* Where evidence goes; no name at all is the destination again. */
static void
apply_evidence_server(SfdwDataset *dataset, FunctionCallInfo fcinfo)
{
	char	   *name = name_argument(fcinfo, ARGUMENT_EVIDENCE_SERVER);

	if (name != NULL)
		dataset->evidence_server = name[0] == '\0' ? NULL : name;
}

/* Where the data set goes, and how. */
static void
apply_destination(SfdwDataset *dataset, FunctionCallInfo fcinfo)
{
	char	   *publish = text_argument(fcinfo, ARGUMENT_PUBLISH);
	char	   *path = text_argument(fcinfo, ARGUMENT_PATH);

	if (!PG_ARGISNULL(ARGUMENT_DESTINATION))
		dataset->destination = name_argument(fcinfo, ARGUMENT_DESTINATION);
	if (path != NULL)
		dataset->path = path_argument(path);
	if (publish != NULL && strcmp(publish, "inplace") != 0 &&
		strcmp(publish, "versioned") != 0)
		refuse_value("publish", publish, "It is \"inplace\" or \"versioned\".");
	if (publish != NULL)
		dataset->publish_versioned = strcmp(publish, "versioned") == 0;
	apply_keep_runs(dataset, fcinfo);
	apply_evidence_server(dataset, fcinfo);
}

/* Whether raw files are deleted; another scope needs another confirmation. */
static void
apply_purge(SfdwDataset *dataset, FunctionCallInfo fcinfo)
{
	char	   *purge = text_argument(fcinfo, ARGUMENT_PURGE);
	SfdwPurgeScope before = dataset->purge;
	Interval	zero = {0};

	if (purge != NULL && strcmp(purge, "none") == 0)
		dataset->purge = SFDW_PURGE_NONE;
	else if (purge != NULL && strcmp(purge, "inputs") == 0)
		dataset->purge = SFDW_PURGE_INPUTS;
	else if (purge != NULL && strcmp(purge, "location") == 0)
		dataset->purge = SFDW_PURGE_LOCATION;
	else if (purge != NULL)
		refuse_value("purge", purge,
					 "It is \"none\", \"inputs\" or \"location\".");
	if (dataset->purge != before)
		dataset->confirmed_location = NULL;
	if (!PG_ARGISNULL(ARGUMENT_PURGE_AFTER))
		*dataset->purge_after = *PG_GETARG_INTERVAL_P(ARGUMENT_PURGE_AFTER);
	if (DatumGetBool(DirectFunctionCall2(interval_lt,
										 IntervalPGetDatum(dataset->purge_after),
										 IntervalPGetDatum(&zero))))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("parameter \"%s\" must not be negative", "purge_after"));
}

/* The policy as far as it does not depend on the query. */
static void
apply_policy(SfdwDataset *dataset, FunctionCallInfo fcinfo,
			 SfdwDatasetArguments *arguments)
{
	if (!PG_ARGISNULL(ARGUMENT_ALLOW))
		dataset->allow = allow_argument(fcinfo);
	arguments->accept_given = json_argument(fcinfo, ARGUMENT_ACCEPT, "accept",
											&dataset->accept);
	if (json_argument(fcinfo, ARGUMENT_REFERENCE_TABLES, "reference_tables",
					  &dataset->reference_tables))
		sfdw_listed_check_tables(dataset);
	if (!PG_ARGISNULL(ARGUMENT_FUNCTIONS))
		dataset->functions =
			sfdw_listed_store_functions(PG_GETARG_ARRAYTYPE_P(ARGUMENT_FUNCTIONS));
	(void) json_argument(fcinfo, ARGUMENT_DETECTORS, "detectors",
						 &dataset->detectors);
	arguments->gates_given = json_argument(fcinfo, ARGUMENT_GATES, "gates",
										   &dataset->gates);
}

/* Everything in the order of the parameters, as far as that matters. */
void
sfdw_dataset_apply_arguments(SfdwDataset *dataset, FunctionCallInfo fcinfo,
							 SfdwDatasetArguments *arguments)
{
	memset(arguments, 0, sizeof(*arguments));
	arguments->source_schema = name_argument(fcinfo, ARGUMENT_SOURCE_SCHEMA);
	arguments->query = text_argument(fcinfo, ARGUMENT_QUERY);
	arguments->target = text_argument(fcinfo, ARGUMENT_TARGET);
	arguments->confirm = text_argument(fcinfo, ARGUMENT_CONFIRM);
	if (!PG_ARGISNULL(ARGUMENT_SORTED_BY))
	{
		dataset->sorted_by = list_argument(fcinfo, ARGUMENT_SORTED_BY,
										   "sorted_by");
		arguments->sorted_by_given = true;
	}
	apply_destination(dataset, fcinfo);
	apply_policy(dataset, fcinfo, arguments);
	apply_purge(dataset, fcinfo);
}
