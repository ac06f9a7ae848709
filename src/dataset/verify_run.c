/*-------------------------------------------------------------------------
 * verify_run.c
 *		verify(run): whether what the ledger says of a run is still so
 *
 * Looks at the published object byte by byte, at the manifest and the owner's
 * object beside it, at the evidence, at the catalog's table and at the raw
 * locations, and compares them with the ledger;
 * and the ledger with itself.  The manifest was written from the ledger when
 * the run published, so that a row of the ledger which somebody has changed
 * since no longer says the same.  Changes nothing.
 *-------------------------------------------------------------------------
 */
#include "dataset/run_record.h"

#include "core/errors.h"
#include "core/roles.h"
#include "dataset/definition.h"
#include "dataset/digest.h"
#include "dataset/document.h"
#include "dataset/evidence_file.h"
#include "dataset/manifest.h"
#include "dataset/place_owner.h"
#include "dataset/register.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/storage.h"
#include "utils/builtins.h"

#define VERIFY_COLUMNS 4

PG_FUNCTION_INFO_V1(sfdw_sql_verify);

/* What the checks are given, and where their findings go. */
typedef struct Verification
{
	ReturnSetInfo *result;
	SfdwRun    *run;
	bool		is_newest;		/* no later run has published */
	SfdwStorage *storage;		/* of the destination */
} Verification;

/* One finding: detail NULL means that it is as the ledger says. */
static void
put(Verification *verification, const char *item, const char *subject,
	const char *verdict, const char *detail)
{
	Datum		values[VERIFY_COLUMNS] = {
		CStringGetTextDatum(item), CStringGetTextDatum(subject),
		CStringGetTextDatum(verdict),
		detail == NULL ? (Datum) 0 : CStringGetTextDatum(detail)
	};
	bool		nulls[VERIFY_COLUMNS] = {false, false, false, detail == NULL};

	tuplestore_putvalues(verification->result->setResult,
						 verification->result->setDesc, values, nulls);
}

/* Whether the object is what the run published, by its bytes. */
static void
check_bytes(Verification *verification, const char *url, SfdwVersion *found)
{
	SfdwRun    *run = verification->run;
	char	   *digest = sfdw_digest_object(verification->storage,
											run->target_key, found->version_id);

	if (strcmp(digest, run->file_sha256) != 0)
		put(verification, "output", url, "differs",
			psprintf("version \"%s\" has SHA-256 %s", found->version_id, digest));
	else if (run->published_version == NULL ||
			 strcmp(found->version_id, run->published_version) != 0)
		put(verification, "output", url, "ok",
			psprintf("the same bytes as version \"%s\"", found->version_id));
	else
		put(verification, "output", url, "ok", NULL);
}

/* Whether a listing has a version. */
static bool
is_listed(List *versions, const char *key, const char *version_id)
{
	ListCell   *cell;

	foreach(cell, versions)
	{
		SfdwVersion *version = lfirst(cell);

		if (strcmp(version->key, key) == 0 &&
			strcmp(version->version_id, version_id) == 0)
			return true;
	}
	return false;
}

/* When the run's own object was deleted because it was kept no longer. */
static char *
deleted_at(SfdwRun *run)
{
	SfdwParam	params[] = {sfdw_param_text(run->id)};
	SfdwRows	rows;

	rows = sfdw_ledger_read("SELECT deleted FROM salesforce_fdw.ledger_output"
							" WHERE run = $1::uuid AND kind = 'published'"
							" AND deleted IS NOT NULL", lengthof(params), params);
	return rows.count == 0 ? NULL : rows.values[0][0];
}

/* Whether nothing is back of an object that was kept no longer, or retracted. */
static void
check_deleted(Verification *verification, const char *url, const char *deleted)
{
	SfdwParam	params[] = {sfdw_param_text(verification->run->id)};
	SfdwRows	rows;
	List	   *versions = sfdw_storage_list(verification->storage,
											 verification->run->target_key);

	rows = sfdw_ledger_read("SELECT key, version_id"
							" FROM salesforce_fdw.ledger_output"
							" WHERE run = $1::uuid AND kind = 'published'",
							lengthof(params), params);
	for (int i = 0; i < rows.count; i++)
		if (is_listed(versions, rows.values[i][0], rows.values[i][1]))
		{
			put(verification, "output", url, "returned",
				psprintf("version \"%s\" was deleted, and is there",
						 rows.values[i][1]));
			return;
		}
	put(verification, "output", url, "ok", psprintf("deleted %s", deleted));
}

