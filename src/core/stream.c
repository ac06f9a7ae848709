/*-------------------------------------------------------------------------
 * stream.c
 *		The two interfaces that carry all bytes: a source and a sink
 *
 * Dispatch and bookkeeping only; see stream.h for the contract.
 *-------------------------------------------------------------------------
 */
#include "core/stream.h"

#include "miscadmin.h"

/* Pull the next chunk, and let a cancel in between. */
bool
sfdw_source_next(SfdwSource *source, const char **data, size_t *length)
{
	CHECK_FOR_INTERRUPTS();
	if (!source->ops->next(source, data, length))
		return false;
	source->stats.bytes += *length;
	return true;
}

/* Read a range. */
void
sfdw_source_read_at(SfdwSource *source, uint64 offset, char *buffer,
					size_t length)
{
	CHECK_FOR_INTERRUPTS();
	source->ops->read_at(source, offset, buffer, length);
	source->stats.bytes += length;
}

/* Release what the source holds. */
void
sfdw_source_close(SfdwSource *source)
{
	if (source != NULL)
		source->ops->close(source);
}

/* Push bytes. */
void
sfdw_sink_write(SfdwSink *sink, const char *data, size_t length)
{
	CHECK_FOR_INTERRUPTS();
	if (length == 0)
		return;
	sink->ops->write(sink, data, length);
	sink->size += length;
	sink->stats.bytes += length;
}

/* Make the object visible. */
void
sfdw_sink_finish(SfdwSink *sink)
{
	CHECK_FOR_INTERRUPTS();
	sink->ops->finish(sink);
}

/* Drop what was written. */
void
sfdw_sink_abort(SfdwSink *sink)
{
	if (sink != NULL)
		sink->ops->abort(sink);
}
