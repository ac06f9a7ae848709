/*-------------------------------------------------------------------------
 * definition_store.c
 *		Write rows of salesforce_fdw.dataset
 *-------------------------------------------------------------------------
 */
#include "dataset/definition_store.h"

#include "catalog/pg_type.h"
#include "dataset/owner.h"
#include "export/field_class.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* Parameters of the statements below, in their order. */
enum
{
	STORE_NAME,
	STORE_VERSION,
	STORE_OWNER,
	STORE_TARGET_SCHEMA,
	STORE_TARGET_NAME,
	STORE_SOURCE_SCHEMA,
	STORE_QUERY,
	STORE_DESTINATION,
	STORE_PATH,
	STORE_PUBLISH,
	STORE_KEEP_RUNS,
	STORE_SORTED_BY,
	STORE_ALLOW,
	STORE_ACCEPT,
	STORE_REFERENCE_TABLES,
	STORE_FUNCTIONS,
	STORE_DETECTORS,
	STORE_GATES,
	STORE_POLICY_HASH,
	STORE_PURGE,
	STORE_PURGE_AFTER,
	STORE_CONFIRMED_LOCATION,
	STORE_EVIDENCE_SERVER,
	STORE_COUNT
};

#define VALUES_LIST \
	" ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16," \
	" $17, $18, $19, $20, $21, $22, $23, session_user, now())"

#define COLUMNS_LIST \
	" (name, version, owner, target_schema, target_name, source_schema, query," \
	" destination, path, publish, keep_runs, sorted_by, allow, accept, reference_tables," \
	" functions, detectors, gates, policy_hash, purge, purge_after," \
	" confirmed_location, evidence_server, changed_by, changed_at)"

/* What one statement is given. */
typedef struct Parameters
{
	Oid			types[STORE_COUNT];
	Datum		values[STORE_COUNT];
	char		nulls[STORE_COUNT];
} Parameters;

/* Set one parameter of any type. */
static void
set_value(Parameters *parameters, int number, Oid type, Datum value)
{
	parameters->types[number] = type;
	parameters->values[number] = value;
	parameters->nulls[number] = ' ';
}

/* Set one parameter to a text, or to NULL. */
static void
set_text(Parameters *parameters, int number, const char *value)
{
	set_value(parameters, number, TEXTOID,
			  value == NULL ? (Datum) 0 : CStringGetTextDatum(value));
	if (value == NULL)
		parameters->nulls[number] = 'n';
}

/* Set one parameter to a text[]. */
static void
set_list(Parameters *parameters, int number, List *list)
{
	int			count = list_length(list);
	Datum	   *values = palloc((count + 1) * sizeof(Datum));
	ArrayType  *array;

	for (int i = 0; i < count; i++)
		values[i] = CStringGetTextDatum(list_nth(list, i));
	array = construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT);
	set_value(parameters, number, TEXTARRAYOID, PointerGetDatum(array));
}

/* Names of the classes that are allowed, in the order of the enum. */
static List *
class_names(uint32 bits)
{
	List	   *names = NIL;

	for (int i = 0; i < SFDW_CLASS_COUNT; i++)
		if (bits & (1u << i))
			names = lappend(names, pstrdup(sfdw_class_name((SfdwClass) i)));
	return names;
}

/* The policy's half of a row. */
static void
set_policy(Parameters *parameters, SfdwDataset *dataset)
{
	static const char *const scopes[] = {"none", "inputs", "location"};

	set_list(parameters, STORE_ALLOW, class_names(dataset->allow));
	set_value(parameters, STORE_ACCEPT, JSONBOID,
			  JsonbPGetDatum(dataset->accept));
	set_value(parameters, STORE_REFERENCE_TABLES, JSONBOID,
			  JsonbPGetDatum(dataset->reference_tables));
	set_list(parameters, STORE_FUNCTIONS, dataset->functions);
	set_value(parameters, STORE_DETECTORS, JSONBOID,
			  JsonbPGetDatum(dataset->detectors));
	set_value(parameters, STORE_GATES, JSONBOID,
			  JsonbPGetDatum(dataset->gates));
	set_text(parameters, STORE_POLICY_HASH, dataset->policy_hash);
	set_text(parameters, STORE_PURGE, scopes[dataset->purge]);
	set_value(parameters, STORE_PURGE_AFTER, INTERVALOID,
			  IntervalPGetDatum(dataset->purge_after));
	set_text(parameters, STORE_CONFIRMED_LOCATION, dataset->confirmed_location);
}

