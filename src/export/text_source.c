/*-------------------------------------------------------------------------
 * text_source.c
 *		The text of an object, whatever form it is stored in
 *
 * A chain of stages: the stored bytes, then a decompressor, then a converter,
 * the last two only where they are needed.  See text_source.h.
 *-------------------------------------------------------------------------
 */
#include "export/text_source.h"

#include "core/errors.h"
#include "core/memory_pg.h"
#include "export/convert.h"
#include "export/inflate.h"
#include "miscadmin.h"

/* A decompressor and a converter. */
#define MAX_FILTERS 2

struct SfdwTextSource
{
	SfdwSource *stored;
	SfdwTextForm form;			/* its compression is settled by the start */
	SfdwMemory	memory;
	SfdwFilter *filters[MAX_FILTERS];
	int			filter_count;
	SfdwFilter *inflater;		/* one of these, or NULL */
	SfdwFilter *converter;		/* one of these, or NULL */
	SfdwFilter *failed;			/* the one that failed, or NULL */
	MemoryContextCallback cleanup;

	/* the first bytes, until they are given */
	bool		is_started;
	char		start[SFDW_COMPRESSION_START];
	size_t		start_length;
	const char *rest;			/* of the block that they end in */
	size_t		rest_length;
	uint64		given;			/* bytes of text */
};

/* Free the filters; runs when the context is reset, and twice. */
static void
release_filters(void *arg)
{
	SfdwTextSource *source = arg;

	for (int i = 0; i < source->filter_count; i++)
		sfdw_filter_free(source->filters[i]);
	source->filter_count = 0;
	source->inflater = NULL;
	source->converter = NULL;
	source->failed = NULL;
}

/*
 * Read until the first bytes are there.  They are copied only when the first
 * block is shorter.
 */
static void
read_start(SfdwTextSource *source)
{
	while (source->start_length + source->rest_length < SFDW_COMPRESSION_START)
	{
		const char *data;
		size_t		length;

		Assert(source->start_length + source->rest_length <
			   sizeof(source->start));
		if (source->rest_length > 0)
			memcpy(source->start + source->start_length, source->rest,
				   source->rest_length);
		source->start_length += source->rest_length;
		source->rest_length = 0;
		if (!sfdw_source_next(source->stored, &data, &length))
			break;
		source->rest = data;
		source->rest_length = length;
	}
}

/* What the object is compressed with, where the option leaves it open. */
static SfdwCompression
find_compression(const SfdwTextSource *source)
{
	char		start[SFDW_COMPRESSION_START];
	size_t		length = source->start_length;
	size_t		more = Min(sizeof(start) - length, source->rest_length);
	SfdwCompression by_name;

	by_name = sfdw_compression_of_name(source->stored->name,
									   strlen(source->stored->name));
	if (by_name != SFDW_COMPRESSION_NONE)
		return by_name;
	memcpy(start, source->start, length);
	if (more > 0)
		memcpy(start + length, source->rest, more);
	return sfdw_compression_of_bytes(start, length + more);
}

/* Put a stage at the chain's end; false when it could not be made. */
static bool
add_filter(SfdwTextSource *source, SfdwFilter *filter)
{
	if (filter != NULL)
		source->filters[source->filter_count++] = filter;
	return filter != NULL;
}

/* Look at the first bytes, and make the chain that the object needs. */
static bool
start(SfdwTextSource *source, SfdwStatus *status)
{
	SfdwTextForm *form = &source->form;

	read_start(source);
	source->is_started = true;
	if (form->compression == SFDW_COMPRESSION_AUTO)
		form->compression = find_compression(source);
	if (form->compression != SFDW_COMPRESSION_NONE)
	{
		source->inflater = sfdw_inflate_create(&source->memory,
											   form->compression,
											   form->max_ratio, status);
		if (!add_filter(source, source->inflater))
			return false;
	}
	if (form->encoding != SFDW_ENCODING_UTF8)
	{
		source->converter = sfdw_convert_create(&source->memory,
												form->encoding, status);
		if (!add_filter(source, source->converter))
			return false;
	}
	return true;
}

