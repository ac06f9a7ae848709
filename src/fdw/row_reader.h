/*-------------------------------------------------------------------------
 * row_reader.h
 *		Rows of a foreign table, out of one version of an object
 *
 * A row reader is opened over a source and gives one row after another; a
 * scan knows nothing of the format behind it.  One adapter a format (CSV
 * here).
 *
 * Call order: open by an adapter, next until it returns false, close.  The
 * reader belongs to the memory context that was current when it was opened,
 * and resetting that closes it.
 *
 * What is wrong with the object is an error that names it, the record, the
 * byte (counted from 0; of the object, or as the error says of the text made out
 * of it) and the column, and never a value.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ROW_READER_H
#define SFDW_ROW_READER_H

#include "core/compat.h"
#include "core/stream.h"
#include "fdw/column.h"
#include "fdw/table.h"
#include "nodes/pg_list.h"

typedef struct SfdwRowReader SfdwRowReader;

/* What a reader is told when it is opened; it must outlive the reader. */
typedef struct SfdwRowRequest
{
	Oid			relid;
	const SfdwFormat *format;
	const SfdwColumn *columns;	/* those needed, sources left out */
	int			column_count;
	List	   *fields;			/* String: the fields of all other columns */

	/*
	 * When accept is not NULL, the first columns are made first, and where it
	 * says no, the record is passed over: it is no row, the others are not
	 * made, and nothing is known of their fields.  It may free what was made.
	 */
	int			first_count;
	bool		(*accept) (void *argument);
	void	   *argument;
} SfdwRowRequest;

typedef struct SfdwRowReaderOps
{
	bool		(*next) (SfdwRowReader *reader, Datum *values, bool *nulls);
	void		(*close) (SfdwRowReader *reader);
} SfdwRowReaderOps;

/* Adapters put this first in their own struct. */
struct SfdwRowReader
{
	const SfdwRowReaderOps *ops;
	SfdwSource *source;
	int64		records;		/* read so far; the last one's number */

	/* Known after open, for a report (scans.h): */
	List	   *header;
	List	   *extra;
	List	   *missing;
};

/*
 * Start to read CSV.  The header is read, and every needed column is bound by
 * its field's name; a field that the header does not have, or has twice, is an
 * error.  What the source gives is decompressed and converted first, as the
 * format says.  The reader closes the source.
 */
extern SfdwRowReader *sfdw_csv_reader_open(SfdwSource *source,
										   const SfdwRowRequest *request);

/*
 * The next row: the value of request->columns[i] goes to the place of its
 * attribute number in values and nulls, other places are left alone.  Values
 * live in the current memory context or as long as the row: until the next
 * call.  False at the end.
 */
static inline bool
sfdw_row_reader_next(SfdwRowReader *reader, Datum *values, bool *nulls)
{
	return reader->ops->next(reader, values, nulls);
}

/* Release what the reader holds; NULL is allowed, and twice too. */
static inline void
sfdw_row_reader_close(SfdwRowReader *reader)
{
	if (reader != NULL)
		reader->ops->close(reader);
}

#endif							/* SFDW_ROW_READER_H */