/* Every column of a row. */
static void
set_parameters(Parameters *parameters, SfdwDataset *dataset)
{
	set_text(parameters, STORE_NAME, dataset->name);
	set_value(parameters, STORE_VERSION, INT4OID,
			  Int32GetDatum(dataset->version));
	set_text(parameters, STORE_OWNER, dataset->owner_name);
	set_text(parameters, STORE_TARGET_SCHEMA, dataset->target_schema);
	set_text(parameters, STORE_TARGET_NAME, dataset->target_name);
	set_text(parameters, STORE_SOURCE_SCHEMA, dataset->source_schema);
	set_text(parameters, STORE_QUERY, dataset->query);
	set_text(parameters, STORE_DESTINATION, dataset->destination);
	set_text(parameters, STORE_PATH, dataset->path);
	set_text(parameters, STORE_PUBLISH,
			 dataset->publish_versioned ? "versioned" : "inplace");
	set_value(parameters, STORE_KEEP_RUNS, INT4OID,
			  Int32GetDatum(dataset->keep_runs));
	set_list(parameters, STORE_SORTED_BY, dataset->sorted_by);
	set_policy(parameters, dataset);
	set_text(parameters, STORE_EVIDENCE_SERVER, dataset->evidence_server);
}

/* SHARE ROW EXCLUSIVE conflicts with itself and not with row locks. */
void
sfdw_dataset_lock_all(void)
{
	SfdwOwnerScope scope;

	sfdw_owner_enter(&scope);
	(void) sfdw_owner_execute("LOCK TABLE salesforce_fdw.dataset"
							  " IN SHARE ROW EXCLUSIVE MODE", 0, NULL, NULL,
							  NULL);
	sfdw_owner_leave(&scope);
}

/* How many rows a statement about one name gives. */
static uint64
count_by_name(const char *statement, const char *name)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(name);
	SfdwOwnerScope scope;
	uint64		count;

	sfdw_owner_enter(&scope);
	count = sfdw_owner_execute(statement, 1, &type, &value, NULL);
	sfdw_owner_leave(&scope);
	return count;
}

/* Under sfdw_dataset_lock_all. */
bool
sfdw_dataset_exists(const char *name)
{
	return count_by_name("SELECT FROM salesforce_fdw.dataset WHERE name = $1",
						 name) > 0;
}

/* The ledger knows; a run takes no lock that a reader would wait for. */
bool
sfdw_dataset_has_open_run(const char *name)
{
	return count_by_name("SELECT FROM salesforce_fdw.ledger_run"
						 " WHERE dataset = $1 AND is_open", name) > 0;
}

#define INSERT_VERSION \
	"INSERT INTO salesforce_fdw.dataset_version" \
	" SELECT d.name, d.version, to_jsonb(d), d.changed_by, d.changed_at" \
	" FROM salesforce_fdw.dataset AS d WHERE d.name = $1"

/* Every column is written, also those that did not change. */
void
sfdw_dataset_store(SfdwDataset *dataset, bool exists)
{
	Parameters	parameters;
	SfdwOwnerScope scope;

	set_parameters(&parameters, dataset);
	sfdw_owner_enter(&scope);
	(void) sfdw_owner_execute(exists
							  ? "UPDATE salesforce_fdw.dataset SET" COLUMNS_LIST
							  " =" VALUES_LIST " WHERE name = $1"
							  : "INSERT INTO salesforce_fdw.dataset" COLUMNS_LIST
							  " VALUES" VALUES_LIST,
							  STORE_COUNT, parameters.types, parameters.values,
							  parameters.nulls);
	(void) sfdw_owner_execute(INSERT_VERSION, 1, parameters.types,
							  parameters.values, NULL);
	sfdw_owner_leave(&scope);
}

/* Acceptances stay: they say what was published and why. */
void
sfdw_dataset_delete(const char *name)
{
	(void) count_by_name("DELETE FROM salesforce_fdw.dataset WHERE name = $1",
						 name);
}
