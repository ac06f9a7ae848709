/*-------------------------------------------------------------------------
 * definition_sql.c
 *		create_dataset, alter_dataset, drop_dataset
 *
 * Each checks the caller's role, keeps other writers out, makes or drops
 * objects as the caller, and writes the row as the extension's owner, all in
 * the caller's transaction.  Knows the order of these steps, and no rule.
 *-------------------------------------------------------------------------
 */
#include "dataset/definition.h"

#include "access/xact.h"
#include "core/roles.h"
#include "dataset/acceptance.h"
#include "dataset/definition_arguments.h"
#include "dataset/definition_check.h"
#include "dataset/definition_objects.h"
#include "dataset/definition_store.h"
#include "dataset/gate.h"
#include "dataset/schedule.h"
#include "dataset/sweep.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sfdw_sql_create_dataset);
PG_FUNCTION_INFO_V1(sfdw_sql_alter_dataset);
PG_FUNCTION_INFO_V1(sfdw_sql_drop_dataset);

/* Take the query as it was typed. */
static void
take_own_query(SfdwDataset *dataset, SfdwDatasetArguments *arguments)
{
	if (arguments->source_schema != NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("parameters \"query\" and \"source_schema\" exclude each other"),
				errdetail("A source schema is filled into a definition that the extension ships."));
	dataset->query = arguments->query;
	dataset->source_schema = NULL;
}

/* Take the query that is shipped under the data set's name. */
static SfdwShipped *
take_shipped(SfdwDataset *dataset, SfdwDatasetArguments *arguments, bool renew)
{
	SfdwShipped *shipped;

	if (arguments->source_schema != NULL)
		dataset->source_schema = arguments->source_schema;
	shipped = sfdw_dataset_shipped(dataset, dataset->source_schema == NULL
								   ? "" : dataset->source_schema, renew);
	if (shipped == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("no definition is shipped under the name \"%s\"",
					   dataset->name),
				errhint("Pass the query as parameter \"query\"."));
	if (dataset->source_schema == NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("the shipped definition \"%s\" needs a source schema",
					   dataset->name),
				errhint("Pass the schema of its foreign tables as parameter \"source_schema\"."));
	dataset->query = shipped->query;
	dataset->gates = shipped->gates;
	return shipped;
}

/* Raw files are deleted by whoever may delete, and said so. */
static void
check_purge(SfdwDataset *dataset, SfdwGate *gate, const char *confirm)
{
	if (confirm != NULL)
		dataset->confirmed_location = pstrdup(confirm);
	if (dataset->purge != SFDW_PURGE_NONE)
		sfdw_role_require(GetUserId(), SFDW_ROLE_PURGE, "switch on purging");
	sfdw_dataset_check_purge(dataset, gate);
}

/* Ask the stewards for what only they can do. */
static void
ask_stewards(SfdwDataset *dataset, SfdwGate *gate)
{
	ereport(NOTICE,
			errmsg("the columns wait for a member of role \"%s\" to accept them",
				   SFDW_ROLE_STEWARD),
			errhint("SELECT salesforce_fdw.accept_dataset(%s, %s, 'REASON');",
					quote_literal_cstr(dataset->name),
					quote_literal_cstr(gate->policy_hash)));
}

/* Record the acceptances that came with this call. */
static void
accept_columns(SfdwDataset *dataset, SfdwGate *gate,
			   SfdwDatasetArguments *arguments)
{
	if (!arguments->accept_given)
		return;
	sfdw_dataset_check_accept(dataset, gate);
	if (JB_ROOT_COUNT(dataset->accept) == 0)
		return;
	if (sfdw_acceptance_is_steward(GetUserId()))
		sfdw_acceptance_record(gate, NULL);
	else
		ask_stewards(dataset, gate);
}

/* A check that the gate refuses would stop every run. */
static void
examine_checks(SfdwDataset *dataset, SfdwGate *gate)
{
	ListCell   *cell;

	foreach(cell, sfdw_dataset_checks(dataset))
	{
		SfdwCheck  *check = lfirst(cell);

		(void) sfdw_gate_examine_check(gate, check->name, check->query);
	}
}

/* The view stands: judge it, make the target, check the rest, write the row. */
static void
finish_definition(SfdwDataset *dataset, SfdwDatasetArguments *arguments,
				  SfdwShipped *shipped, bool exists)
{
	SfdwGate   *gate = sfdw_gate_analyze(dataset);

	sfdw_dataset_create_target(dataset, sfdw_dataset_view(dataset, NoLock),
							   shipped);
	sfdw_dataset_check_folder(dataset);
	sfdw_dataset_check_names(dataset, gate,
							 sfdw_dataset_target(dataset, AccessShareLock));
	check_purge(dataset, gate, arguments->confirm);
	dataset->policy_hash = gate->policy_hash;
	sfdw_dataset_store(dataset, exists);
	accept_columns(dataset, gate, arguments);
	CommandCounterIncrement();
	sfdw_gate_judge(gate);
	examine_checks(dataset, gate);
	sfdw_gate_warn(gate);
}

