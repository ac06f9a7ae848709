/*-------------------------------------------------------------------------
 * reader.h
 *		Read the footer of a Parquet file, and verify the whole of it
 *
 * Knows the Parquet format, and nothing of SQL, files or S3.  A file that
 * breaks the format's rules is an error (ERRCODE_BAD_COPY_FILE_FORMAT) that
 * names it and the offset, whatever its bytes are; no count or size in it is
 * believed before it is compared with the bytes that are there.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_READER_H
#define SFDW_PARQUET_READER_H

#include "core/stream.h"
#include "parquet/metadata.h"
#include "parquet/writer.h"

typedef struct SfdwParquetFile
{
	SfdwSource *source;
	SfdwParquetMetadata metadata;	/* its text lies in footer */
	char	   *footer;
	uint64		footer_offset;	/* where it starts in the file */
	size_t		footer_size;
} SfdwParquetFile;

/* What sfdw_parquet_verify found. */
typedef struct SfdwParquetReport
{
	int64		rows;
	int			row_groups;
	int64		pages;
	int64		pages_without_crc;	/* 0 for a file of ours */
	int64		bytes;			/* of the whole file */
	char		sha256[SFDW_SHA256_TEXT_SIZE];	/* of the file's bytes */
} SfdwParquetReport;

/*
 * Read and check the footer: magic, lengths, required fields, the shape of the
 * schema, that every row group has every column.  Everything returned belongs
 * to the current memory context.  The source stays open and the caller's.
 */
extern SfdwParquetFile *sfdw_parquet_read_footer(SfdwSource *source);

/*
 * Read every byte of the file once, in order, and compare: page checksums,
 * page headers with the footer, values and rows counted, chunks that neither
 * overlap nor leave the file.  The SHA-256 is what sha256sum prints, so that
 * anybody can check later that a published file is the verified one.
 */
extern void sfdw_parquet_verify(SfdwParquetFile *file,
								SfdwParquetReport *report);

/*
 * The columns as text, for the ledger and for messages: names with what Glue
 * calls their types ("accountid string, accountcreateddate timestamp").
 */
extern char *sfdw_parquet_describe(const SfdwParquetMetadata *metadata);

#endif							/* SFDW_PARQUET_READER_H */
