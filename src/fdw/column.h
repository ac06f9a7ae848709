/*-------------------------------------------------------------------------
 * column.h
 *		A column of a foreign table, and how its values are made
 *
 * Knows types, null texts and escapes, and nothing of files: a field's bytes
 * come in, a Datum comes out.  A value that does not fit is a status, never an
 * error with the value in it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COLUMN_H
#define SFDW_COLUMN_H

#include "core/compat.h"
#include "core/buffer.h"
#include "export/csv_scan.h"
#include "fdw/table.h"
#include "nodes/pg_list.h"

typedef struct SfdwType SfdwType;

/* A text that stands for NULL. */
typedef struct SfdwNullText
{
	const char *text;
	size_t		length;
} SfdwNullText;

/* One column that a scan needs. */
typedef struct SfdwColumn
{
	AttrNumber	attnum;
	char	   *name;
	char	   *field;			/* what the header calls it */
	SfdwColumnSource source;
	const SfdwType *type;		/* how to decode it */
	int32		typmod;
	bool		is_escaped;		/* the dialect escapes its text */
	bool		quoted_empty_is_null;
	SfdwNullText *null_texts;	/* what stands for NULL here */
	int			null_text_count;
	uint64		null_lengths;	/* bit (1 << length) of each, the last bit for
								 * all that are longer: see null_length_bit */
} SfdwColumn;

/* Room that decoding uses again for every value. */
typedef struct SfdwScratch
{
	SfdwMemory	memory;
	SfdwBuffer	text;			/* unescaped text */
	SfdwBuffer	number;
} SfdwScratch;

/*
 * The columns of a foreign table with these attribute numbers, in their order.
 * A type that is not read (a domain, a user's type) is
 * ERRCODE_FDW_INVALID_DATA_TYPE, naming table and column.
 */
extern SfdwColumn *sfdw_column_plan(Oid relid, List *attnums,
									const SfdwFormat *format);

/* Get the room ready; its memory comes from the current memory context. */
extern void sfdw_column_init_scratch(SfdwScratch *scratch, size_t limit);

/*
 * Make the value of a field, in the current memory context.  False with a
 * status whose offset counts in field->data, and is 0 where only the field as a
 * whole can be told.
 */
extern bool sfdw_column_decode(const SfdwColumn *column, SfdwScratch *scratch,
							   const SfdwCsvField *field, Datum *value,
							   bool *is_null, SfdwStatus *status);

/* The SQLSTATE of such a failure: PostgreSQL's for a value of that type. */
extern int	sfdw_column_errcode(const SfdwColumn *column, SfdwCode code);

#endif							/* SFDW_COLUMN_H */
