/*-------------------------------------------------------------------------
 * table_description.c
 *		What a catalog is told about a published table
 *
 * Builds our own description first, then lays it over what the catalog has.
 * Knows Glue's TableInput; nothing of how a catalog stores it.
 *-------------------------------------------------------------------------
 */
#include "dataset/table_description.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "core/errors.h"
#include "dataset/json_owner.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define INPUT_FORMAT \
	"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
#define OUTPUT_FORMAT \
	"org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
#define SERIALIZATION_LIBRARY \
	"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"

/* The parameter that names the run; it alone changes nothing. */
#define RUN_PARAMETER "salesforce_fdw.run"

/* The parameter that planners of queries take the number of rows from. */
#define ROWS_PARAMETER "numRows"

/* What the catalogs call our types; numeric needs its precision. */
static const struct
{
	Oid			type;
	const char *name;
}			type_names[] = {
	{TEXTOID, "string"},
	{VARCHAROID, "string"},
	{BPCHAROID, "string"},
	{JSONOID, "string"},
	{JSONBOID, "string"},
	{UUIDOID, "binary"},		/* 16 bytes: no engine reads them as text */
	{BOOLOID, "boolean"},
	{INT2OID, "smallint"},
	{INT4OID, "int"},
	{INT8OID, "bigint"},
	{FLOAT4OID, "float"},
	{FLOAT8OID, "double"},
	{DATEOID, "date"},
	{TIMESTAMPOID, "timestamp"},
	{TIMESTAMPTZOID, "timestamp"},
	{BYTEAOID, "binary"},
};

/* The three sources of a text that people may change in the catalog. */
typedef struct Texts
{
	const char *ours;			/* COMMENT ON */
	const char *theirs;			/* in the catalog */
	const char *written;		/* by us, last time */
	bool		is_written_known;
} Texts;

/* A member of an object that may be NULL. */
static json_t *
member(json_t *object, const char *key)
{
	return object == NULL ? NULL : json_object_get(object, key);
}

/* A text member of an object that may be NULL. */
static const char *
text_member(json_t *object, const char *key)
{
	return json_string_value(member(object, key));
}

/* Whether two texts, either of which may be NULL, are the same. */
static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/*
 * Whose text counts: a steward's, when the catalog has not what we wrote;
 * but COMMENT ON, where that was changed since.
 */
static const char *
merge_text(const Texts *texts)
{
	const char *written = texts->is_written_known ? texts->written : NULL;

	if (same_text(texts->theirs, written) || texts->theirs == NULL)
		return texts->ours;
	if (texts->is_written_known && texts->ours != NULL &&
		!same_text(texts->ours, written))
		return texts->ours;
	return texts->theirs;
}

/* Set a text member, or take it away. */
static void
set_text(json_t *object, const char *key, const char *text)
{
	if (text == NULL)
		(void) json_object_del(object, key);
	else
		sfdw_json_require(json_object_set_new(object, key, json_string(text)));
}

/* What the catalog calls a column's type. */
char *
sfdw_table_type_name(Form_pg_attribute attribute)
{
	for (size_t i = 0; i < lengthof(type_names); i++)
		if (type_names[i].type == attribute->atttypid)
			return pstrdup(type_names[i].name);
	if (attribute->atttypid == NUMERICOID && attribute->atttypmod >= 0)
	{
		int32		modifier = attribute->atttypmod - VARHDRSZ;

		return psprintf("decimal(%d,%d)", (modifier >> 16) & 0xffff,
						modifier & 0x7ff);
	}
	ereport(ERROR,
			errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			errmsg("column \"%s\" has a type that the catalog has no name for: %s",
				   NameStr(attribute->attname),
				   format_type_be(attribute->atttypid)));
	return NULL;
}

/* The columns in one line. */
char *
sfdw_table_columns(Oid relid)
{
	Relation	target = table_open(relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(target);
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (!attribute->attisdropped)
			appendStringInfo(&text, "%s%s %s", text.len > 0 ? ", " : "",
							 NameStr(attribute->attname),
							 sfdw_table_type_name(attribute));
	}
	table_close(target, NoLock);
	return text.data;
}

/* The catalog's column of that name, or NULL. */
static json_t *
find_column(json_t *description, const char *name)
{
	json_t	   *columns = member(member(description, "StorageDescriptor"),
								 "Columns");
	json_t	   *column;
	size_t		i;

	json_array_foreach(columns, i, column)
	{
		if (same_text(text_member(column, "Name"), name))
			return column;
	}
	return NULL;
}

