/*-------------------------------------------------------------------------
 * import_table.c
 *		The CREATE FOREIGN TABLE statement for one object
 *
 * Types and classes of standard fields come from the dictionary; those of
 * others are inferred from the sample and from the field's name.  No value of
 * the sample leaves this file.
 *-------------------------------------------------------------------------
 */
#include "fdw/import.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "core/names.h"
#include "export/dictionary.h"
#include "export/infer.h"
#include "export/utf8.h"

/* What is known of one field of the header. */
typedef struct SfdwImportField
{
	char	   *name;			/* as the header has it */
	char	   *column_name;
	SfdwInference inference;
} SfdwImportField;

/* What is gathered while the sample is visited. */
typedef struct SfdwImportSample
{
	const SfdwImport *import;
	SfdwDialectSniffer sniffer;
	SfdwImportField *fields;
	int			field_count;
	SfdwStatus	status;			/* of the header's encoding */
} SfdwImportSample;

/* Take the header's names. */
static void
visit_header(SfdwImportSample *sample, const SfdwCsvRecord *header)
{
	sample->field_count = header->field_count;
	sample->fields = palloc0(sizeof(SfdwImportField) *
							 Max(header->field_count, 1));
	for (int i = 0; i < header->field_count; i++)
	{
		const SfdwCsvField *name = &header->fields[i];

		if (!sfdw_utf8_check(name->data, name->length, &sample->status))
		{
			sample->status.offset += name->offset;
			return;
		}
		sample->fields[i].name = pnstrdup(name->data, name->length);
		sfdw_infer_init(&sample->fields[i].inference);
	}
}

/* Take one record into account. */
static void
visit_record(const SfdwCsvRecord *record, void *arg)
{
	SfdwImportSample *sample = arg;

	if (sample->status.code != SFDW_OK)
		return;
	sfdw_dialect_sniff_add(&sample->sniffer, record);
	if (record->number == 0)
	{
		visit_header(sample, record);
		return;
	}
	for (int i = 0; i < record->field_count; i++)
	{
		if (record->fields[i].length > 0)
			sfdw_infer_add(&sample->fields[i].inference,
						   record->fields[i].data, record->fields[i].length);
	}
}

/* Raise the error for a field that cannot become a column. */
static void
reject_field(const SfdwImport *import, int number, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_FDW_INVALID_COLUMN_NAME),
			errmsg("could not import object \"%s\": field %d of the header %s",
				   sfdw_storage_url(import->storage, import->version->key),
				   number, why));
}

/*
 * Whether the header has the field that every Salesforce object has.  Without
 * it the first record may as well be values, which no message may repeat.
 */
static bool
has_id(const SfdwImportSample *sample)
{
	for (int i = 0; i < sample->field_count; i++)
	{
		if (pg_strcasecmp(sample->fields[i].name, "Id") == 0)
			return true;
	}
	return false;
}

/* Refuse two fields that would get the same column. */
static void
reject_collision(const SfdwImportSample *sample, int first, int second)
{
	const SfdwImport *import = sample->import;
	const char *url = sfdw_storage_url(import->storage, import->version->key);

	ereport(ERROR,
			errcode(ERRCODE_DUPLICATE_COLUMN),
			has_id(sample) ?
			errmsg("could not import object \"%s\": fields \"%s\" and \"%s\" would both become column \"%s\"",
				   url, sample->fields[first].name, sample->fields[second].name,
				   sample->fields[second].column_name) :
			errmsg("could not import object \"%s\": fields %d and %d of the header would become the same column",
				   url, first + 1, second + 1),
			errhint("Create the foreign table by hand, with the option \"field\"."));
}

/* Refuse a field whose column has the name of an earlier one. */
static void
check_collision(const SfdwImportSample *sample, int number)
{
	for (int i = 0; i < number; i++)
	{
		if (strcmp(sample->fields[i].column_name,
				   sample->fields[number].column_name) == 0)
			reject_collision(sample, i, number);
	}
}

/*
 * Refuse a first record that cannot be the header of a standard object: a file
 * that lost its header would make names of values.
 */
static void
check_is_header(const SfdwImportSample *sample)
{
	const SfdwImport *import = sample->import;
	int			count;

	if (sfdw_dictionary_object(import->object, &count) == NULL)
		return;
	for (int i = 0; i < sample->field_count; i++)
	{
		if (sfdw_dictionary_find(import->object, sample->fields[i].name) != NULL)
			return;
	}
	ereport(ERROR,
			errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
			errmsg("could not import object \"%s\": its first record has no field of %s",
				   sfdw_storage_url(import->storage, import->version->key),
				   import->object),
			errdetail("A standard object's file starts with a header of API names."));
}

/* Give every field its column name. */
static void
name_columns(SfdwImportSample *sample)
{
	for (int i = 0; i < sample->field_count; i++)
	{
		SfdwImportField *field = &sample->fields[i];
		bool		is_too_long;

		field->column_name = sfdw_name_sanitise(field->name, &is_too_long);
		if (field->column_name[0] == '\0')
			reject_field(sample->import, i + 1, "has no name");
		if (is_too_long)
			reject_field(sample->import, i + 1,
						 "has a name that is too long for a column");
		check_collision(sample, i);
	}
}