/* Defaults are the SQL function's, but for those that the name decides. */
Datum
sfdw_sql_create_dataset(PG_FUNCTION_ARGS)
{
	SfdwDataset *dataset = sfdw_dataset_new(sfdw_dataset_name_argument(fcinfo));
	SfdwDatasetArguments arguments;
	SfdwShipped *shipped = NULL;

	sfdw_role_require(GetUserId(), SFDW_ROLE_POLICY, "create data sets");
	PreventCommandIfReadOnly("create_dataset()");
	sfdw_dataset_require_arguments(fcinfo);
	sfdw_dataset_lock_all();
	if (sfdw_dataset_exists(dataset->name))
		ereport(ERROR,
				errcode(ERRCODE_DUPLICATE_OBJECT),
				errmsg("data set \"%s\" already exists", dataset->name));
	dataset->path = psprintf("%s/", dataset->name);
	sfdw_dataset_apply_arguments(dataset, fcinfo, &arguments);
	sfdw_dataset_resolve_target(dataset, arguments.target);
	if (arguments.query != NULL)
		take_own_query(dataset, &arguments);
	else
		shipped = take_shipped(dataset, &arguments, false);
	if (shipped != NULL && !arguments.sorted_by_given)
		dataset->sorted_by = shipped->sorted_by;
	sfdw_dataset_create_view(dataset, shipped != NULL);
	finish_definition(dataset, &arguments, shipped, false);
	PG_RETURN_VOID();
}

/*
 * Replace query, source or target, as far as they were given.  The old view
 * goes first: the new one often has its name.
 */
static SfdwShipped *
redefine(SfdwDataset *dataset, SfdwDatasetArguments *arguments)
{
	bool		is_renewed = arguments->query != NULL ||
		arguments->source_schema != NULL || arguments->target != NULL;
	SfdwShipped *shipped = NULL;

	if (is_renewed)
		sfdw_dataset_drop_view(dataset);
	if (arguments->target != NULL)
		sfdw_dataset_resolve_target(dataset, arguments->target);
	if (arguments->query != NULL)
		take_own_query(dataset, arguments);
	else if (arguments->source_schema != NULL ||
			 (dataset->source_schema != NULL &&
			  (is_renewed || arguments->gates_given)))
		shipped = take_shipped(dataset, arguments, !arguments->gates_given);
	if (is_renewed)
		sfdw_dataset_create_view(dataset, shipped != NULL);
	return shipped;
}

/*
 * A run that is open sees another version, and decides for itself.  The owner
 * stays who created it, whoever of its members changes it, unless that role is
 * gone.
 */
Datum
sfdw_sql_alter_dataset(PG_FUNCTION_ARGS)
{
	char	   *name = sfdw_dataset_name_argument(fcinfo);
	SfdwDataset *dataset;
	SfdwDatasetArguments arguments;
	SfdwShipped *shipped;

	sfdw_role_require(GetUserId(), SFDW_ROLE_POLICY, "alter data sets");
	PreventCommandIfReadOnly("alter_dataset()");
	sfdw_dataset_lock_all();
	dataset = sfdw_dataset_load(name, true);
	sfdw_dataset_require_owner(dataset, GetUserId());
	if (!OidIsValid(dataset->owner))
		sfdw_dataset_own(dataset, GetUserId());
	sfdw_dataset_apply_arguments(dataset, fcinfo, &arguments);
	shipped = redefine(dataset, &arguments);
	dataset->version++;
	finish_definition(dataset, &arguments, shipped, true);
	PG_RETURN_VOID();
}

/* The target, the published file and the ledger stay. */
Datum
sfdw_sql_drop_dataset(PG_FUNCTION_ARGS)
{
	SfdwDataset *dataset;

	sfdw_role_require(GetUserId(), SFDW_ROLE_POLICY, "drop data sets");
	PreventCommandIfReadOnly("drop_dataset()");
	sfdw_dataset_lock_all();
	dataset = sfdw_dataset_load(text_to_cstring(PG_GETARG_TEXT_PP(0)), true);
	sfdw_dataset_require_owner(dataset, GetUserId());
	if (sfdw_dataset_has_open_run(dataset->name))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_IN_USE),
				errmsg("data set \"%s\" has an open run", dataset->name),
				errhint("Finish it with salesforce_fdw.run, or end it with salesforce_fdw.abandon."));
	sfdw_sweep_all(dataset->name);
	sfdw_dataset_drop_view(dataset);
	sfdw_schedule_drop(dataset->name);
	sfdw_dataset_delete(dataset->name);
	PG_RETURN_VOID();
}
