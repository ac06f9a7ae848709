/*-------------------------------------------------------------------------
 * types.h
 *		Which Parquet column a PostgreSQL column becomes, and its values
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_TYPES_H
#define SFDW_PARQUET_TYPES_H

#include "core/compat.h"
#include "access/tupdesc.h"
#include "lib/stringinfo.h"
#include "parquet/chunk.h"
#include "parquet/options.h"

typedef struct SfdwParquetColumn SfdwParquetColumn;

/*
 * Put a value that is not null into the column's chunk.  A value that the
 * column cannot hold exactly is SFDW_OUT_OF_RANGE, with a message that goes on
 * after "column "x", row n: ".
 */
typedef bool (*SfdwPutValue) (SfdwParquetColumn *column, Datum value,
							  SfdwStatus *status);

struct SfdwParquetColumn
{
	const char *name;
	int			index;			/* of the value in a row of the source */
	SfdwSchemaElement element;
	SfdwChunkLayout layout;
	SfdwPutValue put;
	StringInfoData text;		/* scratch, of jsonb alone */
	SfdwChunk	chunk;
};

/*
 * Describe a column, all but its chunk; raises an error that names it when its
 * type has no faithful mapping.  Domains are their base types.
 */
extern void sfdw_parquet_column_init(SfdwParquetColumn *column,
									 Form_pg_attribute attribute,
									 const SfdwParquetOptions *options);

#endif							/* SFDW_PARQUET_TYPES_H */
