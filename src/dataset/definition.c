/*-------------------------------------------------------------------------
 * definition.c
 *		Read definitions of data sets, and find the objects that they name
 *
 * Knows the table salesforce_fdw.dataset by its columns' order below.  It
 * changes nothing; definition_sql.c does.
 *-------------------------------------------------------------------------
 */
#include "dataset/definition.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "dataset/owner.h"
#include "executor/spi.h"
#include "export/field_class.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "storage/storage.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* Columns of the statement below, in its order. */
enum
{
	COLUMN_NAME = 1,
	COLUMN_VERSION,
	COLUMN_OWNER,
	COLUMN_TARGET_SCHEMA,
	COLUMN_TARGET_NAME,
	COLUMN_SOURCE_SCHEMA,
	COLUMN_QUERY,
	COLUMN_DESTINATION,
	COLUMN_PATH,
	COLUMN_PUBLISH,
	COLUMN_KEEP_RUNS,
	COLUMN_SORTED_BY,
	COLUMN_ALLOW,
	COLUMN_ACCEPT,
	COLUMN_REFERENCE_TABLES,
	COLUMN_FUNCTIONS,
	COLUMN_DETECTORS,
	COLUMN_GATES,
	COLUMN_POLICY_HASH,
	COLUMN_PURGE,
	COLUMN_PURGE_AFTER,
	COLUMN_CONFIRMED_LOCATION,
	COLUMN_EVIDENCE_SERVER
};

/* Hidden from who reads the folder, as all that starts with "_". */
#define RUNS_FOLDER "_runs"
#define EVIDENCE_FOLDER "_evidence/"

#define SELECT_DATASET \
	"SELECT name, version, owner, target_schema, target_name, source_schema," \
	" query, destination, path, publish, keep_runs, sorted_by, allow, accept," \
	" reference_tables, functions, detectors, gates, policy_hash, purge," \
	" purge_after, confirmed_location, evidence_server" \
	" FROM salesforce_fdw.dataset"

static const char *const purge_names[] = {"none", "inputs", "location"};

/* A row of SPI_tuptable that is being read. */
typedef struct Row
{
	HeapTuple	tuple;
	TupleDesc	desc;
	MemoryContext context;		/* where what is read goes */
} Row;

/* Text (or a name) of a column, or NULL. */
static char *
row_text(Row *row, int column)
{
	char	   *value = SPI_getvalue(row->tuple, row->desc, column);

	return value == NULL ? NULL : MemoryContextStrdup(row->context, value);
}

/* A varlena column that may not be NULL, detoasted into the row's context. */
static void *
row_varlena(Row *row, int column)
{
	bool		is_null;
	Datum		value = SPI_getbinval(row->tuple, row->desc, column, &is_null);
	MemoryContext old = MemoryContextSwitchTo(row->context);
	void	   *copy = PG_DETOAST_DATUM_COPY(value);

	MemoryContextSwitchTo(old);
	return copy;
}

/* The elements of a text[] column as char *. */
static List *
row_list(Row *row, int column)
{
	ArrayType  *array = row_varlena(row, column);
	MemoryContext old = MemoryContextSwitchTo(row->context);
	List	   *list = NIL;
	Datum	   *values;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, NULL,
					  &count);
	for (int i = 0; i < count; i++)
		list = lappend(list, TextDatumGetCString(values[i]));
	MemoryContextSwitchTo(old);
	return list;
}

/* Names of classes as bits; what create_dataset stored is valid. */
static uint32
class_bits(List *names)
{
	uint32		bits = 0;
	ListCell   *cell;
	SfdwClass	field_class;

	foreach(cell, names)
	{
		if (!sfdw_class_parse(lfirst(cell), &field_class))
			elog(ERROR, "unrecognized class \"%s\"", (char *) lfirst(cell));
		bits |= 1u << field_class;
	}
	return bits;
}

/* The scope of purging by its name in the table. */
static SfdwPurgeScope
purge_scope(const char *name)
{
	for (int i = 0; i < (int) lengthof(purge_names); i++)
		if (strcmp(name, purge_names[i]) == 0)
			return (SfdwPurgeScope) i;
	elog(ERROR, "unrecognized purge \"%s\"", name);
	return SFDW_PURGE_NONE;		/* keep the compiler quiet */
}

