/*-------------------------------------------------------------------------
 * values.h
 *		Values of one column, one after another as their PLAIN bytes
 *
 * Pure.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_VALUES_H
#define SFDW_VALUES_H

#include "parquet/metadata.h"

/* A byte array's PLAIN bytes start with its length. */
#define SFDW_LENGTH_PREFIX 4

typedef struct SfdwValues
{
	const char *data;
	uint32_t	start;			/* in data: where the first value starts */
	const uint32_t *ends;		/* in data: where each value ends */
	size_t		count;
} SfdwValues;

#endif							/* SFDW_VALUES_H */
