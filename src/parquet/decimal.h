/*-------------------------------------------------------------------------
 * decimal.h
 *		PostgreSQL's numeric as Parquet's DECIMAL
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DECIMAL_H
#define SFDW_DECIMAL_H

#include "core/compat.h"
#include "parquet/metadata.h"

/* Digits of the largest DECIMAL that every reader takes, and its bytes. */
#define SFDW_DECIMAL_MAX_PRECISION 38
#define SFDW_DECIMAL_MAX_BYTES 16

typedef struct SfdwDecimalType
{
	int32		precision;
	int32		scale;
	SfdwParquetType physical;	/* INT32, INT64 or FIXED, by precision */
	int32		length;			/* of FIXED, else absent */
} SfdwDecimalType;

/*
 * The DECIMAL that a numeric of this typmod becomes; false when the typmod has
 * no precision, or one or a scale that Parquet does not have.
 */
extern bool sfdw_decimal_type(int32 typmod, SfdwDecimalType *type);

/*
 * The PLAIN bytes of a numeric.  False, SFDW_OUT_OF_RANGE, for NaN, infinities
 * and whatever the type cannot hold without rounding.
 */
extern bool sfdw_decimal_encode(Datum value, const SfdwDecimalType *type,
								char bytes[SFDW_DECIMAL_MAX_BYTES],
								size_t *length, SfdwStatus *status);

#endif							/* SFDW_DECIMAL_H */