/* The policy's half of a row. */
static void
read_policy(Row *row, SfdwDataset *dataset)
{
	dataset->allow = class_bits(row_list(row, COLUMN_ALLOW));
	dataset->accept = row_varlena(row, COLUMN_ACCEPT);
	dataset->reference_tables = row_varlena(row, COLUMN_REFERENCE_TABLES);
	dataset->functions = row_list(row, COLUMN_FUNCTIONS);
	dataset->detectors = row_varlena(row, COLUMN_DETECTORS);
	dataset->gates = row_varlena(row, COLUMN_GATES);
	dataset->policy_hash = row_text(row, COLUMN_POLICY_HASH);
	dataset->purge = purge_scope(row_text(row, COLUMN_PURGE));
	dataset->confirmed_location = row_text(row, COLUMN_CONFIRMED_LOCATION);
}

/* A fixed-length column by reference needs a copy of its own. */
static Interval *
read_interval(Row *row, int column)
{
	bool		is_null;
	Datum		value = SPI_getbinval(row->tuple, row->desc, column, &is_null);
	Interval   *copy = MemoryContextAlloc(row->context, sizeof(Interval));

	memcpy(copy, DatumGetIntervalP(value), sizeof(Interval));
	return copy;
}

/* One row of SPI_tuptable as a definition in context. */
static SfdwDataset *
read_dataset(uint64 number, MemoryContext context)
{
	Row			row = {SPI_tuptable->vals[number], SPI_tuptable->tupdesc, context};
	SfdwDataset *dataset = MemoryContextAllocZero(context, sizeof(SfdwDataset));

	dataset->name = row_text(&row, COLUMN_NAME);
	dataset->version = pg_strtoint32(row_text(&row, COLUMN_VERSION));
	dataset->owner_name = row_text(&row, COLUMN_OWNER);
	dataset->owner = get_role_oid(dataset->owner_name, true);
	dataset->target_schema = row_text(&row, COLUMN_TARGET_SCHEMA);
	dataset->target_name = row_text(&row, COLUMN_TARGET_NAME);
	dataset->source_schema = row_text(&row, COLUMN_SOURCE_SCHEMA);
	dataset->query = row_text(&row, COLUMN_QUERY);
	dataset->destination = row_text(&row, COLUMN_DESTINATION);
	dataset->path = row_text(&row, COLUMN_PATH);
	dataset->publish_versioned =
		strcmp(row_text(&row, COLUMN_PUBLISH), "versioned") == 0;
	dataset->keep_runs = pg_strtoint32(row_text(&row, COLUMN_KEEP_RUNS));
	dataset->sorted_by = row_list(&row, COLUMN_SORTED_BY);
	read_policy(&row, dataset);
	dataset->purge_after = read_interval(&row, COLUMN_PURGE_AFTER);
	dataset->evidence_server = row_text(&row, COLUMN_EVIDENCE_SERVER);
	return dataset;
}

/* Both forms of the owner. */
void
sfdw_dataset_own(SfdwDataset *dataset, Oid owner)
{
	dataset->owner = owner;
	dataset->owner_name = GetUserNameFromId(owner, false);
}

/* Everything that has a default gets it; the rest is NULL. */
SfdwDataset *
sfdw_dataset_new(const char *name)
{
	SfdwDataset *dataset = palloc0(sizeof(SfdwDataset));

	dataset->name = pstrdup(name);
	dataset->version = 1;
	sfdw_dataset_own(dataset, GetUserId());
	dataset->purge_after = palloc0(sizeof(Interval));
	dataset->keep_runs = SFDW_DEFAULT_KEEP_RUNS;
	return dataset;
}

/*
 * How a row is read.  A read-only transaction, on a standby for example, can
 * lock no row, and can change nothing by what it read.
 */
static const char *
load_statement(bool exclusive)
{
	if (exclusive)
		return SELECT_DATASET " WHERE name = $1 FOR UPDATE";
	if (XactReadOnly)
		return SELECT_DATASET " WHERE name = $1";
	return SELECT_DATASET " WHERE name = $1 FOR SHARE";
}

