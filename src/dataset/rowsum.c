/*-------------------------------------------------------------------------
 * rowsum.c
 *		An order-independent checksum of a set of rows
 *
 * A column's bytes are its datum's: the payload of a varlena once it is
 * detoasted and flat, else the bytes that the type's length says.  The types'
 * send functions would convert text to the client's encoding, so that two
 * sessions could disagree about one table; the bytes of a stored datum are the
 * same for everybody.  So this compares what is stored, and not what is equal:
 * 1.0 and 1.00 differ.
 *-------------------------------------------------------------------------
 */
#include "dataset/rowsum.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/memutils.h"

/* Hashed for a null, so that it differs from an empty value. */
#define NULL_MARK		UINT64CONST(0x9E3779B97F4A7C15)

struct SfdwRowSum
{
	TupleDesc	desc;
	MemoryContext row_context;	/* detoasted values of one row */
	uint64		sum;
	int64		rows;
};

/* Rows are added in a context of their own. */
SfdwRowSum *
sfdw_rowsum_begin(TupleDesc desc)
{
	SfdwRowSum *sum = palloc0(sizeof(SfdwRowSum));

	sum->desc = CreateTupleDescCopy(desc);
	sum->row_context = AllocSetContextCreate(CurrentMemoryContext,
											 "salesforce_fdw row checksum",
											 ALLOCSET_DEFAULT_SIZES);
	return sum;
}

/* Hash length bytes and their number onto what came before. */
static uint64
hash_onto(uint64 seed, const void *bytes, Size length)
{
	return hash_combine64(seed + length,
						  hash_bytes_extended(bytes, (int) length, seed));
}

/* A value passed in a Datum: only the bytes of its type are defined. */
static uint64
hash_by_value(uint64 seed, Datum value, int16 length)
{
	int64		number = length == 1 ? DatumGetChar(value) :
		length == 2 ? DatumGetInt16(value) :
		length == 4 ? DatumGetInt32(value) : DatumGetInt64(value);

	return hash_onto(seed, &number, sizeof(number));
}

/* Hash one value that is not null. */
static uint64
hash_datum(uint64 seed, Datum value, Form_pg_attribute attribute)
{
	struct varlena *flat;

	if (attribute->attbyval)
		return hash_by_value(seed, value, attribute->attlen);
	if (attribute->attlen == -1)
	{
		flat = PG_DETOAST_DATUM_PACKED(value);
		return hash_onto(seed, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat));
	}
	if (attribute->attlen == -2)
		return hash_onto(seed, DatumGetCString(value),
						 strlen(DatumGetCString(value)));
	return hash_onto(seed, DatumGetPointer(value), attribute->attlen);
}

/* Hash one column onto those before it. */
static uint64
hash_column(SfdwRowSum *sum, TupleTableSlot *slot, int column, uint64 seed)
{
	if (slot->tts_isnull[column])
		return hash_combine64(seed, NULL_MARK);
	return hash_datum(seed, slot->tts_values[column],
					  TupleDescAttr(sum->desc, column));
}

/* Columns in their order, dropped ones not. */
uint64
sfdw_rowsum_add(SfdwRowSum *sum, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(sum->row_context);
	uint64		hash = 0;
	int			i;

	slot_getallattrs(slot);
	for (i = 0; i < sum->desc->natts; i++)
	{
		if (!TupleDescAttr(sum->desc, i)->attisdropped)
			hash = hash_column(sum, slot, i, hash);
	}
	sum->sum += hash;
	sum->rows++;
	MemoryContextSwitchTo(old);
	MemoryContextReset(sum->row_context);
	return hash;
}

/* Without columns a row is known by all of them. */
uint64
sfdw_rowsum_key(SfdwRowSum *sum, TupleTableSlot *slot, const Bitmapset *columns,
				uint64 row)
{
	MemoryContext old = MemoryContextSwitchTo(sum->row_context);
	uint64		hash = 0;
	int			number = -1;

	if (bms_is_empty(columns))
		hash = row;
	while ((number = bms_next_member(columns, number)) >= 0)
		hash = hash_column(sum, slot, number - 1, hash);
	MemoryContextSwitchTo(old);
	MemoryContextReset(sum->row_context);
	return hash;
}

/* Modulo 2^64, so the order of additions does not matter. */
uint64
sfdw_rowsum_value(const SfdwRowSum *sum)
{
	return sum->sum;
}

/* Counted here, since a sum of 0 may be that of some rows. */
int64
sfdw_rowsum_rows(const SfdwRowSum *sum)
{
	return sum->rows;
}

/* With leading zeros, so that texts compare as numbers do. */
char *
sfdw_rowsum_text(uint64 sum)
{
	return psprintf("%016llx", (unsigned long long) sum);
}
