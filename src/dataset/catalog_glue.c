/*-------------------------------------------------------------------------
 * catalog_glue.c
 *		A catalog in the AWS Glue Data Catalog
 *
 * A table of Glue's has more members than a TableInput may have; those are
 * left out when it is read, so that a description can be stored again as it
 * was.  An update names the version that was read; Glue refuses it when the
 * table has another one by then.
 *-------------------------------------------------------------------------
 */
#include "dataset/catalog_glue.h"

#include <time.h>

#include "aws/glue.h"
#include "core/options.h"
#include "dataset/json_owner.h"
#include "foreign/foreign.h"

#define STATISTICS_OPERATION "UpdateColumnStatisticsForTable"

/* Columns in one such request at most; from Glue's quotas. */
#define STATISTICS_COLUMNS 25

/* Members of a table that a TableInput has. */
static const char *const input_members[] = {
	"Name", "Description", "Owner", "LastAccessTime", "LastAnalyzedTime",
	"Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText",
	"ViewExpandedText", "TableType", "Parameters", "TargetTable"
};

typedef struct GlueCatalog
{
	SfdwCatalog base;
	SfdwAwsServer *server;
	bool		creates_database;
} GlueCatalog;

/* Raise unless Glue keeps a name as it is: it folds capitals. */
static void
check_name(const char *kind, const char *name)
{
	if (name[0] == '\0' || strlen(name) > 255 ||
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_NAME),
				errmsg("invalid name of a %s in Glue: \"%s\"", kind, name),
				errdetail("Names have small letters, digits and \"_\"."));
}

/* A request's body: catalog, database, and what is added to them. */
static json_t *
make_body(GlueCatalog *catalog)
{
	json_t	   *body = sfdw_json_object();

	if (catalog->server->catalog_id != NULL)
		sfdw_json_require(json_object_set_new(body, "CatalogId",
											  json_string(catalog->server->catalog_id)));
	return body;
}

/* Set a text member. */
static void
set_text(json_t *object, const char *key, const char *text)
{
	sfdw_json_require(json_object_set_new(object, key, json_string(text)));
}

/* What messages call a table. */
static char *
subject_of(GlueCatalog *catalog, const char *table)
{
	return psprintf("%s.%s", catalog->base.database, table);
}

/* The members of a table that can be stored again. */
static json_t *
input_of(json_t *table)
{
	json_t	   *input = sfdw_json_object();

	for (int i = 0; i < (int) lengthof(input_members); i++)
	{
		json_t	   *value = json_object_get(table, input_members[i]);

		if (value != NULL && !json_is_null(value))
			sfdw_json_require(json_object_set(input, input_members[i], value));
	}
	return input;
}

/* The table's entry. */
static SfdwCatalogEntry *
get_entry(SfdwCatalog *base, const char *table)
{
	GlueCatalog *catalog = (GlueCatalog *) base;
	json_t	   *body = make_body(catalog);
	SfdwCatalogEntry *entry;
	json_t	   *found;
	const char *version;
	char	   *answer;

	check_name("database", base->database);
	check_name("table", table);
	set_text(body, "DatabaseName", base->database);
	set_text(body, "Name", table);
	if (sfdw_glue_call(catalog->server, "GetTable", false,
					   subject_of(catalog, table),
					   sfdw_json_text(body, JSON_COMPACT),
					   &answer) == SFDW_GLUE_ABSENT)
		return NULL;
	found = json_object_get(sfdw_json_parse(answer, "Glue's answer to GetTable"),
							"Table");
	version = json_string_value(json_object_get(found, "VersionId"));
	if (!json_is_object(found))
		ereport(ERROR,
				errcode(ERRCODE_PROTOCOL_VIOLATION),
				errmsg("the answer to GetTable of \"%s\" has no table",
					   subject_of(catalog, table)));
	entry = palloc(sizeof(SfdwCatalogEntry));
	/* Some stand-ins for Glue have no versions. */
	entry->version = pstrdup(version == NULL ? "" : version);
	entry->description = sfdw_json_text(input_of(found), JSON_COMPACT);
	return entry;
}

/* Make the database, or say that it is missing. */
static void
require_database(GlueCatalog *catalog)
{
	const char *database = catalog->base.database;
	json_t	   *body = make_body(catalog);
	json_t	   *input = sfdw_json_object();

	if (!catalog->creates_database)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_DATABASE),
				errmsg("database \"%s\" does not exist in Glue", database),
				errhint("Create it, or set option \"create_database\" of foreign server \"%s\".",
						catalog->server->name));
	set_text(input, "Name", database);
	sfdw_json_require(json_object_set(body, "DatabaseInput", input));
	(void) sfdw_glue_call(catalog->server, "CreateDatabase", true, database,
						  sfdw_json_text(body, JSON_COMPACT), NULL);
}

/* Create the table; a database that is missing is made once. */
static SfdwGlueEnd
create(GlueCatalog *catalog, const char *table, const char *body)
{
	const char *subject = subject_of(catalog, table);
	SfdwGlueEnd end = sfdw_glue_call(catalog->server, "CreateTable", true,
									 subject, body, NULL);

	if (end != SFDW_GLUE_ABSENT)
		return end;
	require_database(catalog);
	return sfdw_glue_call(catalog->server, "CreateTable", true, subject, body,
						  NULL);
}