/* Row locks are the owner's: the caller need not have UPDATE. */
SfdwDataset *
sfdw_dataset_load(const char *name, bool exclusive)
{
	SfdwOwnerScope scope;
	SfdwDataset *dataset = NULL;
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(name);

	sfdw_owner_enter(&scope);
	if (sfdw_owner_execute(load_statement(exclusive), 1, &type, &value,
						   NULL) == 1)
		dataset = read_dataset(0, scope.caller_context);
	sfdw_owner_leave(&scope);
	if (dataset == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("data set \"%s\" does not exist", name));
	if (!exclusive && !OidIsValid(dataset->owner))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("role \"%s\" that owns data set \"%s\" does not exist",
					   dataset->owner_name, name),
				errhint("A superuser can alter the data set, and owns it then."));
	return dataset;
}

/* Without the extension there are no data sets: COPY asks in any database. */
List *
sfdw_dataset_list(void)
{
	SfdwOwnerScope scope;
	List	   *list = NIL;
	MemoryContext old;
	uint64		count;

	if (!OidIsValid(sfdw_owner_role()))
		return NIL;
	sfdw_owner_enter(&scope);
	count = sfdw_owner_execute(SELECT_DATASET " ORDER BY name", 0, NULL, NULL,
							   NULL);
	for (uint64 i = 0; i < count; i++)
	{
		SfdwDataset *dataset = read_dataset(i, scope.caller_context);

		old = MemoryContextSwitchTo(scope.caller_context);
		list = lappend(list, dataset);
		MemoryContextSwitchTo(old);
	}
	sfdw_owner_leave(&scope);
	return list;
}

/*
 * Ownership is a role's, so its members have it too; that of a role which is
 * gone has nobody but superusers.
 */
void
sfdw_dataset_require_owner(SfdwDataset *dataset, Oid user)
{
	if (!has_privs_of_role(user, dataset->owner))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of data set \"%s\"", dataset->name));
}

/* Find a relation of the data set, lock it, and check what it is. */
static Oid
find_relation(SfdwDataset *dataset, char *name, char relkind, LOCKMODE lockmode)
{
	RangeVar   *range = makeRangeVar(dataset->target_schema, name, -1);
	Oid			relid = RangeVarGetRelid(range, lockmode, true);

	if (!OidIsValid(relid) || get_rel_relkind(relid) != relkind)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_TABLE),
				errmsg("%s \"%s.%s\" of data set \"%s\" does not exist",
					   relkind == RELKIND_VIEW ? "view" : "table",
					   dataset->target_schema, name, dataset->name));
	return relid;
}

/* The table that materialize fills. */
Oid
sfdw_dataset_target(SfdwDataset *dataset, LOCKMODE lockmode)
{
	return find_relation(dataset, dataset->target_name, RELKIND_RELATION,
						 lockmode);
}

/* The view whose query is the definition. */
Oid
sfdw_dataset_view(SfdwDataset *dataset, LOCKMODE lockmode)
{
	return find_relation(dataset, sfdw_dataset_view_name(dataset),
						 RELKIND_VIEW, lockmode);
}

/* Names that would be too long are refused when the data set is created. */
char *
sfdw_dataset_view_name(SfdwDataset *dataset)
{
	return psprintf("%s" SFDW_DEFINITION_SUFFIX, dataset->target_name);
}

/* Servers are referenced by name, so one may be gone. */
Oid
sfdw_dataset_destination(SfdwDataset *dataset)
{
	return get_foreign_server_oid(dataset->destination, false);
}

/* The object's name is the data set's. */
char *
sfdw_dataset_object_key(SfdwDataset *dataset, const char *run)
{
	if (dataset->publish_versioned)
		return psprintf("%s" RUNS_FOLDER "/%s/%s.parquet", dataset->path, run,
						dataset->name);
	return psprintf("%s%s.parquet", dataset->path, dataset->name);
}

/* For messages and for comparing folders; nothing is opened. */
char *
sfdw_dataset_folder(SfdwDataset *dataset)
{
	ForeignServer *server = GetForeignServerByName(dataset->destination, true);

	if (server == NULL)
		return NULL;
	return psprintf("%s%s", sfdw_storage_location(server->serverid),
					dataset->path);
}

/* Its own, or the destination. */
const char *
sfdw_dataset_evidence_server(SfdwDataset *dataset)
{
	return dataset->evidence_server != NULL ? dataset->evidence_server :
		dataset->destination;
}

/* Below the location of that server. */
char *
sfdw_dataset_evidence_folder(SfdwDataset *dataset)
{
	return psprintf("%s" EVIDENCE_FOLDER, dataset->path);
}
