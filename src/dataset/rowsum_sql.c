/*-------------------------------------------------------------------------
 * rowsum_sql.c
 *		table_checksum(), as SQL calls it
 *-------------------------------------------------------------------------
 */
#include "dataset/rowsum.h"

#include "dataset/execute.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(sfdw_sql_table_checksum);

/* A receiver that sums rows. */
typedef struct Summer
{
	DestReceiver receiver;
	MemoryContext context;		/* the executor's own ends before the sum is
								 * asked for */
	SfdwRowSum *sum;
} Summer;

/* rStartup: the executor's memory is current here. */
static void
start(DestReceiver *self, int operation, TupleDesc desc)
{
	Summer	   *summer = (Summer *) self;
	MemoryContext old = MemoryContextSwitchTo(summer->context);

	summer->sum = sfdw_rowsum_begin(desc);
	MemoryContextSwitchTo(old);
}

/* receiveSlot: one row. */
static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	CHECK_FOR_INTERRUPTS();
	sfdw_rowsum_add(((Summer *) self)->sum, slot);
	return true;
}

/* rShutdown and rDestroy: the sum is its caller's. */
static void
finish(DestReceiver *self)
{
}

/*
 * table_checksum(relation): by the caller's own rights, as a SELECT of all its
 * columns.
 */
Datum
sfdw_sql_table_checksum(PG_FUNCTION_ARGS)
{
	Oid			relation = PG_GETARG_OID(0);
	char	   *name = get_rel_name(relation);
	Summer		summer = {{receive, start, finish, finish, DestNone}};
	Datum		values[2];
	bool		nulls[2] = {false};
	TupleDesc	desc;

	if (name == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_TABLE),
				errmsg("relation with OID %u does not exist", relation));
	summer.context = CurrentMemoryContext;
	sfdw_execute_text(psprintf("SELECT * FROM %s",
							   quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
														  name)),
					  &summer.receiver);
	values[0] = Int64GetDatum(sfdw_rowsum_rows(summer.sum));
	values[1] = CStringGetTextDatum(sfdw_rowsum_text(sfdw_rowsum_value(summer.sum)));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
