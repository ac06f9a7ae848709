/*-------------------------------------------------------------------------
 * gate_functions.c
 *		Which functions, operators, casts, types and collations may be used
 *
 * Lists of types, collations and operators, and the rules for calls.  Which
 * built-in functions pass stands in gate_builtins.c.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_functions.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "dataset/gate_builtins.h"
#include "dataset/gate_own.h"
#include "dataset/gate_refuse.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#define WHY_FUNCTION "It is not on the list of built-in functions that compute from their arguments alone."
#define WHY_RANGE "A window's RANGE would call it."
#define WHY_CALLED "An expression would call it."
#define WHY_OPERATOR "It is not on the list of built-in operators."
#define WHY_TYPE "Only built-in types of numbers, text, dates and times, boolean, uuid and jsonb may be used."
#define WHY_COLLATION "Only the database's default collation, \"C\" and \"POSIX\" may be used."

/* Types that values in a query may have, and arrays of them; a literal among
 * arguments of any type keeps the type unknown. */
static const Oid known_types[] = {
	BOOLOID, INT2OID, INT4OID, INT8OID, FLOAT4OID, FLOAT8OID, NUMERICOID,
	TEXTOID, VARCHAROID, BPCHAROID, DATEOID, TIMEOID, TIMESTAMPOID,
	TIMESTAMPTZOID, INTERVALOID, UUIDOID, JSONBOID, UNKNOWNOID
};

static const Oid known_collations[] = {
	DEFAULT_COLLATION_OID, C_COLLATION_OID, POSIX_COLLATION_OID
};

/*
 * Operators by name: of these, every one over known types computes from its
 * operands alone.
 */
static const char *const known_operators[] = {
	"=", "<>", "<", "<=", ">", ">=",
	"+", "-", "*", "/", "%", "||",
	"~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*",
	"->", "->>", "@>", "<@", "&&"
};

/* Whether list has the value. */
static bool
is_listed(const Oid *list, int count, Oid value)
{
	for (int i = 0; i < count; i++)
		if (list[i] == value)
			return true;
	return false;
}

/* A domain over a known type is not known: it has checks of its own. */
void
sfdw_gate_check_type(Oid type)
{
	Oid			element = get_element_type(type);

	if (is_listed(known_types, lengthof(known_types),
				  OidIsValid(element) ? element : type))
		return;
	sfdw_gate_refuse(psprintf("type %s", format_type_be_qualified(type)),
					 WHY_TYPE);
}

/* Others may be anybody's, and need not be the same elsewhere. */
void
sfdw_gate_check_collation(Oid collation)
{
	if (!OidIsValid(collation) ||
		is_listed(known_collations, lengthof(known_collations), collation))
		return;
	sfdw_gate_refuse(psprintf("collation %s",
							  quote_identifier(get_collation_name(collation))),
					 WHY_COLLATION);
}

/* Whether the operator's name is listed and it lives in pg_catalog. */
static bool
is_known_operator(Form_pg_operator operator)
{
	if (operator->oprnamespace != PG_CATALOG_NAMESPACE ||
		!sfdw_gate_is_builtin(operator->oprcode))
		return false;
	for (int i = 0; i < (int) lengthof(known_operators); i++)
		if (strcmp(NameStr(operator->oprname), known_operators[i]) == 0)
			return true;
	return false;
}

/* A look-alike in another schema has another OID, whatever its name. */
void
sfdw_gate_check_operator(Oid operator)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	bool		is_known;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	is_known = sfdw_gate_is_builtin(operator) &&
		is_known_operator((Form_pg_operator) GETSTRUCT(tuple));
	ReleaseSysCache(tuple);
	if (!is_known)
		sfdw_gate_refuse(psprintf("operator %s",
								  format_operator_qualified(operator)),
						 WHY_OPERATOR);
}

/*
 * Whether the call is one of PostgreSQL's own casts (or length coercions, which
 * are casts of a type to itself).  Its types are checked with its arguments.
 */
static bool
is_built_in_cast(FuncExpr *call)
{
	HeapTuple	tuple;
	Form_pg_cast cast;
	bool		is_cast;

	if (call->args == NIL)
		return false;
	tuple = SearchSysCache2(CASTSOURCETARGET,
							ObjectIdGetDatum(exprType(linitial(call->args))),
							ObjectIdGetDatum(call->funcresulttype));
	if (!HeapTupleIsValid(tuple))
		return false;
	cast = (Form_pg_cast) GETSTRUCT(tuple);
	is_cast = sfdw_gate_is_builtin(cast->oid) && cast->castfunc == call->funcid;
	ReleaseSysCache(tuple);
	return is_cast;
}

/* Whether a function that is not built in is ours, or listed by the data set. */
static bool
is_listed_elsewhere(const SfdwListed *listed, Oid function)
{
	return list_member_oid(listed->functions, function) ||
		sfdw_gate_own_kind(function) != SFDW_OWN_NONE;
}

/* Refuse a function by its name. */
static void
refuse_function(const char *kind, Oid function, const char *why)
{
	sfdw_gate_refuse(psprintf("%s %s", kind,
							  format_procedure_qualified(function)), why);
}

/* A set is another shape than a value, and has a list of its own. */
void
sfdw_gate_check_call(const SfdwListed *listed, FuncExpr *call)
{
	Oid			function = call->funcid;
	bool		is_known;

	if (call->funcretset)
		is_known = sfdw_gate_is_listed_builtin(function, SFDW_BUILTIN_SET);
	else
		is_known = sfdw_gate_is_listed_builtin(function, SFDW_BUILTIN_FUNCTION) ||
			is_built_in_cast(call) || is_listed_elsewhere(listed, function);
	if (!is_known)
		refuse_function("function", function, WHY_FUNCTION);
}

/* Aggregates of users have functions of users behind them. */
void
sfdw_gate_check_aggregate(Oid aggregate)
{
	if (!sfdw_gate_is_listed_builtin(aggregate, SFDW_BUILTIN_AGGREGATE))
		refuse_function("aggregate function", aggregate, WHY_FUNCTION);
}

/* An aggregate is a window function too. */
void
sfdw_gate_check_window(Oid function)
{
	if (!sfdw_gate_is_listed_builtin(function, SFDW_BUILTIN_WINDOW) &&
		!sfdw_gate_is_listed_builtin(function, SFDW_BUILTIN_AGGREGATE))
		refuse_function("window function", function, WHY_FUNCTION);
}

/* What the parser finds for RANGE with an offset: anybody's operator class's. */
void
sfdw_gate_check_range_function(Oid function)
{
	if (OidIsValid(function) && !sfdw_gate_is_builtin(function))
		refuse_function("function", function, WHY_RANGE);
}

/* check_functions_in_node asks for each function; true would end its search. */
static bool
refuse_foreign_function(Oid function, void *context)
{
	if (!sfdw_gate_is_builtin(function) &&
		!is_listed_elsewhere(context, function))
		refuse_function("function", function, WHY_CALLED);
	return false;
}

/* Input and output functions of types are among them. */
void
sfdw_gate_check_functions_of(const SfdwListed *listed, Node *node)
{
	(void) check_functions_in_node(node, refuse_foreign_function,
								   unconstify(SfdwListed *, listed));
}
