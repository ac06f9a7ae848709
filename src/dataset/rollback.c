/*-------------------------------------------------------------------------
 * rollback.c
 *		SQL: let readers see what an earlier run has published
 *
 * In versions, the catalog's table goes back to that run's folder.  In place,
 * that run's version of the object is promoted onto the final key again, on
 * condition that it still holds what a run of the data set has put there.
 *
 * Each step is one conditional change from outside, and does nothing when it
 * was done before: after a crash the same call comes to the same end.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "core/roles.h"
#include "dataset/definition.h"
#include "dataset/place_owner.h"
#include "dataset/publish.h"
#include "dataset/register.h"
#include "dataset/run_lock.h"
#include "dataset/run_record.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(sfdw_sql_rollback);

/* Raise because a run cannot be gone back to. */
static void
refuse(const char *id, const char *why, const char *hint)
{
	ereport(ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg("cannot roll back to run \"%s\": %s", id, why),
			hint == NULL ? 0 : errhint("%s", hint));
}

/* Raise unless the run is one that readers have seen, and none is open. */
static void
check_run(SfdwDataset *dataset, SfdwRun *run)
{
	SfdwRun    *open = sfdw_run_load_open(dataset->name);

	if (strcmp(run->dataset, dataset->name) != 0)
		refuse(run->id, "it is another data set's", NULL);
	if (open != NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("run \"%s\" of data set \"%s\" is open", open->id,
					   dataset->name),
				errhint("Finish it: CALL salesforce_fdw.run(%s);",
						quote_literal_cstr(dataset->name)));
	if (run->state != SFDW_RUN_CLOSED && run->state != SFDW_RUN_PURGE_PENDING)
		refuse(run->id, "it has published nothing", NULL);
	if (strcmp(run->destination, dataset->destination) != 0)
		refuse(run->id, "it has published to another destination", NULL);
}

/* rollback(name, run): let readers see that run's rows. */
Datum
sfdw_sql_rollback(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out,
														 PG_GETARG_DATUM(1)));
	SfdwDataset *dataset;
	SfdwRun    *run;

	PreventCommandIfReadOnly("salesforce_fdw.rollback()");
	sfdw_role_require(GetUserId(), SFDW_ROLE_WRITE,
					  psprintf("roll back data set \"%s\"", name));
	dataset = sfdw_dataset_load(name, false);
	sfdw_dataset_require_owner(dataset, GetUserId());
	sfdw_run_lock_exclude(name);
	run = sfdw_run_load(id);
	check_run(dataset, run);
	sfdw_place_require(sfdw_place_of_run(run, SFDW_STORAGE_WRITE));
	if (!sfdw_publish_again(run))
		refuse(id, "its object is no longer there",
			   "Data sets that publish in versions keep the objects of their last runs.");
	sfdw_register_again(run);
	sfdw_run_event(name, id, "rolled_back", NULL);
	PG_RETURN_VOID();
}
