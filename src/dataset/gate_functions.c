/*-------------------------------------------------------------------------
 * gate_functions.c
 *		Which functions, operators, casts, types and collations may be used
 *
 * Lists, and how an object is recognised as the built-in one: its OID is below
 * those that anything made later can have, and its name is resolved in
 * pg_catalog.  Knows nothing of queries.
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_functions.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "dataset/gate_refuse.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#define MAX_ARGUMENTS 4

#define WHY_FUNCTION "It is not on the list of built-in functions that compute from their arguments alone."
#define WHY_OPERATOR "It is not on the list of built-in operators."
#define WHY_TYPE "Only built-in types of numbers, text, dates and times, boolean, uuid and jsonb may be used."
#define WHY_COLLATION "Only the database's default collation, \"C\" and \"POSIX\" may be used."

/* Types that values in a query may have, and arrays of them. */
static const Oid known_types[] = {
	BOOLOID, INT2OID, INT4OID, INT8OID, FLOAT4OID, FLOAT8OID, NUMERICOID,
	TEXTOID, VARCHAROID, BPCHAROID, DATEOID, TIMEOID, TIMESTAMPOID,
	TIMESTAMPTZOID, INTERVALOID, UUIDOID, JSONBOID
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

/* Functions by name and arguments; 0 ends the arguments. */
static const struct
{
	const char *name;
	Oid			arguments[MAX_ARGUMENTS];
}			known_functions[] =
{
	/* text */
	{"upper", {TEXTOID}},
	{"lower", {TEXTOID}},
	{"initcap", {TEXTOID}},
	{"btrim", {TEXTOID}},
	{"btrim", {TEXTOID, TEXTOID}},
	{"ltrim", {TEXTOID}},
	{"ltrim", {TEXTOID, TEXTOID}},
	{"rtrim", {TEXTOID}},
	{"rtrim", {TEXTOID, TEXTOID}},
	{"left", {TEXTOID, INT4OID}},
	{"right", {TEXTOID, INT4OID}},
	{"substring", {TEXTOID, INT4OID}},
	{"substring", {TEXTOID, INT4OID, INT4OID}},
	{"substring", {TEXTOID, TEXTOID}},
	{"substr", {TEXTOID, INT4OID}},
	{"substr", {TEXTOID, INT4OID, INT4OID}},
	{"length", {TEXTOID}},
	{"char_length", {TEXTOID}},
	{"character_length", {TEXTOID}},
	{"octet_length", {TEXTOID}},
	{"concat", {ANYOID}},
	{"concat_ws", {TEXTOID, ANYOID}},
	{"replace", {TEXTOID, TEXTOID, TEXTOID}},
	{"translate", {TEXTOID, TEXTOID, TEXTOID}},
	{"regexp_replace", {TEXTOID, TEXTOID, TEXTOID}},
	{"regexp_replace", {TEXTOID, TEXTOID, TEXTOID, TEXTOID}},
	{"split_part", {TEXTOID, TEXTOID, INT4OID}},
	{"position", {TEXTOID, TEXTOID}},
	{"strpos", {TEXTOID, TEXTOID}},
	{"starts_with", {TEXTOID, TEXTOID}},
	{"reverse", {TEXTOID}},
	{"lpad", {TEXTOID, INT4OID}},
	{"lpad", {TEXTOID, INT4OID, TEXTOID}},
	{"rpad", {TEXTOID, INT4OID}},
	{"rpad", {TEXTOID, INT4OID, TEXTOID}},
	{"overlay", {TEXTOID, TEXTOID, INT4OID}},
	{"overlay", {TEXTOID, TEXTOID, INT4OID, INT4OID}},
	{"normalize", {TEXTOID, TEXTOID}},
	{"like_escape", {TEXTOID, TEXTOID}},
	{"similar_to_escape", {TEXTOID}},
	{"similar_to_escape", {TEXTOID, TEXTOID}},
	/* multi-select picklists */
	{"array_to_string", {ANYARRAYOID, TEXTOID}},
	{"array_length", {ANYARRAYOID, INT4OID}},
	{"cardinality", {ANYARRAYOID}},
	{"string_to_array", {TEXTOID, TEXTOID}},
	/* numbers */
	{"abs", {INT2OID}},
	{"abs", {INT4OID}},
	{"abs", {INT8OID}},
	{"abs", {NUMERICOID}},
	{"abs", {FLOAT8OID}},
	{"ceil", {NUMERICOID}},
	{"ceil", {FLOAT8OID}},
	{"ceiling", {NUMERICOID}},
	{"ceiling", {FLOAT8OID}},
	{"floor", {NUMERICOID}},
	{"floor", {FLOAT8OID}},
	{"round", {NUMERICOID}},
	{"round", {NUMERICOID, INT4OID}},
	{"round", {FLOAT8OID}},
	{"trunc", {NUMERICOID}},
	{"trunc", {NUMERICOID, INT4OID}},
	{"trunc", {FLOAT8OID}},
	{"mod", {INT4OID, INT4OID}},
	{"mod", {INT8OID, INT8OID}},
	{"mod", {NUMERICOID, NUMERICOID}},
	/* dates and times */
	{"timezone", {TEXTOID, TIMESTAMPOID}},
	{"timezone", {TEXTOID, TIMESTAMPTZOID}},
	{"timezone", {INTERVALOID, TIMESTAMPOID}},
	{"timezone", {INTERVALOID, TIMESTAMPTZOID}},
	{"date_trunc", {TEXTOID, TIMESTAMPOID}},
	{"date_trunc", {TEXTOID, TIMESTAMPTZOID}},
	{"date_trunc", {TEXTOID, TIMESTAMPTZOID, TEXTOID}},
	{"date_part", {TEXTOID, DATEOID}},
	{"date_part", {TEXTOID, TIMEOID}},
	{"date_part", {TEXTOID, TIMESTAMPOID}},
	{"date_part", {TEXTOID, TIMESTAMPTZOID}},
	{"date_part", {TEXTOID, INTERVALOID}},
	{"extract", {TEXTOID, DATEOID}},
	{"extract", {TEXTOID, TIMEOID}},
	{"extract", {TEXTOID, TIMESTAMPOID}},
	{"extract", {TEXTOID, TIMESTAMPTZOID}},
	{"extract", {TEXTOID, INTERVALOID}},
	{"to_char", {TIMESTAMPOID, TEXTOID}},
	{"to_char", {TIMESTAMPTZOID, TEXTOID}},
	{"to_char", {NUMERICOID, TEXTOID}},
	{"to_char", {INT4OID, TEXTOID}},
	{"to_char", {INT8OID, TEXTOID}},
	{"to_char", {FLOAT8OID, TEXTOID}},
	{"to_date", {TEXTOID, TEXTOID}},
};

/* The OIDs of known_functions, looked up once a backend. */
static Oid	known_function_oids[lengthof(known_functions)];
static bool is_looked_up = false;

/* Objects with such an OID came with PostgreSQL and cannot be made by anybody. */
static bool
is_built_in(Oid object)
{
	return OidIsValid(object) && object < FirstUnpinnedObjectId;
}

/* Whether list has the value. */
static bool
is_listed(const Oid *list, int count, Oid value)
{
	for (int i = 0; i < count; i++)
		if (list[i] == value)
			return true;
	return false;
}

/* The function of that name and arguments in pg_catalog. */
static Oid
look_up(const char *name, const Oid *arguments)
{
	int			count = 0;

	while (count < MAX_ARGUMENTS && OidIsValid(arguments[count]))
		count++;
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
						   CStringGetDatum(name),
						   PointerGetDatum(buildoidvector(arguments, count)),
						   ObjectIdGetDatum(PG_CATALOG_NAMESPACE));
}

