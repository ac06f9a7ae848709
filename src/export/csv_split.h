/*-------------------------------------------------------------------------
 * csv_split.h
 *		Split one record of CSV into its wanted fields, 64 bytes at a time
 *
 * Pure.  Knows where quotes, delimiters and line ends stand, as bit masks, and
 * nothing of what may be wrong with a record: whatever is odd about one is left
 * to csv_scan.c, which asks libcsv.  What is split here is exactly what libcsv
 * would make of it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CSV_SPLIT_H
#define SFDW_CSV_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a field stands in its record, quotes included: [start, end). */
typedef struct SfdwCsvSpan
{
	uint32_t	start;
	uint32_t	end;
} SfdwCsvSpan;

/* What is known of a record that was split. */
typedef struct SfdwCsvSplitRecord
{
	size_t		length;			/* with its line end */
	bool		is_plain;		/* no byte of it is above 0x7f, or a backslash */
} SfdwCsvSplitRecord;

typedef struct SfdwCsvSplitter
{
	char		delimiter;
	char		quote;
	int			column_count;	/* that a record must have; at least 1 */
	const int  *columns;		/* those wanted (from 0), ascending, each once */
	int			wanted_count;
} SfdwCsvSplitter;

/* Records are split up to this length. */
#define SFDW_CSV_MAX_SPLIT ((size_t) 1 << 31)

/*
 * Split the record that begins at data.  True when it ends within length bytes
 * (at most SFDW_CSV_MAX_SPLIT) and there is nothing odd about it: *record is
 * set, and spans[i] is where columns[i] is.  False when it does
 * not, when it is a blank line, has another number of columns, a quote out of
 * place, a carriage return outside quotes that no line feed follows, or a zero
 * byte anywhere; spans may be overwritten then.
 */
extern bool sfdw_csv_split(const SfdwCsvSplitter *splitter, const char *data,
						   size_t length, SfdwCsvSpan *spans,
						   SfdwCsvSplitRecord *record);

/*
 * The same by one way of many, for tests: 0 works everywhere, and those behind
 * it need instructions that this machine may lack (then false).
 */
typedef bool (*SfdwCsvSplit) (const SfdwCsvSplitter *splitter, const char *data,
							  size_t length, SfdwCsvSpan *spans,
							  SfdwCsvSplitRecord *record);

extern bool sfdw_csv_split_way(int way, const char **name, SfdwCsvSplit *split);

#define SFDW_CSV_SPLIT_WAYS 4

#endif							/* SFDW_CSV_SPLIT_H */