/* The published object. */
static void
check_output(Verification *verification)
{
	SfdwRun    *run = verification->run;
	const char *url = sfdw_storage_url(verification->storage, run->target_key);
	SfdwVersion *found;
	char	   *deleted;

	deleted = deleted_at(run);
	if (deleted != NULL)
	{
		check_deleted(verification, url, deleted);
		return;
	}
	if (!sfdw_run_is_versioned(run) && !verification->is_newest)
	{
		put(verification, "output", url, "ok", "a later run has replaced it");
		return;
	}
	found = sfdw_storage_find(verification->storage, run->target_key);
	if (found != NULL)
		check_bytes(verification, url, found);
	else
		put(verification, "output", url, "missing", NULL);
}

/* The manifest of the run, against the ledger as it is now. */
static void
check_manifest(Verification *verification)
{
	SfdwRun    *run = verification->run;
	char	   *folder = sfdw_run_folder(run);
	char	   *stored;
	char	   *difference;

	if ((!sfdw_run_is_versioned(run) && !verification->is_newest) ||
		deleted_at(run) != NULL)
		return;
	stored = sfdw_manifest_stored(verification->storage, folder);
	if (stored == NULL)
	{
		put(verification, "manifest", sfdw_storage_url(verification->storage, folder),
			"missing", NULL);
		return;
	}
	difference = sfdw_document_difference(stored, sfdw_manifest_text(run),
										  "manifest");
	put(verification, "manifest", sfdw_storage_url(verification->storage, folder),
		difference == NULL ? "ok" : "differs", difference == NULL ? NULL :
		psprintf("the manifest and the ledger differ in: %s", difference));
}

/* Whether another database, or a later state of this one, ran it. */
static bool
is_adopted(SfdwRun *run)
{
	SfdwParam	params[] = {sfdw_param_text(run->id)};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_run r"
							" WHERE r.run = $1::uuid AND r.adopted IS NOT NULL",
							lengthof(params), params).count > 0;
}

/* The evidence of the run, against what was written and the ledger. */
static void
check_evidence(Verification *verification)
{
	SfdwEvidenceVerdict verdict;

	if (is_adopted(verification->run))
		return;
	if (!sfdw_evidence_verify(verification->run->id, &verdict))
		put(verification, "evidence", verification->run->id, "missing",
			"none was written yet");
	else
		put(verification, "evidence", verdict.url, verdict.verdict,
			verdict.detail);
}

/* Who owns the place where the newest run has published. */
static void
check_owner(Verification *verification)
{
	SfdwPlace  *place;
	char	   *url;
	char	   *detail;
	bool		is_missing = false;

	if (!verification->is_newest)
		return;
	place = sfdw_place_of_run(verification->run, SFDW_STORAGE_READ);
	url = sfdw_storage_url(place->storage, sfdw_place_owner_key(place));
	detail = sfdw_place_difference(place, &is_missing);
	if (detail == NULL)
		detail = sfdw_place_problem(place);
	put(verification, "owner", url, is_missing ? "missing" :
		detail == NULL ? "ok" : "differs", detail);
}

/* The catalog's table, which follows the newest run. */
static void
check_catalog(Verification *verification)
{
	char	   *difference;

	if (!verification->is_newest || deleted_at(verification->run) != NULL)
		return;
	difference = sfdw_register_difference(verification->run);
	put(verification, "catalog", verification->run->dataset,
		difference == NULL ? "ok" : "differs", difference);
}

/* Versions that were proved gone, of one server. */
static SfdwRows
proved_versions(SfdwRun *run, const char *server)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->id),
		sfdw_param_text(server)
	};

	return sfdw_ledger_read("SELECT key, version_id"
							" FROM salesforce_fdw.ledger_input"
							" WHERE run = $1::uuid AND server = $2"
							" AND purge_proved IS NOT NULL"
							" AND purge_outcome IN ('deleted', 'gone')"
							" ORDER BY key, version_id", lengthof(params), params);
}

/* The raw location of one server: nothing that went may be back. */
static void
check_purged(Verification *verification, const char *server)
{
	SfdwRows	proved = proved_versions(verification->run, server);
	SfdwStorage *storage;
	List	   *versions;
	int			returned = 0;

	if (proved.count == 0)
		return;
	storage = sfdw_storage_open(get_foreign_server_oid(server, false),
								GetUserId(), SFDW_STORAGE_READ);
	versions = sfdw_storage_list(storage, "");
	for (int i = 0; i < proved.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_listed(versions, proved.values[i][0], proved.values[i][1]))
			continue;
		returned++;
		put(verification, "purge", sfdw_storage_url(storage, proved.values[i][0]),
			"returned", psprintf("version \"%s\" was purged, and is there",
								 proved.values[i][1]));
	}
	if (returned == 0)
		put(verification, "purge", storage->location, "ok",
			psprintf("%d versions were purged, and none is there", proved.count));
}

