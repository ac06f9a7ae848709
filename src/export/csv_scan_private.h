/*-------------------------------------------------------------------------
 * csv_scan_private.h
 *		What the files of csv_scan share; see csv_scan.h
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CSV_SCAN_PRIVATE_H
#define SFDW_CSV_SCAN_PRIVATE_H

#include "core/buffer.h"
#include "export/csv_scan.h"
#include "export/csv_split.h"
#include "export/file_kind.h"

#include <csv.h>

/* Where a wanted field was found, while its record is not complete. */
typedef struct FieldPlace
{
	size_t		raw_start;		/* in the record, its quote included */
	size_t		copy_start;		/* in scratch, if is_doubled */
	size_t		length;			/* of the value */
	bool		is_quoted;
	bool		is_doubled;
} FieldPlace;

struct SfdwCsvScan
{
	const SfdwMemory *memory;
	SfdwCsvOptions options;
	struct csv_parser parser;
	SfdwBuffer	entry;			/* lent to libcsv */
	SfdwBuffer	carry;			/* a record that began in an earlier block */
	SfdwBuffer	scratch;		/* values without their doubled quotes */
	SfdwBuffer	places;			/* FieldPlace of the current record */
	SfdwBuffer	fields;			/* SfdwCsvField of the current record */
	SfdwBuffer	slots;			/* int a column: its place, or -1 */
	SfdwBuffer	columns;		/* int: the wanted columns, ascending */
	SfdwBuffer	spans;			/* SfdwCsvSpan of each of those */
	SfdwCsvSplitter splitter;	/* its columns are NULL before it is known */

	/* input */
	const char *block;			/* what is being read */
	size_t		block_length;
	size_t		block_position;
	const char *next_block;		/* what comes after it */
	size_t		next_length;
	char		start[SFDW_FILE_KIND_LENGTH];	/* first bytes of tiny first
												 * blocks */
	size_t		start_length;
	bool		is_started;		/* the kind of file is known */
	bool		is_last;		/* no more blocks will come */

	/* the current record */
	const char *span;			/* its raw bytes so far */
	size_t		span_length;
	size_t		fed;			/* of those, known to libcsv */
	uint64_t	offset;			/* of span in the whole input */
	bool		is_carried;		/* span is in carry */
	size_t		field_start;	/* in span: where the next field begins */
	int			column;			/* number of that field */
	bool		is_complete;	/* libcsv saw its end ... */
	int			end_char;		/* ... by CR, LF, or -1 for end of input */
	size_t		end_position;	/* of that in span */

	/* the whole input */
	uint64_t	number;			/* of the current record */
	bool		has_header;
	int			column_count;
	bool		is_projected;
	int			wanted_count;
	SfdwStatus	failure;
	int			failed_field;	/* where, from 1; 0: the record as a whole */
};

/*
 * Hand out the record that begins at the block's position, if it lies within
 * the block and nothing about it is odd.  False: nothing has happened.  The
 * header is known, and no record is begun.
 */
extern bool sfdw_csv_split_record(SfdwCsvScan *scan, SfdwCsvRecord *record);

/*
 * Have libcsv store up to length more bytes; the first kept ones, which it may
 * have stored already, stay.
 */
static inline bool
lend_entry(SfdwCsvScan *scan, size_t kept, size_t length)
{
	scan->entry.length = kept;
	if (!sfdw_buffer_reserve(&scan->entry, length + 1, &scan->failure))
		return false;
	scan->parser.entry_buf = (unsigned char *) scan->entry.data;
	scan->parser.entry_size = scan->entry.capacity;
	return true;
}

#endif							/* SFDW_CSV_SCAN_PRIVATE_H */
