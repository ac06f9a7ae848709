/*-------------------------------------------------------------------------
 * rowsum_sql.c
 *		table_checksum(), as SQL calls it
 *-------------------------------------------------------------------------
 */
#include "dataset/rowsum.h"

#include "executor/spi.h"
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
	SfdwRowSum *sum;
} Summer;

static void
start(DestReceiver *self, int operation, TupleDesc desc)
{
	((Summer *) self)->sum = sfdw_rowsum_begin(desc);
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	CHECK_FOR_INTERRUPTS();
	sfdw_rowsum_add(((Summer *) self)->sum, slot);
	return true;
}

static void
finish(DestReceiver *self)
{
}

/*
 * table_checksum(relation): by the caller's own rights, through SPI, whose
 * context is the current one while the rows come.
 */
Datum
sfdw_sql_table_checksum(PG_FUNCTION_ARGS)
{
	Oid			relation = PG_GETARG_OID(0);
	char	   *name = get_rel_name(relation);
	Summer		summer = {{receive, start, finish, finish, DestTuplestore}};
	SPIExecuteOptions options = {0};
	Datum		values[2];
	bool		nulls[2] = {false};
	TupleDesc	desc;
	uint64		value;

	if (name == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_TABLE),
				errmsg("relation with OID %u does not exist", relation));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	options.read_only = true;
	options.dest = &summer.receiver;
	if (SPI_execute_extended(psprintf("SELECT * FROM %s",
									  quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name)),
							 &options) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_extended failed");
	values[0] = Int64GetDatum(sfdw_rowsum_rows(summer.sum));
	value = sfdw_rowsum_value(summer.sum);
	SPI_finish();
	values[1] = CStringGetTextDatum(sfdw_rowsum_text(value));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