/* One column, over what the catalog has of it. */
static json_t *
make_column(Relation target, Form_pg_attribute attribute, json_t *present,
			json_t *written)
{
	const char *name = NameStr(attribute->attname);
	json_t	   *theirs = find_column(present, name);
	json_t	   *column = theirs == NULL ? sfdw_json_object() :
		sfdw_json_own(json_deep_copy(theirs));
	Texts		comment = {
		GetComment(RelationGetRelid(target), RelationRelationId,
				   attribute->attnum),
		text_member(theirs, "Comment"),
		text_member(find_column(written, name), "Comment"),
		written != NULL
	};

	set_text(column, "Name", name);
	set_text(column, "Type", sfdw_table_type_name(attribute));
	set_text(column, "Comment", merge_text(&comment));
	return column;
}

/* The columns, in the order of the table, which is that of the file. */
static json_t *
make_columns(Oid relid, json_t *present, json_t *written)
{
	Relation	target = table_open(relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(target);
	json_t	   *columns = sfdw_json_own(json_array());

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (!attribute->attisdropped)
			sfdw_json_require(json_array_append(columns,
												make_column(target, attribute,
															present, written)));
	}
	table_close(target, AccessShareLock);
	return columns;
}

/* Parameters that say what the files are, in the table and its storage. */
static json_t *
make_file_parameters(void)
{
	return sfdw_json_own(json_pack("{s:s, s:s, s:s}",
								   "classification", "parquet",
								   "compressionType", "snappy",
								   "typeOfData", "file"));
}

/* How the files are stored. */
static json_t *
make_storage(const SfdwTableFacts *facts, json_t *columns)
{
	json_t	   *storage;
	json_t	   *parameters = make_file_parameters();

	set_text(parameters, "CrawlerSchemaDeserializerVersion", "1.0");
	storage = json_pack("{s:O, s:s, s:s, s:s, s:b, s:i,"
						" s:{s:s, s:{s:s}}, s:[], s:b, s:[], s:O}",
						"Columns", columns,
						"Location", facts->location,
						"InputFormat", INPUT_FORMAT,
						"OutputFormat", OUTPUT_FORMAT,
						"Compressed", 1,
						"NumberOfBuckets", -1,
						"SerdeInfo",
						"SerializationLibrary", SERIALIZATION_LIBRARY,
						"Parameters", "serialization.format", "1",
						"BucketColumns",
						"StoredAsSubDirectories", 0,
						"SortColumns",
						"Parameters", parameters);
	return sfdw_json_own(storage);
}

/* The whole description, without what only a steward adds. */
static json_t *
make_table(const SfdwTableFacts *facts, json_t *present, json_t *written)
{
	json_t	   *columns = make_columns(facts->relid, present, written);
	json_t	   *parameters = make_file_parameters();
	Texts		description = {
		GetComment(facts->relid, RelationRelationId, 0),
		text_member(present, "Description"),
		text_member(written, "Description"),
		written != NULL
	};
	json_t	   *table;

	set_text(parameters, "projection.enabled", "false");
	set_text(parameters, "salesforce_fdw.dataset", facts->dataset);
	set_text(parameters, RUN_PARAMETER, facts->run);
	set_text(parameters, ROWS_PARAMETER,
			 psprintf(INT64_FORMAT, facts->rows));
	table = sfdw_json_own(json_pack("{s:s, s:[], s:s, s:O, s:O}",
									"Name", facts->name,
									"PartitionKeys",
									"TableType", "EXTERNAL_TABLE",
									"Parameters", parameters,
									"StorageDescriptor",
									make_storage(facts, columns)));
	set_text(table, "Description", merge_text(&description));
	return table;
}

/* Put back what the catalog has and ours lacks, members of one object. */
static void
keep_members(json_t *ours, json_t *theirs)
{
	const char *key;
	json_t	   *value;

	json_object_foreach(theirs, key, value)
	{
		if (json_object_get(ours, key) == NULL)
			sfdw_json_require(json_object_set(ours, key, value));
	}
}

/* Keep what a steward added; a description that was taken away stays so. */
static void
keep_theirs(json_t *table, json_t *present)
{
	json_t	   *storage = member(table, "StorageDescriptor");
	json_t	   *theirs = member(present, "StorageDescriptor");
	bool		has_description = member(table, "Description") != NULL;

	keep_members(table, present);
	if (!has_description)
		(void) json_object_del(table, "Description");
	keep_members(storage, theirs);
	keep_members(member(storage, "Parameters"), member(theirs, "Parameters"));
	keep_members(member(table, "Parameters"), member(present, "Parameters"));
}

/* Whether two descriptions differ in more than the run that wrote them. */
static bool
is_different(json_t *table, json_t *present)
{
	json_t	   *copy = sfdw_json_own(json_deep_copy(table));
	const char *run = text_member(member(present, "Parameters"), RUN_PARAMETER);

	set_text(member(copy, "Parameters"), RUN_PARAMETER, run);
	return !json_equal(copy, present);
}