/*
 * Store a description.  A request whose answer was lost counts as a change by
 * somebody else: whoever reads the entry again sees whether it was stored.
 */
static SfdwCatalogOutcome
put_entry(SfdwCatalog *base, const char *table, const char *description,
		  const char *expected_version, char **new_version)
{
	GlueCatalog *catalog = (GlueCatalog *) base;
	json_t	   *body = make_body(catalog);
	SfdwCatalogEntry *stored;
	SfdwGlueEnd end;

	set_text(body, "DatabaseName", base->database);
	sfdw_json_require(json_object_set(body, "TableInput",
									  sfdw_json_parse(description,
													  "table description")));
	if (expected_version != NULL && expected_version[0] != '\0')
		set_text(body, "VersionId", expected_version);
	if (expected_version == NULL)
		end = create(catalog, table, sfdw_json_text(body, JSON_COMPACT));
	else
		end = sfdw_glue_call(catalog->server, "UpdateTable", true,
							 subject_of(catalog, table),
							 sfdw_json_text(body, JSON_COMPACT), NULL);
	if (end != SFDW_GLUE_DONE)
		return SFDW_CATALOG_CHANGED;
	stored = get_entry(base, table);
	*new_version = stored == NULL ? pstrdup("") : stored->version;
	return SFDW_CATALOG_STORED;
}

/* Say that statistics were not taken; planners do without. */
static void
report_statistics(GlueCatalog *catalog, const char *table, const char *refusal)
{
	ereport(NOTICE,
			errmsg("column statistics of table \"%s\" were not stored in Glue",
				   subject_of(catalog, table)),
			errdetail("The service answered \"%s\".", refusal),
			errhint("Storing them needs the permission \"glue:" STATISTICS_OPERATION "\"."));
}

/* The columns from first on that one request can tell about. */
static json_t *
make_batch(json_t *statistics, size_t first)
{
	json_t	   *batch = sfdw_json_own(json_array());
	json_int_t	now = (json_int_t) time(NULL);

	for (size_t i = first; i < json_array_size(statistics) &&
		 i < first + STATISTICS_COLUMNS; i++)
	{
		json_t	   *column = json_array_get(statistics, i);

		sfdw_json_require(json_object_set_new(column, "AnalyzedTime",
											  json_integer(now)));
		sfdw_json_require(json_array_append(batch, column));
	}
	return batch;
}

/* Send one batch; false, with a notice, when any of it was refused. */
static bool
put_batch(GlueCatalog *catalog, const char *table, json_t *batch)
{
	json_t	   *body = make_body(catalog);
	char	   *answer;
	char	   *refusal;

	set_text(body, "DatabaseName", catalog->base.database);
	set_text(body, "TableName", table);
	sfdw_json_require(json_object_set(body, "ColumnStatisticsList", batch));
	if (sfdw_glue_try(catalog->server, STATISTICS_OPERATION,
					  subject_of(catalog, table),
					  sfdw_json_text(body, JSON_COMPACT), &answer, &refusal))
	{
		json_t	   *errors = json_object_get(sfdw_json_parse(answer,
															 "Glue's answer to " STATISTICS_OPERATION),
											 "Errors");

		if (json_array_size(errors) == 0)
			return true;
		refusal = psprintf("%zu errors", json_array_size(errors));
	}
	report_statistics(catalog, table, refusal);
	return false;
}

/* Tell Glue about the columns' values. */
static bool
put_statistics(SfdwCatalog *base, const char *table, const char *text)
{
	GlueCatalog *catalog = (GlueCatalog *) base;
	json_t	   *list = json_object_get(sfdw_json_parse(psprintf("{\"list\": %s}",
																text),
													   "column statistics"),
									   "list");

	for (size_t i = 0; i < json_array_size(list); i += STATISTICS_COLUMNS)
	{
		if (!put_batch(catalog, table, make_batch(list, i)))
			return false;
	}
	return true;
}

/* Made twice it comes to the same: the table is absent. */
static void
remove_entry(SfdwCatalog *base, const char *table)
{
	GlueCatalog *catalog = (GlueCatalog *) base;
	json_t	   *body = make_body(catalog);

	check_name("table", table);
	set_text(body, "DatabaseName", base->database);
	set_text(body, "Name", table);
	(void) sfdw_glue_call(catalog->server, "DeleteTable", true,
						  subject_of(catalog, table),
						  sfdw_json_text(body, JSON_COMPACT), NULL);
}

/* A request leaves nothing behind. */
static void
tidy_entry(SfdwCatalog *base, const char *table)
{
}

static const SfdwCatalogOps glue_ops = {
	.get = get_entry,
	.put = put_entry,
	.remove = remove_entry,
	.tidy = tidy_entry,
	.put_statistics = put_statistics,
};

/* The database that a server names. */
SfdwCatalog *
sfdw_catalog_glue_open(Oid server, Oid user, const char *database)
{
	GlueCatalog *catalog = palloc0(sizeof(GlueCatalog));

	catalog->base.ops = &glue_ops;
	catalog->base.location = "glue";
	catalog->base.database = database;
	catalog->server = sfdw_aws_server(server, user);
	catalog->creates_database =
		sfdw_option_bool(GetForeignServer(server)->options, "create_database",
						 false);
	return &catalog->base;
}
