/*-------------------------------------------------------------------------
 * purge_plan.c
 *		What a purge would delete, and what would stay, and why
 *
 * Knows the rules of purge.c as questions about one version; deletes nothing.
 *-------------------------------------------------------------------------
 */
#include "dataset/purge_plan.h"

#include "dataset/inputs.h"
#include "dataset/ledger.h"
#include "dataset/purge_refusal.h"
#include "dataset/purge_settle.h"
#include "dataset/readers.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sfdw_sql_purge_plan);

/* Columns of purge_plan(). */
#define PLAN_COLUMNS 8

/* What the questions about the versions of one server are asked with. */
typedef struct Planner
{
	SfdwDataset *dataset;
	List	   *objects;
	List	   *readers;
	SfdwListing *listing;
	char	   *refusal;		/* why nothing of this server is deleted */
	SfdwRows	listed;			/* by published runs: key, version, run, when */
} Planner;

/* The word for a verdict. */
const char *
sfdw_purge_verdict_name(SfdwPurgeVerdict verdict)
{
	static const char *const names[] = {
		[SFDW_PURGE_DELETE] = "delete",
		[SFDW_PURGE_LATER] = "later",
		[SFDW_PURGE_KEEP] = "keep",
	};

	return names[verdict];
}

/* What published runs have listed of a server, and when it may go. */
static SfdwRows
find_listed(const char *dataset, const char *server)
{
	SfdwParam	params[] = {
		sfdw_param_text(dataset),
		sfdw_param_text(server)
	};

	return sfdw_ledger_read("SELECT DISTINCT ON (i.key COLLATE \"C\","
							"  i.version_id COLLATE \"C\")"
							" i.key, i.version_id, r.run,"
							" r.registered_at + d.purge_after"
							"  > clock_timestamp()"
							" FROM salesforce_fdw.ledger_input i"
							" JOIN salesforce_fdw.ledger_run r ON r.run = i.run"
							" JOIN salesforce_fdw.dataset d ON d.name = r.dataset"
							" WHERE r.dataset = $1 AND i.server = $2"
							" AND r.state IN " SFDW_PURGE_STATES
							" ORDER BY i.key COLLATE \"C\","
							"  i.version_id COLLATE \"C\", r.number",
							lengthof(params), params);
}

/* The row of a version among those listed, or NULL. */
static char **
find_row(const SfdwRows *listed, const SfdwVersion *version)
{
	const char *keys[] = {version->key, version->version_id};

	return sfdw_rows_find(listed, keys, lengthof(keys));
}

/* Why a version stays whatever is published, or NULL. */
static char *
reason_to_keep(Planner *planner, const SfdwVersion *version)
{
	if (planner->dataset->purge == SFDW_PURGE_NONE)
		return "the data set purges nothing";
	if (planner->dataset->purge == SFDW_PURGE_INPUTS &&
		sfdw_inputs_find(planner->objects, planner->listing->server,
						 version->key) == NULL)
		return "the data set does not read this object";
	if (planner->refusal != NULL)
		return planner->refusal;
	return sfdw_readers_need(planner->readers, planner->listing->storage,
							 version);
}

/* What becomes of one version. */
static SfdwPlannedVersion *
plan_version(Planner *planner, SfdwVersion *version)
{
	SfdwPlannedVersion *planned = palloc0(sizeof(SfdwPlannedVersion));
	char	  **row = find_row(&planner->listed, version);

	planned->server = planner->listing->server_name;
	planned->version = version;
	planned->reason = reason_to_keep(planner, version);
	if (planned->reason != NULL)
	{
		planned->verdict = SFDW_PURGE_KEEP;
		return planned;
	}
	planned->verdict = row != NULL && row[3][0] == 'f' ? SFDW_PURGE_DELETE :
		SFDW_PURGE_LATER;
	planned->reason = row == NULL ?
		"once a run that lists it is published" :
		psprintf("listed by published run %s%s", row[2],
				 row[3][0] == 't' ? ", deferred by purge_after" : "");
	return planned;
}

/* Every version there is. */
List *
sfdw_purge_plan(SfdwDataset *dataset, List *objects, List *listings)
{
	Planner		planner = {dataset, objects};
	const char *reason;
	List	   *plan = NIL;
	ListCell   *cell;
	ListCell   *inner;

	planner.readers = sfdw_readers_besides(dataset->name);
	foreach(cell, listings)
	{
		planner.listing = lfirst(cell);
		planner.refusal = sfdw_purge_refusal(dataset,
											 planner.listing->server_name,
											 planner.listing->storage->location,
											 &reason);
		planner.listed = find_listed(dataset->name,
									 planner.listing->server_name);
		foreach(inner, planner.listing->versions)
			plan = lappend(plan, plan_version(&planner, lfirst(inner)));
	}
	return plan;
}

/* purge_plan(name): one row a version. */
Datum
sfdw_sql_purge_plan(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SfdwDataset *dataset = sfdw_dataset_load(text_to_cstring(PG_GETARG_TEXT_PP(0)),
											 false);
	List	   *objects;
	List	   *listings;
	ListCell   *cell;

	sfdw_dataset_require_owner(dataset, GetUserId());
	InitMaterializedSRF(fcinfo, 0);
	objects = sfdw_inputs_of(sfdw_gate_examine(dataset)->objects.inputs);
	listings = sfdw_inputs_list(objects, GetUserId(), SFDW_STORAGE_READ);
	foreach(cell, sfdw_purge_plan(dataset, objects, listings))
	{
		SfdwPlannedVersion *planned = lfirst(cell);
		SfdwVersion *version = planned->version;
		Datum		values[PLAN_COLUMNS] = {
			CStringGetTextDatum(planned->server),
			CStringGetTextDatum(version->key),
			CStringGetTextDatum(version->version_id),
			Int64GetDatum(version->size),
			TimestampTzGetDatum(version->last_modified),
			BoolGetDatum(version->is_delete_marker),
			CStringGetTextDatum(sfdw_purge_verdict_name(planned->verdict)),
			CStringGetTextDatum(planned->reason)
		};
		bool		nulls[PLAN_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
