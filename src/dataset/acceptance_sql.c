/*-------------------------------------------------------------------------
 * acceptance_sql.c
 *		accept_dataset(): a steward lets the columns of a policy through
 *
 * The hash says which policy was looked at: one that has changed meanwhile is
 * another.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate.h"

#include "access/xact.h"
#include "core/errors.h"
#include "dataset/acceptance.h"
#include "dataset/definition_check.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sfdw_sql_accept_dataset);
PG_FUNCTION_INFO_V1(sfdw_sql_policy_hash);

/* Raise an error unless the policy is the one that was looked at. */
static void
require_hash(SfdwGate *gate, const char *hash)
{
	StringInfoData changes;
	ListCell   *cell;

	if (strcmp(gate->policy_hash, hash) == 0)
		return;
	initStringInfo(&changes);
	foreach(cell, sfdw_acceptance_changes(gate))
		appendStringInfo(&changes, "%s%s", changes.len > 0 ? "\n" : "",
						 (char *) lfirst(cell));
	ereport(ERROR,
			errcode(SFDW_ERRCODE_POLICY),
			errmsg("data set \"%s\" has another policy than the one to be accepted",
				   gate->dataset->name),
			changes.len == 0 ? 0 :
			errdetail_internal("Since columns were accepted last:\n%s",
							   changes.data),
			errhint("Look at salesforce_fdw.lineage, then accept the policy with hash \"%s\".",
					gate->policy_hash));
}

/* Returns how many columns are accepted under the policy. */
Datum
sfdw_sql_accept_dataset(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *reason = text_to_cstring(PG_GETARG_TEXT_PP(2));
	SfdwDataset *dataset = sfdw_dataset_load(name, false);
	SfdwGate   *gate;

	PreventCommandIfReadOnly("accept_dataset()");
	sfdw_acceptance_require(dataset, reason);
	gate = sfdw_gate_analyze(dataset);
	require_hash(gate, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	sfdw_dataset_check_accept(dataset, gate);
	sfdw_acceptance_record(gate, reason);
	CommandCounterIncrement();
	PG_RETURN_INT32(list_length(sfdw_acceptance_fields(name,
													   gate->policy_hash)));
}

/* The hash of the policy as it is now, for whoever may see the lineage. */
Datum
sfdw_sql_policy_hash(PG_FUNCTION_ARGS)
{
	SfdwDataset *dataset = sfdw_dataset_load(text_to_cstring(PG_GETARG_TEXT_PP(0)),
											 false);

	PG_RETURN_TEXT_P(cstring_to_text(sfdw_gate_analyze(dataset)->policy_hash));
}
