/*-------------------------------------------------------------------------
 * stream.h
 *		The two interfaces that carry all bytes: a source and a sink
 *
 * A source is pulled: next gives one chunk after another until it returns
 * false; read_at gives any range instead.  A sink is pushed: write any number
 * of times, then finish or abort.  Nothing is visible to anybody else before
 * finish has returned.
 *
 * Call order of a source:	open by a storage, (next* | read_at*), close.
 * Call order of a sink:	create by a storage, write*, (finish | abort).
 *
 * Both belong to the memory context that was current when they were made:
 * resetting it closes a source and aborts a sink, so an error anywhere leaks
 * neither a file descriptor nor a half-written object.  Every function raises
 * an error (ereport) when it cannot do its work, except close and abort, which
 * never throw and may be called twice.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_STREAM_H
#define SFDW_STREAM_H

#include "core/compat.h"

/* What a stream did, for EXPLAIN, the ledger and tests. */
typedef struct SfdwStreamStats
{
	uint64		bytes;			/* payload moved */
	uint64		requests;		/* calls to the system or the service */
	uint64		retries;		/* of those, repeated ones */
} SfdwStreamStats;

typedef struct SfdwSource SfdwSource;
typedef struct SfdwSink SfdwSink;

typedef struct SfdwSourceOps
{
	bool		(*next) (SfdwSource *source, const char **data, size_t *length);
	void		(*read_at) (SfdwSource *source, uint64 offset, char *buffer,
							size_t length);
	void		(*close) (SfdwSource *source);
} SfdwSourceOps;

/* Implementations put this first in their own struct. */
struct SfdwSource
{
	const SfdwSourceOps *ops;
	const char *name;			/* for messages: the URL of the object */
	uint64		size;			/* bytes of the whole object */
	SfdwStreamStats stats;
};

typedef struct SfdwSinkOps
{
	void		(*write) (SfdwSink *sink, const char *data, size_t length);
	void		(*finish) (SfdwSink *sink);
	void		(*abort) (SfdwSink *sink);
} SfdwSinkOps;

/* Implementations put this first in their own struct. */
struct SfdwSink
{
	const SfdwSinkOps *ops;
	const char *name;			/* for messages: the URL of the object */
	const char *version_id;		/* after finish: the version that was made */
	uint64		size;			/* bytes written so far */
	SfdwStreamStats stats;
};

/*
 * The next chunk, never empty, valid until the following call; false at the
 * end.  Before it returns false the source has made sure that what it gave is
 * the whole of one version of the object, and raises SFDW_ERRCODE_SUPERSEDED
 * when the object changed meanwhile.
 */
extern bool sfdw_source_next(SfdwSource *source, const char **data,
							 size_t *length);

/* Exactly length bytes from offset on; an error when there are fewer. */
extern void sfdw_source_read_at(SfdwSource *source, uint64 offset,
								char *buffer, size_t length);

/* Release what the source holds; NULL is allowed. */
extern void sfdw_source_close(SfdwSource *source);

/* Append bytes; the sink copies what it keeps. */
extern void sfdw_sink_write(SfdwSink *sink, const char *data, size_t length);

/*
 * Make the object durable and visible, in one step; fills in version_id.  When
 * this raises an error, nothing became visible.
 */
extern void sfdw_sink_finish(SfdwSink *sink);

/* Drop what was written; NULL and a finished sink are allowed. */
extern void sfdw_sink_abort(SfdwSink *sink);

#endif							/* SFDW_STREAM_H */
