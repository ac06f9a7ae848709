/*-------------------------------------------------------------------------
 * validator.c
 *		The options of foreign servers, tables and columns
 *
 * One table, and the rules that tie options together.  An option that this
 * version would ignore is not in the table, so that nobody sets it in vain.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "fmgr.h"
#include "lib/stringinfo.h"

#include "core/options.h"
#include "export/dialect.h"
#include "export/field_class.h"
#include "storage/storage.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sfdw_sql_validator);

/* Limits of the option max_record_size, in bytes; the default lies between. */
#define MIN_RECORD_SIZE 1024
#define MAX_RECORD_SIZE (INT64CONST(256) * 1024 * 1024)

/* Limit of the option max_ratio. */
#define MAX_RATIO 1000000

static void check_place(const char *name, const char *value);
static void check_catalog(const char *name, const char *value);
static void check_server_dialect(const char *name, const char *value);
static void check_dialect(const char *name, const char *value);
static void check_name(const char *name, const char *value);
static void check_field(const char *name, const char *value);
static void check_path(const char *name, const char *value);
static void check_pattern(const char *name, const char *value);
static void check_separator(const char *name, const char *value);
static void check_encoding(const char *name, const char *value);
static void check_on_error(const char *name, const char *value);
static void check_class(const char *name, const char *value);

static const char *const compression_choices[] = {
	"auto", "none", "gzip", "zstd", NULL
};
static const char *const escape_choices[] = {"unicode_escape", "none", NULL};
static const char *const export_choices[] = {"full", "incremental", NULL};
static const char *const on_error_choices[] = {"stop", "null", "skip", NULL};
static const char *const source_choices[] = {
	"file", "version", "last_modified", "record", NULL
};

#define SERVER	ForeignServerRelationId
#define TABLE	ForeignTableRelationId
#define COLUMN	AttributeRelationId

static const SfdwOption valid_options[] = {
	/* name, catalog, kind, superuser, secret, choices, min, max, check */
	{"location", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_place},
	{"dialect", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_server_dialect},
	{"catalog", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_catalog},
	{"database", SERVER, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_name},
	{"create_database", SERVER, SFDW_OPTION_BOOL, false, false, NULL, 0, 0, NULL},
	{"object", TABLE, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_name},
	{"path", TABLE, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_path},
	{"pattern", TABLE, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_pattern},
	{"dialect", TABLE, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_dialect},
	{"delimiter", TABLE, SFDW_OPTION_CHAR, false, false, NULL, 0, 0, check_separator},
	{"quote", TABLE, SFDW_OPTION_CHAR, false, false, NULL, 0, 0, check_separator},
	{"compression", TABLE, SFDW_OPTION_ENUM, false, false, compression_choices, 0, 0, NULL},
	{"max_ratio", TABLE, SFDW_OPTION_INT, false, false, NULL, 1, MAX_RATIO, NULL},
	{"encoding", TABLE, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_encoding},
	{"escape", TABLE, SFDW_OPTION_ENUM, false, false, escape_choices, 0, 0, NULL},
	{"null_strings", TABLE, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, NULL},
	{"null_ids", TABLE, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, NULL},
	{"max_record_size", TABLE, SFDW_OPTION_SIZE, false, false, NULL,
	MIN_RECORD_SIZE, MAX_RECORD_SIZE, NULL},
	{"on_error", TABLE, SFDW_OPTION_ENUM, false, false, on_error_choices, 0, 0, check_on_error},
	{"export", TABLE, SFDW_OPTION_ENUM, false, false, export_choices, 0, 0, NULL},
	{"field", COLUMN, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_field},
	{"class", COLUMN, SFDW_OPTION_TEXT, false, false, NULL, 0, 0, check_class},
	{"source", COLUMN, SFDW_OPTION_ENUM, false, false, source_choices, 0, 0, NULL},
	{NULL}
};

