/*-------------------------------------------------------------------------
 * names.h
 *		The words of parquet.thrift for the numbers in a footer
 *
 * Pure.  A number without a word gives NULL.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_NAMES_H
#define SFDW_PARQUET_NAMES_H

#include "parquet/metadata.h"

extern const char *sfdw_parquet_type_name(int32_t type);
extern const char *sfdw_parquet_repetition_name(int32_t repetition);
extern const char *sfdw_parquet_converted_name(int32_t converted);
extern const char *sfdw_parquet_encoding_name(int32_t encoding);
extern const char *sfdw_parquet_codec_name(int32_t codec);

/* Room for the longest text that sfdw_parquet_logical_text makes. */
#define SFDW_LOGICAL_TEXT_SIZE 80

/*
 * "TIMESTAMP(isAdjustedToUTC=false, unit=MILLIS)", "DECIMAL(10, 2)", "STRING";
 * empty for none.  Returns text.
 */
extern char *sfdw_parquet_logical_text(const SfdwLogicalType *logical,
									   char text[SFDW_LOGICAL_TEXT_SIZE]);

#endif							/* SFDW_PARQUET_NAMES_H */