/* The next block of stored bytes, those first that were looked at. */
static bool
pull_stored(SfdwTextSource *source, const char **data, size_t *length)
{
	if (source->start_length > 0)
	{
		*data = source->start;
		*length = source->start_length;
		source->start_length = 0;
		return true;
	}
	if (source->rest_length > 0)
	{
		*data = source->rest;
		*length = source->rest_length;
		source->rest_length = 0;
		return true;
	}
	return sfdw_source_next(source->stored, data, length);
}

/*
 * The next block behind the first so many stages; false with a status, or at the
 * end.
 */
static bool
pull(SfdwTextSource *source, int stages, const char **data, size_t *length,
	 SfdwStatus *status)
{
	SfdwFilter *filter;

	if (stages == 0)
		return pull_stored(source, data, length);
	filter = source->filters[stages - 1];
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		switch (sfdw_filter_next(filter, data, length, status))
		{
			case SFDW_FILTER_DATA:
				return true;
			case SFDW_FILTER_END:
				return false;
			case SFDW_FILTER_FAILED:
				source->failed = filter;
				return false;
			case SFDW_FILTER_NEED_INPUT:
				if (pull(source, stages - 1, data, length, status))
					sfdw_filter_push(filter, *data, *length);
				else if (status->code == SFDW_OK)
					sfdw_filter_finish(filter);
				else
					return false;
		}
	}
}

/* The next block of text. */
bool
sfdw_text_source_try_next(SfdwTextSource *source, const char **data,
						  size_t *length, SfdwStatus *status)
{
	if (!source->is_started && !start(source, status))
		return false;
	if (!pull(source, source->filter_count, data, length, status))
		return false;
	source->given += *length;
	return true;
}

/* The same, raising what is wrong. */
bool
sfdw_text_source_next(SfdwTextSource *source, const char **data,
					  size_t *length)
{
	SfdwStatus	status = {SFDW_OK};
	bool		has_block = sfdw_text_source_try_next(source, data, length,
													  &status);

	if (status.code != SFDW_OK)
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not read object \"%s\": byte " UINT64_FORMAT "%s: %s",
					   source->stored->name, (uint64) status.offset,
					   sfdw_text_source_unit(source), status.message));
	return has_block;
}

/* Wrap a source. */
SfdwTextSource *
sfdw_text_source_open(SfdwSource *stored, const SfdwTextForm *form)
{
	SfdwTextSource *source = palloc0(sizeof(SfdwTextSource));

	source->stored = stored;
	source->form = *form;
	source->memory = sfdw_memory_pg(CurrentMemoryContext);
	source->cleanup.func = release_filters;
	source->cleanup.arg = source;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &source->cleanup);
	return source;
}

/* What offsets count. */
const char *
sfdw_text_source_unit(const SfdwTextSource *source)
{
	if (source->failed != NULL && source->failed == source->inflater)
		return " of the compressed data";
	if (source->failed == NULL && source->converter != NULL &&
		sfdw_convert_encoding(source->converter) != SFDW_ENCODING_UTF8)
		return " of the text in UTF-8";
	return source->inflater != NULL ? " of the decompressed data" : "";
}

/* Bytes of text. */
uint64
sfdw_text_source_given(const SfdwTextSource *source)
{
	return source->given;
}

/* Bytes that it has taken. */
uint64
sfdw_text_source_taken(const SfdwTextSource *source)
{
	return source->filter_count > 0 ? source->filters[0]->taken : source->given;
}

/* The encoding. */
SfdwEncoding
sfdw_text_source_encoding(const SfdwTextSource *source)
{
	return source->converter == NULL ? SFDW_ENCODING_UTF8 :
		sfdw_convert_encoding(source->converter);
}

/* Close both. */
void
sfdw_text_source_close(SfdwTextSource *source)
{
	if (source == NULL)
		return;
	release_filters(source);
	sfdw_source_close(source->stored);
}
