/*-------------------------------------------------------------------------
 * acceptance.c
 *		Who accepted what, and under which policy
 *
 * Knows the tables salesforce_fdw.dataset_acceptance and dataset_policy.
 *-------------------------------------------------------------------------
 */
#include "dataset/acceptance.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_type.h"
#include "core/roles.h"
#include "dataset/gate_classes.h"
#include "dataset/owner.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

/* A list of char * as a text[] datum. */
static Datum
text_array(List *list)
{
	Datum	   *values = palloc((list_length(list) + 1) * sizeof(Datum));
	ListCell   *cell;

	foreach(cell, list)
		values[foreach_current_index(cell)] = CStringGetTextDatum(lfirst(cell));
	return PointerGetDatum(construct_array(values, list_length(list), TEXTOID,
										   -1, false, TYPALIGN_INT));
}

/* The first column of so many rows, as a list of char * of the caller's. */
static List *
first_column(SfdwOwnerScope *scope, uint64 count)
{
	MemoryContext old = MemoryContextSwitchTo(scope->caller_context);
	List	   *list = NIL;

	for (uint64 i = 0; i < count; i++)
		list = lappend(list, SPI_getvalue(SPI_tuptable->vals[i],
										  SPI_tuptable->tupdesc, 1));
	MemoryContextSwitchTo(old);
	return list;
}

/* Read as the owner: a run need not have rights on the table. */
List *
sfdw_acceptance_fields(const char *dataset, const char *hash)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(dataset), CStringGetTextDatum(hash)};
	SfdwOwnerScope scope;
	List	   *fields;

	sfdw_owner_enter(&scope);
	fields = first_column(&scope,
						  sfdw_owner_execute("SELECT DISTINCT field"
											 " FROM salesforce_fdw.dataset_acceptance"
											 " WHERE dataset = $1 AND policy_hash = $2",
											 lengthof(types), types, values, NULL));
	sfdw_owner_leave(&scope);
	return fields;
}

/* One row of an acceptance; the first one under a hash stays. */
static void
record_one(SfdwGate *gate, const char *field, const char *reason,
		   const char *remark)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};
	Datum		values[] = {
		CStringGetTextDatum(gate->dataset->name),
		CStringGetTextDatum(gate->policy_hash),
		CStringGetTextDatum(field), CStringGetTextDatum(reason),
		remark == NULL ? (Datum) 0 : CStringGetTextDatum(remark)
	};

	(void) sfdw_owner_execute("INSERT INTO salesforce_fdw.dataset_acceptance"
							  " (dataset, policy_hash, field, reason, remark,"
							  " accepted_by, accepted_at)"
							  " SELECT $1, $2, $3, $4, $5, session_user, now()"
							  " WHERE NOT EXISTS (SELECT"
							  " FROM salesforce_fdw.dataset_acceptance"
							  " WHERE dataset = $1 AND policy_hash = $2"
							  " AND field = $3)",
							  lengthof(types), types, values,
							  remark == NULL ? "    n" : NULL);
}

/* The parts of the policy, so that it can be told later what has changed. */
static void
record_policy(SfdwGate *gate)
{
	Oid			types[] = {TEXTOID, TEXTARRAYOID};
	Datum		values[] = {
		CStringGetTextDatum(gate->policy_hash), text_array(gate->policy)
	};

	(void) sfdw_owner_execute("INSERT INTO salesforce_fdw.dataset_policy"
							  " (policy_hash, parts) VALUES ($1, $2)"
							  " ON CONFLICT DO NOTHING",
							  lengthof(types), types, values, NULL);
}

/* Columns that nothing lets pass are recorded too: it says what was tried. */
void
sfdw_acceptance_record(SfdwGate *gate, const char *remark)
{
	SfdwOwnerScope scope;
	ListCell   *cell;

	sfdw_owner_enter(&scope);
	record_policy(gate);
	foreach(cell, gate->lineage)
	{
		char	   *field = sfdw_gate_field_name(lfirst(cell));
		char	   *reason = sfdw_gate_reason_of(gate->dataset, field);

		if (reason != NULL)
			record_one(gate, field, reason, remark);
	}
	sfdw_owner_leave(&scope);
}

#define SELECT_CHANGES \
	"WITH before AS (SELECT part, number FROM (SELECT p.parts" \
	"   FROM salesforce_fdw.dataset_acceptance a" \
	"   JOIN salesforce_fdw.dataset_policy p USING (policy_hash)" \
	"   WHERE a.dataset = $1 ORDER BY a.accepted_at DESC LIMIT 1) AS l," \
	"   unnest(l.parts) WITH ORDINALITY AS u (part, number))," \
	" after AS (SELECT part, number FROM unnest($2) WITH ORDINALITY AS u (part, number))" \
	" SELECT line FROM (SELECT '- ' || part AS line, number, 1 AS side FROM before" \
	"   WHERE part NOT IN (SELECT part FROM after)" \
	"  UNION ALL SELECT '+ ' || part, number, 2 FROM after" \
	"   WHERE part NOT IN (SELECT part FROM before)" \
	"    AND EXISTS (SELECT FROM before)) AS c ORDER BY number, side, line"

/* Lines that only moved are no change that can be shown. */
List *
sfdw_acceptance_changes(SfdwGate *gate)
{
	Oid			types[] = {TEXTOID, TEXTARRAYOID};
	Datum		values[] = {
		CStringGetTextDatum(gate->dataset->name), text_array(gate->policy)
	};
	SfdwOwnerScope scope;
	List	   *lines;

	sfdw_owner_enter(&scope);
	lines = first_column(&scope,
						 sfdw_owner_execute(SELECT_CHANGES, lengthof(types),
											types, values, NULL));
	sfdw_owner_leave(&scope);
	return lines;
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
bool
sfdw_acceptance_is_steward(Oid user)
{
	Oid			steward = get_role_oid(SFDW_ROLE_STEWARD, true);

	return !OidIsValid(steward) || !has_members(steward) ||
		is_member_of_role_nosuper(user, steward);
}

/* Stewards accept for everybody; where there are none, the owner does. */
void
sfdw_acceptance_require(SfdwDataset *dataset, const char *reason)
{
	Oid			user = GetUserId();

	if (!sfdw_acceptance_is_steward(user))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("permission denied to accept columns"),
				errdetail("Role \"%s\" has members, so only they can accept.",
						  SFDW_ROLE_STEWARD));
	if (strspn(reason, " \t\n") == strlen(reason))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("an acceptance needs a reason"));
	if (sfdw_role_has(user, SFDW_ROLE_STEWARD))
		return;
	sfdw_role_require(user, SFDW_ROLE_POLICY, "accept columns");
	sfdw_dataset_require_owner(dataset, user);
}