/* What the dictionary says of a field, or what its values and name tell. */
static SfdwImportColumn *
column_of(const SfdwImport *import, const SfdwImportField *field)
{
	const SfdwDictionaryField *entry = sfdw_dictionary_find(import->object,
															field->name);
	SfdwImportColumn *column = palloc(sizeof(SfdwImportColumn));

	column->field = field->name;
	column->name = field->column_name;
	if (entry != NULL)
	{
		column->type = sfdw_field_type_sql(entry->type);
		column->field_class = entry->field_class;
		return column;
	}
	column->type = sfdw_infer_sql(&field->inference);
	column->field_class = sfdw_class_of_custom(field->name,
											   sfdw_infer_verdict(&field->inference));
	return column;
}

/* Append one column: its name, type, field and class. */
static void
append_column(StringInfo statement, const SfdwImportColumn *column)
{
	appendStringInfo(statement, "\n\t%s %s OPTIONS (field %s",
					 quote_identifier(column->name), column->type,
					 quote_literal_cstr(column->field));
	if (column->field_class != SFDW_CLASS_NONE)
		appendStringInfo(statement, ", class %s",
						 quote_literal_cstr(sfdw_class_name(column->field_class)));
	appendStringInfoChar(statement, ')');
}

/* Append the options that say how the file is stored, where it is unusual. */
static void
append_form(StringInfo statement, const SfdwImport *import,
			const SfdwSampleFacts *facts)
{
	if (import->text.compression != SFDW_COMPRESSION_AUTO)
		appendStringInfo(statement, ", compression %s",
						 quote_literal_cstr(sfdw_compression_name(import->text.compression)));
	if (facts->encoding != SFDW_ENCODING_UTF8)
		appendStringInfo(statement, ", encoding %s",
						 quote_literal_cstr(sfdw_encoding_name(facts->encoding)));
}

/* Write the statement. */
static char *
write_statement(const SfdwImportSample *sample, List *columns,
				const SfdwSampleFacts *facts)
{
	const SfdwImport *import = sample->import;
	const SfdwDialect *dialect = import->dialect;
	const char *reason;
	StringInfoData statement;
	ListCell   *cell;

	if (dialect == NULL)
		dialect = sfdw_dialect_sniff_verdict(&sample->sniffer, &reason);
	initStringInfo(&statement);
	appendStringInfo(&statement, "CREATE FOREIGN TABLE %s (",
					 quote_identifier(import->table_name));
	foreach(cell, columns)
	{
		if (foreach_current_index(cell) > 0)
			appendStringInfoChar(&statement, ',');
		append_column(&statement, lfirst(cell));
	}
	appendStringInfo(&statement,
					 "\n) SERVER %s OPTIONS (object %s, dialect %s",
					 quote_identifier(import->server_name),
					 quote_literal_cstr(import->object),
					 quote_literal_cstr(dialect->name));
	append_form(&statement, import, facts);
	appendStringInfoChar(&statement, ')');
	return statement.data;
}

/* Visit the first records, and name the columns. */
static List *
look_at(SfdwImportSample *sample, SfdwSampleFacts *facts)
{
	const SfdwImport *import = sample->import;
	SfdwSampleRequest request = {
		import->storage, import->version, import->text,
		{',', '"', SFDW_CSV_MAX_RECORD_SIZE}
	};
	List	   *columns = NIL;

	if (import->dialect != NULL)
	{
		request.csv.delimiter = import->dialect->delimiter;
		request.csv.quote = import->dialect->quote;
	}
	sfdw_dialect_sniff_init(&sample->sniffer);
	if (sfdw_sample_visit(&request, visit_record, sample, facts) ==
		SFDW_SAMPLE_BROKEN)
		return NIL;
	if (sample->fields == NULL)
		sfdw_fail(&sample->status, SFDW_TOO_LARGE, SFDW_SAMPLE_BYTES,
				  "the header does not end before it");
	if (sample->status.code != SFDW_OK)
	{
		facts->status = sample->status;
		return NIL;
	}
	check_is_header(sample);
	name_columns(sample);
	for (int i = 0; i < sample->field_count; i++)
		columns = lappend(columns, column_of(import, &sample->fields[i]));
	return columns;
}

/* The columns of one object. */
List *
sfdw_import_columns(const SfdwImport *import, SfdwSampleFacts *facts)
{
	SfdwImportSample sample = {import};

	return look_at(&sample, facts);
}

/* The statement for one object. */
char *
sfdw_import_table(const SfdwImport *import, SfdwSampleFacts *facts)
{
	SfdwImportSample sample = {import};
	List	   *columns = look_at(&sample, facts);

	return columns == NIL ? NULL : write_statement(&sample, columns, facts);
}
