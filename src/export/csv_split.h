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
 * (at most SFDW_CSV_MAX_SPLIT) and there is nothing odd about it: *record_length
 * counts its line end, and spans[i] is where columns[i] is.  False when it does
 * not, when it is a blank line, has another number of columns, a quote out of
 * place, a carriage return outside quotes that no line feed follows, or a zero
 * byte anywhere; spans may be overwritten then.
 */
extern bool sfdw_csv_split(const SfdwCsvSplitter *splitter, const char *data,
						   size_t length, SfdwCsvSpan *spans,
						   size_t *record_length);

/*
 * The same by one way of many, for tests: 0 works everywhere, and those behind
 * it need instructions that this machine may lack (then false).
 */
typedef bool (*SfdwCsvSplit) (const SfdwCsvSplitter *splitter, const char *data,
							  size_t length, SfdwCsvSpan *spans,
							  size_t *record_length);

extern bool sfdw_csv_split_way(int way, const char **name, SfdwCsvSplit *split);

#define SFDW_CSV_SPLIT_WAYS 4

#endif							/* SFDW_CSV_SPLIT_H */
