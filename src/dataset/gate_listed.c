/*-------------------------------------------------------------------------
 * gate_listed.c
 *		Reference tables of a data set, and all that it lists together
 *
 * Looks names up and reads classes; judges nothing.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_listed.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "dataset/json_object.h"
#include "dataset/listed_functions.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

/* Kinds of relations whose rows are stored here, and mean what they say. */
static const char table_kinds[] = {
	RELKIND_RELATION, RELKIND_PARTITIONED_TABLE, RELKIND_MATVIEW
};

/* Raise an error about one name in reference_tables. */
static void
refuse_table(const char *name, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid value for parameter \"%s\": \"%s\"",
				   "reference_tables", name),
			errdetail("%s", why));
}

/* The relation of that name, which must be qualified; InvalidOid: none. */
static Oid
find_table(const char *name)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(name));

	if (list_length(names) != 2)
		refuse_table(name, "The table's name must be qualified with its schema.");
	return RangeVarGetRelid(makeRangeVarFromNameList(names), NoLock, true);
}

/* The columns and classes that stand for one table. */
static List *
columns_of(const SfdwJsonPair *table)
{
	if (table->value.type != jbvBinary)
		refuse_table(table->key, "It must be an object of columns and their classes.");
	return sfdw_json_pairs(table->value.val.binary.data, "reference_tables");
}

/* One column with its class. */
static void
check_column(const char *table, Oid relid, const SfdwJsonPair *column)
{
	char	   *name = sfdw_json_string(&column->value);
	SfdwClass	field_class;

	if (get_attnum(relid, column->key) <= 0)
		refuse_table(table, psprintf("It has no column \"%s\".", column->key));
	if (name == NULL || !sfdw_class_parse(name, &field_class))
		refuse_table(table, psprintf("The class of column \"%s\" must be the name of a class.",
									 column->key));
}

/* Whether a relation of this kind can be listed. */
static bool
is_table_kind(char relkind)
{
	for (int i = 0; i < (int) lengthof(table_kinds); i++)
		if (table_kinds[i] == relkind)
			return true;
	return false;
}

/* Views are looked through, so they need no listing. */
void
sfdw_listed_check_tables(SfdwDataset *dataset)
{
	ListCell   *cell;
	ListCell   *column;

	foreach(cell, sfdw_json_pairs(&dataset->reference_tables->root,
								  "reference_tables"))
	{
		SfdwJsonPair *pair = lfirst(cell);
		Oid			relid = find_table(pair->key);

		if (!OidIsValid(relid))
			refuse_table(pair->key, "There is no such table.");
		if (!is_table_kind(get_rel_relkind(relid)))
			refuse_table(pair->key, "It must be a table or a materialized view.");
		foreach(column, columns_of(pair))
			check_column(pair->key, relid, lfirst(column));
	}
}

/* One whose kind has changed would be another relation. */
static List *
find_tables(SfdwDataset *dataset)
{
	List	   *relations = NIL;
	ListCell   *cell;

	foreach(cell, sfdw_json_pairs(&dataset->reference_tables->root,
								  "reference_tables"))
	{
		Oid			relid = find_table(((SfdwJsonPair *) lfirst(cell))->key);

		if (OidIsValid(relid) && is_table_kind(get_rel_relkind(relid)))
			relations = list_append_unique_oid(relations, relid);
	}
	return relations;
}

/* Names become objects here, and nowhere else. */
SfdwListed *
sfdw_listed_resolve(SfdwDataset *dataset)
{
	SfdwListed *listed = palloc0(sizeof(SfdwListed));

	listed->relations = find_tables(dataset);
	listed->functions = sfdw_listed_find_functions(dataset->functions);
	return listed;
}

/* The class in one table's list, if the column stands there. */
static SfdwClass
class_in(List *columns, const char *name)
{
	SfdwClass	field_class = SFDW_CLASS_NONE;
	ListCell   *cell;

	foreach(cell, columns)
	{
		SfdwJsonPair *pair = lfirst(cell);

		char	   *class_name = sfdw_json_string(&pair->value);

		/* The definition was checked, so another name is a damaged one. */
		if (strcmp(pair->key, name) == 0 &&
			(class_name == NULL || !sfdw_class_parse(class_name, &field_class)))
			return SFDW_CLASS_NEVER;
	}
	return field_class;
}

/* Of two listings of one table (by two spellings) the stricter counts. */
SfdwClass
sfdw_listed_class(SfdwDataset *dataset, Oid relid, const char *column)
{
	SfdwClass	field_class = SFDW_CLASS_NONE;
	ListCell   *cell;

	foreach(cell, sfdw_json_pairs(&dataset->reference_tables->root,
								  "reference_tables"))
	{
		SfdwJsonPair *pair = lfirst(cell);

		if (find_table(pair->key) == relid)
			field_class = sfdw_class_stricter(field_class,
											  class_in(columns_of(pair), column));
	}
	return field_class;
}
