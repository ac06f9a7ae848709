/*-------------------------------------------------------------------------
 * writer.h
 *		Write rows into a sink as one Parquet file
 *
 * Knows the Parquet format, and nothing of COPY, files or S3.  Call order:
 * open, append*, finish.  The writer keeps one row group in memory (bounded by
 * options) and hands each to the sink when it is full.  It neither finishes nor
 * aborts the sink: whoever made the sink does, after sfdw_parquet_writer_finish
 * has returned, and so nothing is visible before the caller says so.
 *
 * The writer lives in a memory context of its own below the one that was
 * current at open: resetting that one releases everything, so a writer that an
 * error leaves behind leaks nothing.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_WRITER_H
#define SFDW_PARQUET_WRITER_H

#include "core/stream.h"
#include "access/tupdesc.h"
#include "parquet/options.h"

typedef struct SfdwParquetWriter SfdwParquetWriter;

/* Hexadecimal digits of a SHA-256, and the NUL. */
#define SFDW_SHA256_TEXT_SIZE 65

/* What was written. */
typedef struct SfdwParquetSummary
{
	int64		rows;
	int			row_groups;
	int64		bytes;			/* of the whole file */
	char		sha256[SFDW_SHA256_TEXT_SIZE];	/* of the file's bytes; empty
												 * unless options->checksum */
} SfdwParquetSummary;

/*
 * Raise an error, naming the column, unless rows of this shape can be written:
 * a type without a faithful mapping, two names that are equal but for case, no
 * column at all.  Dropped columns are left out of the file.  Nothing is
 * written, so a caller can check before it makes the object.
 */
extern void sfdw_parquet_writer_check(TupleDesc desc,
									  const SfdwParquetOptions *options);

/*
 * Start a file.  Checks as sfdw_parquet_writer_check does before the first byte
 * is written.  The sink and what options point to must outlive the writer.
 */
extern SfdwParquetWriter *sfdw_parquet_writer_open(SfdwSink *sink,
												   TupleDesc desc,
												   const SfdwParquetOptions *options);

/*
 * Add a row: desc->natts values, as in a tuple slot; they are copied.  A value
 * that its column cannot hold exactly is an error that names column and row.
 */
extern void sfdw_parquet_writer_append(SfdwParquetWriter *writer,
									   const Datum *values,
									   const bool *isnull);

/*
 * Write what is left and the footer, fill in the summary, and release the
 * writer.  A file without rows is a valid file.
 */
extern void sfdw_parquet_writer_finish(SfdwParquetWriter *writer,
									   SfdwParquetSummary *summary);

#endif							/* SFDW_PARQUET_WRITER_H */
