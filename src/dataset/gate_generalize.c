/*-------------------------------------------------------------------------
 * gate_generalize.c
 *		What a call of generalize() reads
 *-------------------------------------------------------------------------
 */
#include "dataset/gate_generalize.h"

#include "dataset/gate_own.h"
#include "dataset/gate_refuse.h"
#include "nodes/primnodes.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"

#define WHY_CONSTANT "Its table and its columns must be constants."

/* The arguments of generalize(), in their order. */
enum
{
	ARGUMENT_VALUE,
	ARGUMENT_TABLE,
	ARGUMENT_KEY,
	ARGUMENT_RESULT
};

/* Refuse the call for its arguments. */
static void
refuse_call(FuncExpr *call, const char *why)
{
	sfdw_gate_refuse(psprintf("function %s",
							  format_procedure_qualified(call->funcid)), why);
}

/* A constant among the arguments. */
static Datum
constant(FuncExpr *call, int number)
{
	Const	   *argument = list_nth(call->args, number);

	if (!IsA(argument, Const) || argument->constisnull)
		refuse_call(call, WHY_CONSTANT);
	return argument->constvalue;
}

/* The column that an argument names; a table that is not there has none. */
static AttrNumber
column(FuncExpr *call, int number, Oid relid)
{
	char	   *name = NameStr(*DatumGetName(constant(call, number)));
	AttrNumber	attnum = get_attnum(relid, name);

	if (attnum <= 0)
		refuse_call(call, psprintf("Its table has no column \"%s\".", name));
	return attnum;
}

/* Locked first: a name is a column's only as long as nobody alters it. */
bool
sfdw_gate_generalize(Node *node, SfdwGeneralize *call)
{
	FuncExpr   *function = (FuncExpr *) node;

	if (!IsA(node, FuncExpr) || !sfdw_gate_own_generalizes(function->funcid))
		return false;
	call->value = list_nth(function->args, ARGUMENT_VALUE);
	call->relid = DatumGetObjectId(constant(function, ARGUMENT_TABLE));
	LockRelationOid(call->relid, AccessShareLock);
	call->key_column = column(function, ARGUMENT_KEY, call->relid);
	call->value_column = column(function, ARGUMENT_RESULT, call->relid);
	return true;
}