/*
 * Raise when the table lies elsewhere than where we put it: somebody moved it,
 * or it is not ours, and readers would lose what they see.
 */
static void
check_location(const SfdwTableFacts *facts, json_t *present, json_t *written)
{
	const char *location = text_member(member(present, "StorageDescriptor"),
									   "Location");
	const char *expected = written == NULL ? facts->location :
		text_member(member(written, "StorageDescriptor"), "Location");
	ListCell   *cell;

	if (location == NULL || same_text(location, expected) ||
		same_text(location, facts->location) ||
		same_text(psprintf("%s/", location), facts->location))
		return;
	foreach(cell, facts->own_locations)
	{
		if (same_text(location, lfirst(cell)))
			return;
	}
	ereport(ERROR,
			errcode(SFDW_ERRCODE_CONFLICT),
			errmsg("table \"%s\" of the catalog has another location than this data set's",
				   facts->name),
			errdetail("It is \"%s\", and should be \"%s\".", location,
					  facts->location),
			errhint("Set the table's location back, or drop it, and run the data set again."));
}

/* The description to store. */
char *
sfdw_table_description(const SfdwTableFacts *facts)
{
	json_t	   *present = sfdw_json_parse(facts->present,
										  "table description in the catalog");
	json_t	   *written = sfdw_json_parse(facts->written,
										  "table description in the ledger");
	json_t	   *table = make_table(facts, present, written);

	check_location(facts, present, written);
	if (present != NULL)
	{
		keep_theirs(table, present);
		if (!is_different(table, present))
			return NULL;
	}
	return sfdw_json_text(table, JSON_COMPACT);
}

/* Give each column the comment that the catalog's column of its name has. */
static void
take_comments(json_t *table, json_t *present)
{
	json_t	   *columns = member(member(table, "StorageDescriptor"), "Columns");
	json_t	   *column;
	size_t		i;

	json_array_foreach(columns, i, column)
	{
		json_t	   *theirs = find_column(present, text_member(column, "Name"));

		if (theirs != NULL)
			set_text(column, "Comment", text_member(theirs, "Comment"));
	}
}

/* The description of an earlier run. */
char *
sfdw_table_description_again(const char *written, const SfdwTableFacts *facts)
{
	json_t	   *present = sfdw_json_parse(facts->present,
										  "table description in the catalog");
	json_t	   *before = sfdw_json_parse(written,
										 "table description in the ledger");
	json_t	   *table = sfdw_json_own(json_deep_copy(before));

	check_location(facts, present, before);
	set_text(member(table, "StorageDescriptor"), "Location", facts->location);
	set_text(member(table, "Parameters"), RUN_PARAMETER, facts->run);
	set_text(member(table, "Parameters"), ROWS_PARAMETER,
			 psprintf(INT64_FORMAT, facts->rows));
	if (present != NULL)
	{
		set_text(table, "Description", text_member(present, "Description"));
		take_comments(table, present);
		keep_theirs(table, present);
		if (!is_different(table, present))
			return NULL;
	}
	return sfdw_json_text(table, JSON_COMPACT);
}

/* The location in a description. */
char *
sfdw_table_location(const char *description)
{
	json_t	   *table = sfdw_json_parse(description,
										"table description in the catalog");
	const char *location = text_member(member(table, "StorageDescriptor"),
									   "Location");

	return location == NULL ? NULL : pstrdup(location);
}

/* Raise when somebody moved the table. */
void
sfdw_table_check_location(const SfdwTableFacts *facts)
{
	if (facts->present != NULL)
		check_location(facts,
					   sfdw_json_parse(facts->present,
									   "table description in the catalog"),
					   sfdw_json_parse(facts->written,
									   "table description in the ledger"));
}

/* Columns whose type changes; Glue's names of types have no case. */
char *
sfdw_table_changed_types(const SfdwTableFacts *facts)
{
	json_t	   *present = sfdw_json_parse(facts->present,
										  "table description in the catalog");
	Relation	target = table_open(facts->relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(target);
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		const char *name = NameStr(attribute->attname);
		const char *before = text_member(find_column(present, name), "Type");
		char	   *now;

		if (attribute->attisdropped || before == NULL)
			continue;
		now = sfdw_table_type_name(attribute);
		if (pg_strcasecmp(before, now) != 0)
			appendStringInfo(&text, "%s\"%s\" from %s to %s",
							 text.len > 0 ? ", " : "", name, before, now);
	}
	table_close(target, NoLock);
	return text.len > 0 ? text.data : NULL;
}
