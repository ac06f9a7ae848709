/*-------------------------------------------------------------------------
 * table.c
 *		What the options of a foreign table and of its columns say
 *
 * See table.h.
 *-------------------------------------------------------------------------
 */
#include "fdw/table.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "foreign/foreign.h"
#include "nodes/value.h"
#include "utils/lsyscache.h"

#include "core/options.h"
#include "storage/storage.h"

/* The handler function that makes a wrapper one of ours, and its schema. */
#define HANDLER_SCHEMA "salesforce_fdw"
#define HANDLER_NAME "salesforce_fdw_handler"

/* Between the elements of the options null_strings and null_ids. */
#define LIST_SEPARATOR ','

/* Whether a relation is one of ours; wrappers can be renamed, handlers not. */
bool
sfdw_table_is_ours(Oid relid)
{
	ForeignTable *table;
	ForeignServer *server;
	ForeignDataWrapper *wrapper;
	char	   *handler;

	if (get_rel_relkind(relid) != RELKIND_FOREIGN_TABLE)
		return false;
	table = GetForeignTable(relid);
	server = GetForeignServer(table->serverid);
	wrapper = GetForeignDataWrapper(server->fdwid);
	if (!OidIsValid(wrapper->fdwhandler))
		return false;
	handler = get_func_name(wrapper->fdwhandler);
	return handler != NULL && strcmp(handler, HANDLER_NAME) == 0 &&
		get_func_namespace(wrapper->fdwhandler) ==
		get_namespace_oid(HANDLER_SCHEMA, true);
}

/* The object's API name. */
char *
sfdw_table_object(Oid relid)
{
	const char *object = sfdw_option_text(GetForeignTable(relid)->options,
										  "object", NULL);

	return object == NULL ? NULL : pstrdup(object);
}

/* The option dialect: the table's, else its server's; NULL when left open. */
static const char *
dialect_name(ForeignTable *table)
{
	ForeignServer *server = GetForeignServer(table->serverid);
	const char *name = sfdw_option_text(server->options, "dialect", "auto");

	name = sfdw_option_text(table->options, "dialect", name);
	return strcmp(name, "auto") == 0 ? NULL : name;
}

/* The dialect of a table; an error when it is left open. */
static const SfdwDialect *
find_dialect(ForeignTable *table)
{
	const char *name = dialect_name(table);
	const SfdwDialect *dialect;

	if (name == NULL)
		ereport(ERROR,
				errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				errmsg("dialect of foreign table \"%s\" is not set",
					   get_rel_name(table->relid)),
				errhint("IMPORT FOREIGN SCHEMA finds and writes it; or set the option \"dialect\" of the table or of its server, to \"csv\" for a plain file."));
	dialect = sfdw_dialect_find(name);
	if (dialect == NULL || !dialect->is_supported)
		elog(ERROR, "option \"dialect\" was not validated");
	return dialect;
}

/* The option compression. */
static SfdwCompression
table_compression(ForeignTable *table)
{
	SfdwCompression compression;

	if (!sfdw_compression_parse(sfdw_option_text(table->options, "compression",
												 "auto"), &compression))
		elog(ERROR, "option \"compression\" was not validated");
	return compression;
}

/* In what form the file of a table is stored. */
static SfdwTextForm
text_form(ForeignTable *table)
{
	SfdwTextForm form = {table_compression(table)};

	if (!sfdw_encoding_parse(sfdw_option_text(table->options, "encoding",
											  "utf8"), &form.encoding))
		elog(ERROR, "option \"encoding\" was not validated");
	form.max_ratio = (uint32_t) sfdw_option_int(table->options, "max_ratio",
												SFDW_MAX_RATIO);
	return form;
}

/* The key of the object. */
char *
sfdw_table_key(Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);
	const char *path = sfdw_option_text(table->options, "path", NULL);

	if (path != NULL)
		return pstrdup(path);
	return psprintf("%s%s%s", sfdw_option_text(table->options, "object", ""),
					find_dialect(table)->suffix,
					sfdw_compression_suffix(table_compression(table)));
}

/* The URL of the object. */
char *
sfdw_table_url(Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);

	if (sfdw_option_text(table->options, "path", NULL) == NULL &&
		dialect_name(table) == NULL)
		return NULL;
	return psprintf("%s%s", sfdw_storage_location(table->serverid),
					sfdw_table_key(relid));
}

/* Cut a list of texts at its separators; "" is one empty text. */
static List *
split_list(const char *value)
{
	List	   *elements = NIL;
	const char *end;

	if (value == NULL)
		return NIL;
	while ((end = strchr(value, LIST_SEPARATOR)) != NULL)
	{
		elements = lappend(elements,
						   makeString(pnstrdup(value, end - value)));
		value = end + 1;
	}
	return lappend(elements, makeString(pstrdup(value)));
}

/* The format of a table: its dialect, and what its options change of it. */
SfdwFormat *
sfdw_table_format(Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);
	SfdwFormat *format = palloc0(sizeof(SfdwFormat));
	const char *text;

	format->dialect = *find_dialect(table);
	text = sfdw_option_text(table->options, "delimiter", NULL);
	if (text != NULL)
		format->dialect.delimiter = text[0];
	text = sfdw_option_text(table->options, "quote", NULL);
	if (text != NULL)
		format->dialect.quote = text[0];
	text = sfdw_option_text(table->options, "escape", NULL);
	if (text != NULL &&
		!sfdw_dialect_parse_escape(text, &format->dialect.escape))
		elog(ERROR, "option \"escape\" was not validated");
	format->null_strings = split_list(sfdw_option_text(table->options,
													   "null_strings", NULL));
	format->null_ids = split_list(sfdw_option_text(table->options, "null_ids",
												   format->dialect.null_id));
	format->max_record_size = (size_t) sfdw_option_int(table->options,
													   "max_record_size",
													   SFDW_CSV_MAX_RECORD_SIZE);
	format->text = text_form(table);
	return format;
}

/* The text of one option of a column, or NULL. */
static char *
column_option(Oid relid, AttrNumber attnum, const char *name)
{
	const char *value = sfdw_option_text(GetForeignColumnOptions(relid, attnum),
										 name, NULL);

	return value == NULL ? NULL : pstrdup(value);
}

/* The field that a column is bound to. */
char *
sfdw_table_field(Oid relid, AttrNumber attnum)
{
	char	   *field = column_option(relid, attnum, "field");

	return field != NULL ? field : get_attname(relid, attnum, false);
}

/* The column's option class. */
char *
sfdw_table_class(Oid relid, AttrNumber attnum)
{
	return column_option(relid, attnum, "class");
}

/* The column's option source. */
SfdwColumnSource
sfdw_table_source(Oid relid, AttrNumber attnum)
{
	static const char *const names[] = {
		[SFDW_FROM_FILE] = "file",
		[SFDW_FROM_VERSION] = "version",
		[SFDW_FROM_LAST_MODIFIED] = "last_modified",
		[SFDW_FROM_RECORD] = "record",
	};
	char	   *name = column_option(relid, attnum, "source");

	if (name == NULL)
		return SFDW_FROM_FIELD;
	for (int i = SFDW_FROM_FILE; i < (int) lengthof(names); i++)
	{
		if (strcmp(names[i], name) == 0)
			return (SfdwColumnSource) i;
	}
	elog(ERROR, "option \"source\" was not validated");
}