/* A function that this version of PostgreSQL lacks stays InvalidOid. */
static void
look_up_all(void)
{
	for (int i = 0; i < (int) lengthof(known_functions); i++)
		known_function_oids[i] = look_up(known_functions[i].name,
										 known_functions[i].arguments);
	is_looked_up = true;
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
		!is_built_in(operator->oprcode))
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
	is_known = is_built_in(operator) &&
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
	is_cast = is_built_in(cast->oid) && cast->castfunc == call->funcid;
	ReleaseSysCache(tuple);
	return is_cast;
}

/* VARIADIC and sets are shapes that the lists do not speak of. */
void
sfdw_gate_check_call(FuncExpr *call)
{
	if (!is_looked_up)
		look_up_all();
	if (is_built_in(call->funcid) && !call->funcretset && !call->funcvariadic &&
		(is_listed(known_function_oids, lengthof(known_function_oids),
				   call->funcid) || is_built_in_cast(call)))
		return;
	sfdw_gate_refuse(psprintf("function %s",
							  format_procedure_qualified(call->funcid)),
					 WHY_FUNCTION);
}

/* check_functions_in_node asks for each function; true would end its search. */
static bool
refuse_foreign_function(Oid function, void *context)
{
	if (!is_built_in(function))
		sfdw_gate_refuse(psprintf("function %s",
								  format_procedure_qualified(function)),
						 WHY_FUNCTION);
	return false;
}

/* Input and output functions of types are among them. */
void
sfdw_gate_check_functions_of(Node *node)
{
	(void) check_functions_in_node(node, refuse_foreign_function, NULL);
}
