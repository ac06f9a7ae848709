/*-------------------------------------------------------------------------
 * footer.h
 *		The Thrift structs of a Parquet file: footer and page headers
 *
 * Pure.  Turns the structs of metadata.h into bytes and back.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_FOOTER_H
#define SFDW_PARQUET_FOOTER_H

#include "parquet/metadata.h"

/* Append the FileMetaData struct, without length and magic. */
extern bool sfdw_footer_write(SfdwBuffer *buffer,
							  const SfdwParquetMetadata *metadata,
							  SfdwStatus *status);

/*
 * Read the FileMetaData struct that footer holds, and check its shape: a root
 * with all its nodes, a type and a name for each leaf, and in every row group
 * one chunk a leaf with the leaf's type.  Text points into footer; lists come
 * from memory, which the caller drops as a whole.
 */
extern bool sfdw_footer_read(const SfdwMemory *memory, SfdwBytes footer,
							 SfdwParquetMetadata *metadata,
							 SfdwStatus *status);

/* Append the header of a version 1 data page or of a dictionary page. */
extern bool sfdw_page_header_write(SfdwBuffer *buffer,
								   const SfdwPageHeader *header,
								   SfdwStatus *status);

/*
 * Read the page header that data starts with; *consumed is its length.  Sizes
 * and counts are checked not to be negative.
 */
extern bool sfdw_page_header_read(const SfdwMemory *memory, SfdwBytes data,
								  SfdwPageHeader *header, size_t *consumed,
								  SfdwStatus *status);

/* Whether a schema element is a column, not a group of columns. */
extern bool sfdw_schema_is_leaf(const SfdwSchemaElement *element);

#endif							/* SFDW_PARQUET_FOOTER_H */