/* Every raw location of which the run has purged something. */
static void
check_purge(Verification *verification)
{
	SfdwParam	params[] = {sfdw_param_text(verification->run->id)};
	SfdwRows	servers;

	servers = sfdw_ledger_read("SELECT DISTINCT server"
							   " FROM salesforce_fdw.ledger_input"
							   " WHERE run = $1::uuid ORDER BY 1",
							   lengthof(params), params);
	for (int i = 0; i < servers.count; i++)
		check_purged(verification, servers.values[i][0]);
}

/* Statements about a run that give no row when the ledger agrees with itself. */
static const struct
{
	const char *subject;
	const char *statement;
}			ledger_checks[] =
{
	{"state",
		"SELECT 'no event says that it came to state ' || r.state"
		" FROM salesforce_fdw.ledger_run r WHERE r.run = $1::uuid"
	" AND NOT EXISTS (SELECT FROM salesforce_fdw.ledger_event e WHERE e.run = r.run AND e.event = r.state)"},
	{"purge",
		"SELECT count(*) || ' versions of a closed run have no proof'"
		" FROM salesforce_fdw.ledger_input i JOIN salesforce_fdw.ledger_run r USING (run)"
		" WHERE r.run = $1::uuid AND r.state = 'closed' AND i.purge_proved IS NULL"
	" AND i.purge_outcome IS NOT NULL AND i.purge_outcome <> 'kept' HAVING count(*) > 0"},
	{"columns",
		"SELECT 'a refused column was published: ' || string_agg(l.relation || '.' || l.column_name, ', ')"
		" FROM salesforce_fdw.ledger_lineage l"
	" WHERE l.run = $1::uuid AND l.verdict = 'refused' HAVING count(*) > 0"},
	{"acceptances",
		"SELECT 'nobody accepted: ' || string_agg(l.object || '.' || l.field, ', ')"
		" FROM salesforce_fdw.ledger_lineage l JOIN salesforce_fdw.ledger_run r USING (run)"
		" WHERE l.run = $1::uuid AND l.verdict = 'accepted' AND NOT EXISTS (SELECT"
		"  FROM salesforce_fdw.dataset_acceptance a WHERE a.dataset = r.dataset"
		"  AND a.policy_hash = r.definition ->> 'policy_hash'"
	"  AND lower(a.field) = lower(l.object || '.' || l.field)) HAVING count(*) > 0"},
	{"findings",
		"SELECT 'a finding that refuses was published: ' || string_agg(f.name, ', ')"
		" FROM salesforce_fdw.ledger_finding f"
	" WHERE f.run = $1::uuid AND f.action = 'refuse' HAVING count(*) > 0"},
};

/* The ledger against itself. */
static void
check_ledger(Verification *verification)
{
	SfdwParam	params[] = {sfdw_param_text(verification->run->id)};

	for (int i = 0; i < (int) lengthof(ledger_checks); i++)
	{
		SfdwRows	rows = sfdw_ledger_read(ledger_checks[i].statement,
											lengthof(params), params);

		put(verification, "ledger", ledger_checks[i].subject,
			rows.count == 0 ? "ok" : "differs",
			rows.count == 0 ? NULL : rows.values[0][0]);
	}
}

/* Whether no later run of the data set has published. */
static bool
is_newest(SfdwRun *run)
{
	SfdwParam	params[] = {
		sfdw_param_text(run->dataset),
		sfdw_param_text(run->id)
	};

	return sfdw_ledger_read("SELECT FROM salesforce_fdw.ledger_run n"
							" WHERE n.dataset = $1 AND n.is_published"
							" AND n.number > (SELECT r.number"
							"  FROM salesforce_fdw.ledger_run r"
							"  WHERE r.run = $2::uuid)",
							lengthof(params), params).count == 0;
}

/* Whoever audits, or owns the data set. */
static void
require_verifier(SfdwRun *run)
{
	if (!sfdw_role_has(GetUserId(), SFDW_ROLE_AUDIT))
		sfdw_run_require_owner(run, GetUserId());
}

/* What needs storage or catalog needs rights on them as well. */
Datum
sfdw_sql_verify(PG_FUNCTION_ARGS)
{
	char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out,
														 PG_GETARG_DATUM(0)));
	Verification verification = {(ReturnSetInfo *) fcinfo->resultinfo};
	SfdwRun    *run = sfdw_run_load(id);

	require_verifier(run);
	if (run->published_version == NULL || run->file_sha256 == NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("run \"%s\" has not published anything", id));
	InitMaterializedSRF(fcinfo, 0);
	verification.run = run;
	verification.is_newest = is_newest(run);
	verification.storage =
		sfdw_storage_open(get_foreign_server_oid(run->destination, false),
						  GetUserId(), SFDW_STORAGE_READ);
	check_ledger(&verification);
	check_output(&verification);
	check_manifest(&verification);
	check_evidence(&verification);
	check_owner(&verification);
	check_catalog(&verification);
	check_purge(&verification);
	return (Datum) 0;
}
