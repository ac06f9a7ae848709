/*-------------------------------------------------------------------------
 * csv_scan.h
 *		Cut blocks of CSV into records and fields
 *
 * Pure.  Knows quoting and line ends, and nothing of columns' types, escapes
 * or files.  Blocks are pushed, records are pulled:
 *
 *		scan = sfdw_csv_create(memory, &options, &status);
 *		for (;;)
 *			switch (sfdw_csv_next(scan, &record, &status))
 *				case SFDW_CSV_NEED_INPUT:	sfdw_csv_push(scan, data, length)
 *											or sfdw_csv_finish(scan)
 *				case SFDW_CSV_RECORD:		use record
 *				case SFDW_CSV_REJECTED:		skip the record, or stop
 *				case SFDW_CSV_END:			done
 *				case SFDW_CSV_FAILED:		report status
 *		sfdw_csv_free(scan);
 *
 * The first record is the header, and all its fields are given.  After it the
 * caller says once, with sfdw_csv_project, which columns it wants; without
 * that all are wanted.
 *
 * Rules.  What holds for every record: the column count is the header's, an
 * opening quote stands at the start of a field and a closing one at its end,
 * no quote stays open, a carriage return outside quotes stands directly before
 * a line feed, a record is not larger than max_record_size.  (Programs that
 * write CSV quote a lone carriage return; a reader cannot tell an unquoted one
 * from the line end of a file for old Macs, so it is an error here.)  Blank
 * lines are skipped, a UTF-8 byte order mark is stripped, nothing is trimmed,
 * the last record may lack its line end.  What holds for wanted fields only:
 * no NUL byte.  UTF-8 is checked by who decodes the field (utf8.h).
 *
 * A file that starts as UTF-16, UTF-32, gzip, zstd, ZIP or Parquet does is
 * refused with SFDW_UNSUPPORTED by that name; one without any record with
 * SFDW_MALFORMED.
 *
 * status->offset of a failure is the byte in the whole input (a byte order
 * mark counts), and sfdw_csv_record_number tells the record.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CSV_SCAN_H
#define SFDW_CSV_SCAN_H

#include "core/memory.h"
#include "core/status.h"

/* Columns that a header may have; Salesforce allows about 1,000 fields. */
#define SFDW_CSV_MAX_COLUMNS 4096

/* Default of the option max_record_size. */
#define SFDW_CSV_MAX_RECORD_SIZE ((size_t) 16 * 1024 * 1024)

typedef struct SfdwCsvOptions
{
	char		delimiter;		/* not a quote, CR, LF or NUL */
	char		quote;
	size_t		max_record_size;	/* bytes of a record with its quotes and
									 * line end; at least 16 */
} SfdwCsvOptions;

/* A field; an unquoted empty one has length 0 and is not quoted. */
typedef struct SfdwCsvField
{
	const char *data;			/* not terminated; never NULL */
	size_t		length;
	uint64_t	offset;			/* of its first byte, the quote included, in
								 * the whole input */
	bool		is_quoted;
	bool		is_doubled;		/* held doubled quotes: byte i of data is not
								 * byte offset + i of the input */
	bool		is_plain;		/* known to be ASCII without a zero byte or a
								 * backslash; false says nothing */
} SfdwCsvField;

typedef struct SfdwCsvRecord
{
	const SfdwCsvField *fields; /* those wanted, in the order asked for */
	int			field_count;
	uint64_t	number;			/* 0 = the header, 1 = the first after it */
	uint64_t	offset;			/* of its first byte in the whole input */
	size_t		length;			/* bytes with quotes and line end */
} SfdwCsvRecord;

typedef enum SfdwCsvResult
{
	SFDW_CSV_RECORD,			/* *record is set */
	SFDW_CSV_NEED_INPUT,		/* push the next block, or finish */
	SFDW_CSV_REJECTED,			/* the record has another column count than
								 * the header, or a NUL: status is set;
								 * *record says number, offset and length
								 * only; next goes on behind it */
	SFDW_CSV_END,				/* no more records */
	SFDW_CSV_FAILED				/* status is set; next would fail again */
} SfdwCsvResult;

typedef struct SfdwCsvScan SfdwCsvScan;

/*
 * Start a scan; memory must outlive it.  NULL with SFDW_UNSUPPORTED when the
 * options contradict each other, SFDW_OUT_OF_MEMORY when there is none.
 */
extern SfdwCsvScan *sfdw_csv_create(const SfdwMemory *memory,
									const SfdwCsvOptions *options,
									SfdwStatus *status);

/*
 * Give the next block, after NEED_INPUT (or at the start).  Its bytes must stay
 * as they are until next asks for more input: fields may point into it.
 */
extern void sfdw_csv_push(SfdwCsvScan *scan, const char *data, size_t length);

/* Say that there are no more blocks, after NEED_INPUT. */
extern void sfdw_csv_finish(SfdwCsvScan *scan);

/*
 * The next record.  *record and its fields are valid until the following call
 * of next, push or free.  One call reads at most the rest of one block.
 */
extern SfdwCsvResult sfdw_csv_next(SfdwCsvScan *scan, SfdwCsvRecord *record,
								   SfdwStatus *status);

/*
 * Say which columns (0 = the first of the header) are wanted from now on, in
 * the order in which they are to stand in record.fields; each at most once;
 * count may be 0.  Once, after the header and before the next call of next.
 */
extern bool sfdw_csv_project(SfdwCsvScan *scan, const int *columns, int count,
							 SfdwStatus *status);

/* The number of the record that next gave, rejected or failed in last. */
extern uint64_t sfdw_csv_record_number(const SfdwCsvScan *scan);

/*
 * After a record was rejected, or failed: in which of its fields it broke a
 * rule, from 1; 0 when it did so as a whole.
 */
extern int	sfdw_csv_failed_field(const SfdwCsvScan *scan);

/*
 * The byte in the whole input of byte index of a field's value; quote is the
 * scan's.
 */
extern uint64_t sfdw_csv_field_offset(const SfdwCsvField *field, char quote,
									  size_t index);

/* Give back all memory; NULL is allowed. */
extern void sfdw_csv_free(SfdwCsvScan *scan);

#endif							/* SFDW_CSV_SCAN_H */
