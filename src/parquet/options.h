/*-------------------------------------------------------------------------
 * options.h
 *		What a user may ask of the Parquet writer
 *
 * The words are those of COPY ... WITH (FORMAT parquet, ...) and of copy_to().
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PARQUET_OPTIONS_H
#define SFDW_PARQUET_OPTIONS_H

#include "core/options.h"
#include "parquet/metadata.h"

/* One entry of key_value_metadata. */
typedef struct SfdwParquetProperty
{
	const char *key;
	const char *value;
} SfdwParquetProperty;

typedef struct SfdwParquetOptions
{
	SfdwParquetCodec codec;		/* "compression" */
	int			level;			/* "compression_level", for zstd */
	int64		row_group_rows; /* "row_group_size" */
	int64		row_group_bytes;	/* "row_group_size_bytes" */
	SfdwTimeUnit timestamps;	/* "timestamps": millis or micros */
	bool		statistics;		/* "statistics" */
	List	   *sorted_by;		/* "sorted_by": of char *, column names */
	List	   *properties;		/* "key_value_metadata": of
								 * SfdwParquetProperty */
	List	   *unbounded;		/* no word of the user's: of char *, columns
								 * whose smallest and largest value are left
								 * out, because they are real values */
	bool		checksum;		/* no word of the user's: have the writer
								 * compute the SHA-256 of the file */
} SfdwParquetOptions;

/*
 * The options, for sfdw_options_validate; the table ends in a NULL name.  A
 * caller with options of its own (format, server) puts both into one table.
 */
extern const SfdwOption sfdw_parquet_options[];

/* Rows of sfdw_parquet_options before the NULL name. */
extern const int sfdw_parquet_num_options;

/* Whether the bounds of a column are left out though others have theirs. */
extern bool sfdw_parquet_hides_bounds(const SfdwParquetOptions *options,
									  const char *column);

/* What is used where nothing is said. */
extern void sfdw_parquet_options_default(SfdwParquetOptions *options);

/*
 * Read the words from a validated list of DefElem; those that are not ours are
 * passed over.  Raises an error where words contradict each other, or one is
 * malformed (sorted_by, key_value_metadata).  Everything is palloc'd in the
 * current memory context.
 */
extern void sfdw_parquet_options_read(List *words, SfdwParquetOptions *options);

#endif							/* SFDW_PARQUET_OPTIONS_H */
