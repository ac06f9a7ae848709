/*-------------------------------------------------------------------------
 * copy_to.c
 *		copy_to(query, url, options): what COPY writes, without the hook
 *
 * For sessions in which the library is not preloaded, and for exports whose
 * query is computed.  The query runs as the caller.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"

#include "copy/json_words.h"
#include "copy/statement.h"
#include "copy/target.h"

PG_FUNCTION_INFO_V1(sfdw_sql_copy_to);

/*
 * Error context: a position in the query is not one in the statement that
 * called us.
 */
static void
move_position(void *argument)
{
	int			position = geterrposition();

	if (position <= 0)
		return;
	errposition(0);
	internalerrposition(position);
	internalerrquery((const char *) argument);
}

/* Parse and plan one plain SELECT; anything else is an error. */
static PlannedStmt *
plan_select(char *query)
{
	ErrorContextCallback context = {.callback = move_position,.arg = query};
	List	   *statements;
	PlannedStmt *plan = NULL;

	context.previous = error_context_stack;
	error_context_stack = &context;
	statements = pg_parse_query(query);
	if (list_length(statements) == 1 &&
		IsA(linitial_node(RawStmt, statements)->stmt, SelectStmt))
		plan = sfdw_copy_plan(linitial_node(RawStmt, statements), query,
							  InvalidOid);
	error_context_stack = context.previous;
	if (plan == NULL || plan->hasModifyingCTE)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("the query of copy_to() must be one SELECT that changes nothing"));
	return plan;
}

/* An argument that may not be NULL, as a C string. */
static char *
required_text(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("argument \"%s\" of copy_to() must not be null", name));
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/* SQL: copy_to(query text, url text, options jsonb) returns bigint */
Datum
sfdw_sql_copy_to(PG_FUNCTION_ARGS)
{
	char	   *query = required_text(fcinfo, 0, "query");
	char	   *url = required_text(fcinfo, 1, "url");
	List	   *words = PG_ARGISNULL(2) ? NIL :
	sfdw_copy_json_words(PG_GETARG_JSONB_P(2));
	SfdwCopyTarget target;
	SfdwCopyResult result;

	sfdw_copy_target_open(url, words, GetUserId(), &target);
	sfdw_copy_run_plan(plan_select(query), query, &target, &result);
	PG_RETURN_INT64(result.summary.rows);
}
