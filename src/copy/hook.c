/*-------------------------------------------------------------------------
 * hook.c
 *		COPY ... TO ... WITH (FORMAT parquet), and the room's initialisation
 *
 * COPY TO never changes the database, so PostgreSQL allows it in a read-only
 * transaction and on a standby without a check of its own; so do we.
 *-------------------------------------------------------------------------
 */
#include "copy/hook.h"

#include "commands/defrem.h"
#include "commands/extension.h"
#include "tcop/utility.h"
#include "utils/guc.h"

#include "copy/statement.h"

#define EXTENSION_NAME "salesforce_fdw"

static bool enable_copy_hook = true;
static ProcessUtility_hook_type previous_hook = NULL;

/* Whether one of a COPY statement's words is FORMAT parquet. */
static bool
has_format_parquet(const CopyStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->options)
	{
		DefElem    *word = lfirst_node(DefElem, cell);

		if (strcmp(word->defname, "format") == 0 && word->arg != NULL &&
			pg_strcasecmp(defGetString(word), "parquet") == 0)
			return true;
	}
	return false;
}

/*
 * Whether a statement is ours.  A library can be preloaded for databases that
 * do not have the extension: there it must not be noticed.
 */
static bool
is_ours(Node *statement)
{
	return enable_copy_hook && IsA(statement, CopyStmt) &&
		has_format_parquet((CopyStmt *) statement) &&
		OidIsValid(get_extension_oid(EXTENSION_NAME, true));
}

/* Hand a statement to whoever would have got it without us. */
static void
pass_on(PlannedStmt *planned, const char *source_text, bool readOnlyTree,
		ProcessUtilityContext context, ParamListInfo params,
		QueryEnvironment *environment, DestReceiver *dest,
		QueryCompletion *completion)
{
	if (previous_hook != NULL)
		previous_hook(planned, source_text, readOnlyTree, context, params,
					  environment, dest, completion);
	else
		standard_ProcessUtility(planned, source_text, readOnlyTree, context,
								params, environment, dest, completion);
}

/* ProcessUtility_hook: take what is ours, and pass on everything else. */
static void
sfdwProcessUtility(PlannedStmt *planned, const char *source_text,
				   bool readOnlyTree, ProcessUtilityContext context,
				   ParamListInfo params, QueryEnvironment *environment,
				   DestReceiver *dest, QueryCompletion *completion)
{
	Node	   *statement = planned->utilityStmt;
	uint64		rows;

	if (!is_ours(statement))
	{
		pass_on(planned, source_text, readOnlyTree, context, params,
				environment, dest, completion);
		return;
	}

	/* A cached tree will be run again; parse analysis scribbles on it. */
	if (readOnlyTree)
		statement = copyObject(statement);
	rows = sfdw_copy_statement_run((CopyStmt *) statement, source_text,
								   planned->stmt_location, planned->stmt_len);
	if (completion != NULL)
		SetQueryCompletion(completion, CMDTAG_COPY, rows);
}

/* Define the GUC and install the hook. */
void
sfdw_copy_init(void)
{
	DefineCustomBoolVariable("salesforce_fdw.enable_copy_hook",
							 "Lets COPY ... TO write Parquet.",
							 "When off, COPY ... WITH (FORMAT parquet) goes to the next library, or is not recognized.",
							 &enable_copy_hook, true, PGC_USERSET, 0,
							 NULL, NULL, NULL);
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = sfdwProcessUtility;
}
