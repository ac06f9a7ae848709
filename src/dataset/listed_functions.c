/*-------------------------------------------------------------------------
 * listed_functions.c
 *		Functions of users that a data set's query may call
 *
 * Knows how a function is kept in a definition, and which ones can be.
 *-------------------------------------------------------------------------
 */
#include "dataset/listed_functions.h"

#include "access/htup_details.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "core/errors.h"
#include "dataset/digest.h"
#include "dataset/gate_builtins.h"
#include "dataset/gate_listed.h"
#include "dataset/owner.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#define WHY_GONE	"There is no such function."
#define WHY_CHANGED	"It has changed since it was listed."
#define WHY_BUILT_IN "PostgreSQL's own functions are not listed: those that compute from their arguments alone may be called anyway."
#define WHY_KIND	"Only plain functions that return one value can be listed."
#define WHY_VOLATILE "It is volatile."
#define WHY_DEFINER	"It is SECURITY DEFINER."
#define WHY_INTERNAL "It is another name of one of PostgreSQL's own functions."

/* Why a function cannot be listed, or NULL. */
static const char *
why_not(Form_pg_proc function)
{
	if (sfdw_gate_is_builtin(function->oid))
		return WHY_BUILT_IN;
	if (function->prokind != PROKIND_FUNCTION || function->proretset)
		return WHY_KIND;
	if (function->provolatile == PROVOLATILE_VOLATILE)
		return WHY_VOLATILE;
	if (function->prosecdef)
		return WHY_DEFINER;
	if (function->prolang == INTERNALlanguageId)
		return WHY_INTERNAL;
	return NULL;
}

/* The same by OID. */
static const char *
why_not_function(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	const char *why;

	if (!HeapTupleIsValid(tuple))
		return WHY_GONE;
	why = why_not((Form_pg_proc) GETSTRUCT(tuple));
	ReleaseSysCache(tuple);
	return why;
}

/* SHA-256 of CREATE FUNCTION as PostgreSQL prints it, every name qualified. */
static char *
hash_of(Oid function)
{
	int			level = sfdw_owner_plain_search_path();
	Datum		created = DirectFunctionCall1(pg_get_functiondef,
											  ObjectIdGetDatum(function));

	AtEOXact_GUC(true, level);
	return sfdw_digest_text(TextDatumGetCString(created));
}

/* A function that cannot be listed is an error in an argument. */
static char *
store_function(Oid function)
{
	const char *why = why_not_function(function);

	if (why != NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("invalid value for parameter \"%s\": \"%s\"", "functions",
					   strcmp(why, WHY_GONE) == 0 ? psprintf("%u", function) :
					   format_procedure_qualified(function)),
				errdetail("%s", why));
	return psprintf("%s %s", format_procedure_qualified(function),
					hash_of(function));
}

/* In the order in which they were given. */
List *
sfdw_listed_store_functions(ArrayType *functions)
{
	List	   *stored = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(functions, REGPROCEDUREOID, sizeof(Oid), true,
					  TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("parameter \"%s\" must not contain nulls", "functions"));
		stored = lappend(stored, store_function(DatumGetObjectId(values[i])));
	}
	return stored;
}

/* The function of a signature, or InvalidOid. */
static Oid
find_function(const char *signature)
{
	LOCAL_FCINFO(fcinfo, 1);
	Datum		function;

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = CStringGetTextDatum(signature);
	fcinfo->args[0].isnull = false;
	function = to_regprocedure(fcinfo);
	return fcinfo->isnull ? InvalidOid : DatumGetObjectId(function);
}

/* Why a function is not what was listed, or NULL. */
static const char *
why_changed(Oid function, const char *hash)
{
	const char *why;

	if (!OidIsValid(function))
		return WHY_GONE;
	why = why_not_function(function);
	if (why == NULL && strcmp(hash_of(function), hash) != 0)
		why = WHY_CHANGED;
	return why;
}

/* One function of the list. */
static Oid
find_stored(const char *stored)
{
	const char *space = strrchr(stored, ' ');
	char	   *signature = pnstrdup(stored, space == NULL ? strlen(stored) :
									 (size_t) (space - stored));
	Oid			function = find_function(signature);
	const char *why = why_changed(function, space == NULL ? "" : space + 1);

	if (why != NULL)
		ereport(ERROR,
				errcode(SFDW_ERRCODE_POLICY),
				errmsg("cannot use function %s in a data set", signature),
				errdetail("%s", why),
				errhint("Give the functions again with salesforce_fdw.alter_dataset, after a look at what they do now."));
	return function;
}

/* All of them, also those that the query does not call. */
List *
sfdw_listed_find_functions(List *stored)
{
	List	   *functions = NIL;
	ListCell   *cell;

	foreach(cell, stored)
		functions = lappend_oid(functions, find_stored(lfirst(cell)));
	return functions;
}