/* Raise the error for a value, with the rule as the detail. */
static void
reject(const char *name, const char *value, const char *detail)
{
	ereport(ERROR,
			errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
			errmsg("invalid value for option \"%s\": \"%s\"", name, value),
			errdetail("%s", detail));
}

/* Raise the error for a value that a later version will know. */
static void
reject_unsupported(const char *name, const char *value)
{
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("value \"%s\" of option \"%s\" is not supported yet",
				   value, name));
}

/* Whether a location has this scheme. */
static bool
has_scheme(const char *value, const char *scheme)
{
	return strncmp(value, scheme, strlen(scheme)) == 0;
}

/* Check a place where objects are, by the rules of who will open it. */
static void
check_place(const char *name, const char *value)
{
	const SfdwOption *option = sfdw_storage_options;
	bool		is_known = has_scheme(value, "file:///") ||
		has_scheme(value, "s3://");

#ifdef SFDW_FAULTS
	is_known = is_known || has_scheme(value, "memory://");
#endif
	if (!is_known)
		reject(name, value,
			   "It must be a folder's URL, such as \"s3://bucket/exports/\" or \"file:///srv/exports/\".");
	while (option->name != NULL && strcmp(option->name, "location") != 0)
		option++;
	Assert(option->check != NULL);
	option->check(name, value);
}

/* Check the option catalog. */
static void
check_catalog(const char *name, const char *value)
{
	if (strcmp(value, "none") == 0 || strcmp(value, "glue") == 0)
		return;
	if (has_scheme(value, "s3://"))
		reject(name, value,
			   "It must be \"none\", \"glue\", or a folder's URL, such as \"file:///srv/catalog/\".");
	check_place(name, value);
}

/* Check the option dialect of a server, which may leave it open. */
static void
check_server_dialect(const char *name, const char *value)
{
	if (strcmp(value, "auto") != 0)
		check_dialect(name, value);
}

/* Check the option dialect of a table. */
static void
check_dialect(const char *name, const char *value)
{
	const SfdwDialect *dialect = sfdw_dialect_find(value);
	StringInfoData detail;

	if (dialect == NULL)
	{
		initStringInfo(&detail);
		for (int i = 0; (dialect = sfdw_dialect_at(i)) != NULL; i++)
		{
			if (dialect->is_supported)
				appendStringInfo(&detail, "%s\"%s\"",
								 detail.len > 0 ? ", " : "Valid values are: ",
								 dialect->name);
		}
		appendStringInfoChar(&detail, '.');
		reject(name, value, detail.data);
	}
	else if (!dialect->is_supported)
		reject_unsupported(name, value);
}

/* Check the option field, which a header may spell in any way. */
static void
check_field(const char *name, const char *value)
{
	if (value[0] == '\0')
		reject(name, value, "A field has a name.");
}

/* Check a name that is a part of a path: of an object, of a database. */
static void
check_name(const char *name, const char *value)
{
	if (value[0] == '\0' || strchr(value, '/') != NULL)
		reject(name, value, "A name cannot be empty or contain \"/\".");
}

/* Check the option path; the storage checks its segments when it is opened. */
static void
check_path(const char *name, const char *value)
{
	if (value[0] == '\0' || value[0] == '/' || strstr(value, "://") != NULL)
		reject(name, value,
			   "It must be the path of one file below the server's location.");
}

/* Check the option pattern, which this version does not read. */
static void
check_pattern(const char *name, const char *value)
{
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("option \"%s\" is not supported yet", name),
			errhint("Use the option \"object\" or \"path\"."));
}

/* Check a delimiter or a quote by itself. */
static void
check_separator(const char *name, const char *value)
{
	if (value[0] == '\r' || value[0] == '\n' || value[0] == '\\')
		reject(name, value, "It cannot be a line end or a backslash.");
}

