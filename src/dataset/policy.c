/*-------------------------------------------------------------------------
 * policy.c
 *		What an acceptance covers, and who accepted what
 *
 * Knows the table salesforce_fdw.dataset_acceptance.
 *-------------------------------------------------------------------------
 */
#include "dataset/policy.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_type.h"
#include "core/roles.h"
#include "dataset/gate_classes.h"
#include "dataset/gate_refuse.h"
#include "dataset/owner.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parquet/sha256.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

/* Append a part with its name and length, so that no two policies look alike. */
static void
append_part(StringInfo text, const char *name, const char *value)
{
	appendStringInfo(text, "%s %zu:%s\n", name, strlen(value), value);
}

/*
 * The query as PostgreSQL prints it with every name qualified.  The view may
 * have been made by this very command, so the snapshot must be a new one.
 */
static char *
bound_query(Oid view)
{
	int			level = sfdw_owner_plain_search_path();
	Datum		query;

	PushActiveSnapshot(GetTransactionSnapshot());
	query = DirectFunctionCall1(pg_get_viewdef, ObjectIdGetDatum(view));
	PopActiveSnapshot();
	AtEOXact_GUC(true, level);
	return TextDatumGetCString(query);
}

/* jsonb prints the same for equal values. */
static void
append_json(StringInfo text, const char *name, Jsonb *json)
{
	append_part(text, name, JsonbToCString(NULL, &json->root,
										   VARSIZE(json)));
}

/*
 * The definition and every view that it reads; the first is the definition's
 * own, whose name does not matter.
 */
static void
append_views(StringInfo text, List *views)
{
	ListCell   *cell;

	foreach(cell, views)
	{
		if (foreach_current_index(cell) > 0)
			append_part(text, "view", sfdw_gate_relation_name(lfirst_oid(cell)));
		append_part(text, "query", bound_query(lfirst_oid(cell)));
	}
}

/* What is touched, what it is, and whether transforms alone see it. */
static void
append_columns(StringInfo text, List *lineage)
{
	ListCell   *cell;

	foreach(cell, lineage)
	{
		SfdwLineage *entry = lfirst(cell);

		append_part(text, entry->is_bare ? "column" : "transformed column",
					psprintf("%s.%s %s %s", entry->relation, entry->column_name,
							 sfdw_gate_field_name(entry),
							 sfdw_class_name(entry->class)));
	}
}

/* Everything that the hash covers, in a fixed order. */
static char *
policy_text(SfdwGate *gate)
{
	SfdwDataset *dataset = gate->dataset;
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	append_views(&text, gate->objects.views);
	append_columns(&text, gate->lineage);
	append_part(&text, "allow", psprintf("%u", dataset->allow));
	append_json(&text, "accept", dataset->accept);
	append_json(&text, "detectors", dataset->detectors);
	foreach(cell, dataset->functions)
		append_part(&text, "function", lfirst(cell));
	append_json(&text, "reference_tables", dataset->reference_tables);
	return text.data;
}

/* The class of a column counts, so the lineage must be described already. */
char *
sfdw_policy_hash(SfdwGate *gate)
{
	char	   *text = policy_text(gate);
	SfdwSha256 *digest = sfdw_sha256_create();
	char		hash[SFDW_SHA256_TEXT_SIZE];

	sfdw_sha256_update(digest, text, strlen(text));
	sfdw_sha256_finish(digest, hash);
	return pstrdup(hash);
}

/* Read as the owner: a run need not have rights on the table. */
List *
sfdw_policy_accepted(const char *dataset, const char *hash)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(dataset), CStringGetTextDatum(hash)};
	List	   *fields = NIL;
	SfdwOwnerScope scope;
	uint64		count;

	sfdw_owner_enter(&scope);
	count = sfdw_owner_execute("SELECT DISTINCT field"
							   " FROM salesforce_fdw.dataset_acceptance"
							   " WHERE dataset = $1 AND policy_hash = $2",
							   lengthof(types), types, values, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		char	   *field = SPI_getvalue(SPI_tuptable->vals[i],
										 SPI_tuptable->tupdesc, 1);
		MemoryContext old = MemoryContextSwitchTo(scope.caller_context);

		fields = lappend(fields, pstrdup(field));
		MemoryContextSwitchTo(old);
	}
	sfdw_owner_leave(&scope);
	return fields;
}

/* One row of an acceptance; the first one under a hash stays. */
static void
record_one(SfdwDataset *dataset, const char *hash, const char *field,
		   const char *reason)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID};
	Datum		values[] = {
		CStringGetTextDatum(dataset->name), CStringGetTextDatum(hash),
		CStringGetTextDatum(field), CStringGetTextDatum(reason)
	};

	(void) sfdw_owner_execute("INSERT INTO salesforce_fdw.dataset_acceptance"
							  " (dataset, policy_hash, field, reason,"
							  " accepted_by, accepted_at)"
							  " SELECT $1, $2, $3, $4, session_user, now()"
							  " WHERE NOT EXISTS (SELECT"
							  " FROM salesforce_fdw.dataset_acceptance"
							  " WHERE dataset = $1 AND policy_hash = $2"
							  " AND field = $3)",
							  lengthof(types), types, values, NULL);
}

/* Columns that nothing lets pass are recorded too: it says what was tried. */
void
sfdw_policy_record(SfdwDataset *dataset, const char *hash, List *lineage)
{
	SfdwOwnerScope scope;
	ListCell   *cell;

	sfdw_owner_enter(&scope);
	foreach(cell, lineage)
	{
		char	   *field = sfdw_gate_field_name(lfirst(cell));
		char	   *reason = sfdw_gate_reason_of(dataset, field);

		if (reason != NULL)
			record_one(dataset, hash, field, reason);
	}
	sfdw_owner_leave(&scope);
}

/* Whether anybody was made a member of the role. */
static bool
has_members(Oid role)
{
	Relation	catalog = table_open(AuthMemRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	bool		found;

	ScanKeyInit(&key, Anum_pg_auth_members_roleid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(role));
	scan = systable_beginscan(catalog, AuthMemRoleMemIndexId, true, NULL, 1,
							  &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

/* Not even a superuser accepts for the stewards, unless made one of them. */
void
sfdw_policy_require_steward(Oid user)
{
	Oid			steward = get_role_oid(SFDW_ROLE_STEWARD, true);

	if (!OidIsValid(steward) || !has_members(steward) ||
		is_member_of_role_nosuper(user, steward))
		return;
	ereport(ERROR,
			errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			errmsg("permission denied to accept columns"),
			errdetail("Role \"%s\" has members, so only they can accept.",
					  SFDW_ROLE_STEWARD));
}