/* Check the option encoding. */
static void
check_encoding(const char *name, const char *value)
{
	SfdwEncoding encoding;

	if (!sfdw_encoding_parse(value, &encoding))
		reject(name, value,
			   "Valid encodings are: \"utf8\", \"latin1\" (ISO-8859-1), \"windows-1252\", \"utf16\" (with a byte order mark).");
}

/* Check the option on_error. */
static void
check_on_error(const char *name, const char *value)
{
	if (strcmp(value, "stop") != 0)
		reject_unsupported(name, value);
}

/* Check the option class. */
static void
check_class(const char *name, const char *value)
{
	SfdwClass	field_class;
	StringInfoData detail;

	if (sfdw_class_parse(value, &field_class) &&
		field_class != SFDW_CLASS_NONE)
		return;
	initStringInfo(&detail);
	appendStringInfoString(&detail, "Valid classes are: ");
	for (int i = SFDW_CLASS_NONE + 1; i < SFDW_CLASS_COUNT; i++)
		appendStringInfo(&detail, "%s%s", i > SFDW_CLASS_NONE + 1 ? ", " : "",
						 sfdw_class_name((SfdwClass) i));
	appendStringInfoChar(&detail, '.');
	reject(name, value, detail.data);
}

/* Raise an error unless a server says where its objects are. */
static void
check_server(List *options)
{
	if (sfdw_option_text(options, "location", NULL) == NULL)
		ereport(ERROR,
				errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				errmsg("option \"location\" is required"),
				errhint("Set it to a folder's URL, such as \"file:///srv/exports/\"."));
}

/* Raise an error unless a table names one object and a consistent format. */
static void
check_table(List *options)
{
	bool		has_object = sfdw_option_text(options, "object", NULL) != NULL;
	bool		has_path = sfdw_option_text(options, "path", NULL) != NULL;
	const char *delimiter = sfdw_option_text(options, "delimiter", ",");
	const char *quote = sfdw_option_text(options, "quote", "\"");

	if (!has_object && !has_path)
		ereport(ERROR,
				errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				errmsg("one of the options \"object\" and \"path\" is required"));
	if (has_object && has_path)
		ereport(ERROR,
				errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
				errmsg("options \"object\" and \"path\" exclude each other"));
	if (strcmp(delimiter, quote) == 0)
		ereport(ERROR,
				errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
				errmsg("options \"delimiter\" and \"quote\" must differ"));
}

/* Raise an error when a column is said to be a field and something else. */
static void
check_column(List *options)
{
	if (sfdw_option_text(options, "source", NULL) != NULL &&
		sfdw_option_text(options, "field", NULL) != NULL)
		ereport(ERROR,
				errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
				errmsg("options \"field\" and \"source\" exclude each other"));
}

/* The options that the storage's services have, behind ours; made once. */
static const SfdwOption *
all_options(void)
{
	static SfdwOption *all = NULL;
	int			own = lengthof(valid_options) - 1;
	int			services = 0;

	if (all != NULL)
		return all;
	while (sfdw_storage_service_options[services].name != NULL)
		services++;
	all = MemoryContextAllocZero(TopMemoryContext,
								 (own + services + 1) * sizeof(SfdwOption));
	memcpy(all, valid_options, own * sizeof(SfdwOption));
	memcpy(all + own, sfdw_storage_service_options,
		   services * sizeof(SfdwOption));
	return all;
}

/* The validator that CREATE and ALTER call with the whole list of options. */
Datum
sfdw_sql_validator(PG_FUNCTION_ARGS)
{
	List	   *options = untransformRelOptions(PG_GETARG_DATUM(0));
	Oid			catalog = PG_GETARG_OID(1);

	sfdw_options_validate(all_options(), catalog, options);
	if (catalog == ForeignServerRelationId)
		check_server(options);
	else if (catalog == ForeignTableRelationId)
		check_table(options);
	else if (catalog == AttributeRelationId)
		check_column(options);
	PG_RETURN_VOID();
}
