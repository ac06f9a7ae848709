/*-------------------------------------------------------------------------
 * verify.c
 *		Verify the whole of a Parquet file
 *
 * See reader.h.  The file is read once, from its first byte to its last,
 * through a window: chunks in the order in which they lie in the file, their
 * pages one after another, and what lies between chunks for the digest alone.
 * Pages are not decompressed: the checksum is of the compressed bytes.
 *-------------------------------------------------------------------------
 */
#include "parquet/reader.h"

#include <zlib.h>

#include "core/errors.h"
#include "core/memory_pg.h"
#include "miscadmin.h"
#include "parquet/sha256.h"
#include "parquet/footer.h"
#include "utils/memutils.h"

/*
 * Bytes that are looked at together.  A page header must fit; ours have 50
 * bytes, those of other writers may hold bounds of a few kilobytes.
 */
#define WINDOW_SIZE ((size_t) 1024 * 1024)

/* One chunk, with its place in the file. */
typedef struct Place
{
	uint64		start;
	uint64		end;
	int			group;
	int			column;
} Place;

typedef struct Verifier
{
	SfdwParquetFile *file;
	SfdwSha256 *digest;
	SfdwParquetReport *report;
	SfdwMemory	memory;
	char	   *window;
	uint64		start;			/* in the file, of the window's first byte */
	size_t		length;			/* bytes in the window */
	size_t		at;				/* of those, passed over */
	const Place *place;			/* of the chunk that is being verified */
} Verifier;

/* What a chunk's pages add up to. */
typedef struct Sums
{
	int64		uncompressed;
	int64		values;
	int			data_pages;
} Sums;

/* Where the verifier is in the file. */
static uint64
position(const Verifier *verifier)
{
	return verifier->start + verifier->at;
}

/* Raise the error for a chunk that is not what the footer says. */
static void
reject_chunk(const Verifier *verifier, const Place *place, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
			errmsg("could not verify Parquet file \"%s\": %s",
				   verifier->file->source->name, why),
			errdetail("This is column %d of row group %d, near byte " UINT64_FORMAT ".",
					  place->column, place->group, position(verifier)));
}

/* Read on, once everything in the window was passed over or moved down. */
static void
fill(Verifier *verifier)
{
	SfdwSource *source = verifier->file->source;
	size_t		left = verifier->length - verifier->at;
	uint64		next = verifier->start + verifier->length;
	size_t		more = (size_t) Min((uint64) (WINDOW_SIZE - left),
									source->size - next);

	memmove(verifier->window, verifier->window + verifier->at, left);
	verifier->start += verifier->at;
	verifier->at = 0;
	verifier->length = left;
	if (more == 0)
		return;
	sfdw_source_read_at(source, next, verifier->window + left, more);
	sfdw_sha256_update(verifier->digest, verifier->window + left, more);
	verifier->length += more;
}

/* Pass over bytes, and return their checksum. */
static uint32
pass(Verifier *verifier, uint64 length)
{
	uLong		crc = crc32_z(0, NULL, 0);

	while (length > 0)
	{
		size_t		piece;

		if (verifier->at == verifier->length)
			fill(verifier);
		piece = (size_t) Min(length, (uint64) (verifier->length - verifier->at));
		crc = crc32_z(crc, (const Bytef *) verifier->window + verifier->at,
					  piece);
		verifier->at += piece;
		length -= piece;
	}
	return (uint32) crc;
}

/* The description of a chunk. */
static const SfdwColumnMetadata *
metadata_of(const Verifier *verifier, const Place *place)
{
	return &verifier->file->metadata.row_groups[place->group].columns[place->column];
}

/* Read the header of the page that starts here, and pass over it. */
static size_t
read_header(Verifier *verifier, SfdwPageHeader *header)
{
	uint64		left = verifier->place->end - position(verifier);
	SfdwStatus	status = {0};
	SfdwBytes	bytes;
	size_t		length;

	if (verifier->length - verifier->at < left)
		fill(verifier);
	bytes.data = verifier->window + verifier->at;
	bytes.length = (size_t) Min((uint64) (verifier->length - verifier->at),
								left);
	if (!sfdw_page_header_read(&verifier->memory, bytes, header, &length,
							   &status))
		reject_chunk(verifier, verifier->place,
					 psprintf("a page header is malformed: %s",
							  status.message));
	verifier->at += length;
	return length;
}

/* Check a page header against the chunk's description. */
static void
check_header(const Verifier *verifier, const SfdwPageHeader *header,
			 uint64 page_start, const Sums *sums)
{
	const Place *place = verifier->place;
	const SfdwColumnMetadata *metadata = metadata_of(verifier, place);
	bool		is_dictionary = header->type == SFDW_PAGE_DICTIONARY;

	if ((uint64) header->compressed_size > place->end - position(verifier))
		reject_chunk(verifier, place, "a page is longer than its column chunk");
	if (!is_dictionary && header->type != SFDW_PAGE_DATA &&
		header->type != SFDW_PAGE_DATA_V2)
		reject_chunk(verifier, place, "a page is of another type than data and dictionary");
	/* not every writer lists the encoding of its dictionary */
	if (!is_dictionary &&
		(header->encoding < 0 || header->encoding > SFDW_PARQUET_MAX_ENCODING ||
		 !(metadata->encodings & (UINT32_C(1) << header->encoding))))
		reject_chunk(verifier, place, "a page has an encoding that the footer does not list");
	if (metadata->codec == SFDW_CODEC_NONE &&
		header->compressed_size != header->uncompressed_size)
		reject_chunk(verifier, place, "a page's sizes differ though nothing is compressed");
	if (is_dictionary && page_start != place->start)
		reject_chunk(verifier, place, "a dictionary page is not the first page");
	/* old writers count the dictionary among the data pages, and say nothing */
	if (!is_dictionary && sums->data_pages == 0 &&
		metadata->dictionary_page_offset > 0 &&
		page_start != (uint64) metadata->data_page_offset)
		reject_chunk(verifier, place, "the first data page is not where the footer says");
}

/* Verify the page that starts here. */
static void
verify_page(Verifier *verifier, Sums *sums)
{
	uint64		page_start = position(verifier);
	SfdwPageHeader header;
	size_t		length = read_header(verifier, &header);
	uint32		crc;

	check_header(verifier, &header, page_start, sums);
	crc = pass(verifier, (uint64) header.compressed_size);
	if (header.has_crc && header.crc != crc)
		reject_chunk(verifier, verifier->place,
					 "a page's bytes do not match its checksum");
	verifier->report->pages++;
	if (!header.has_crc)
		verifier->report->pages_without_crc++;
	sums->uncompressed += (int64) length + header.uncompressed_size;
	if (header.type == SFDW_PAGE_DICTIONARY)
		return;
	sums->values += header.num_values;
	sums->data_pages++;
}

/* Whether every row has exactly one value, or null, in each column. */
static bool
is_flat(const SfdwParquetMetadata *metadata)
{
	int			i;

	if (metadata->num_schema != metadata->num_leaves + 1)
		return false;
	for (i = 1; i < metadata->num_schema; i++)
		if (metadata->schema[i].repetition == SFDW_PARQUET_REPEATED)
			return false;
	return true;
}

/* Verify the chunk that starts here. */
static void
verify_chunk(Verifier *verifier, const Place *place)
{
	const SfdwParquetMetadata *file = &verifier->file->metadata;
	const SfdwColumnMetadata *metadata = metadata_of(verifier, place);
	Sums		sums = {0};

	verifier->place = place;
	while (position(verifier) < place->end)
		verify_page(verifier, &sums);
	if (sums.values != metadata->num_values)
		reject_chunk(verifier, place, "the values of the pages do not add up to the column chunk's");
	if (is_flat(file) &&
		sums.values != file->row_groups[place->group].num_rows)
		reject_chunk(verifier, place, "the column chunk has another number of values than its row group has rows");
	if (sums.uncompressed != metadata->uncompressed_size)
		reject_chunk(verifier, place, "the sizes of the pages do not add up to the column chunk's");
}

/* Where a chunk lies; an error when that is not between magic and footer. */
static void
locate(const Verifier *verifier, Place *place)
{
	const SfdwColumnMetadata *metadata = metadata_of(verifier, place);
	int64		start = metadata->data_page_offset;

	/* some writers say 0 where there is no dictionary */
	if (metadata->dictionary_page_offset > 0)
		start = metadata->dictionary_page_offset;
	if (start < SFDW_PARQUET_MAGIC_SIZE || metadata->compressed_size < 0 ||
		metadata->data_page_offset < start ||
		(uint64) start > verifier->file->footer_offset ||
		(uint64) metadata->compressed_size >
		verifier->file->footer_offset - (uint64) start)
		reject_chunk(verifier, place, "a column chunk lies outside the file");
	place->start = (uint64) start;
	place->end = place->start + (uint64) metadata->compressed_size;
}

/* qsort comparator: by place in the file; empty chunks come first. */
static int
compare_places(const void *a, const void *b)
{
	const Place *left = a;
	const Place *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return left->end < right->end ? -1 : left->end > right->end;
}

/* Locate all chunks, in the order in which they lie in the file. */
static Place *
locate_chunks(const Verifier *verifier, size_t *count)
{
	const SfdwParquetMetadata *metadata = &verifier->file->metadata;

	/* cannot overflow: the footer has a larger struct for each of them */
	Size		bytes = sizeof(Place) * (Size) metadata->num_row_groups *
	(Size) metadata->num_leaves;
	Place	   *places = MemoryContextAllocHuge(CurrentMemoryContext,
												Max(bytes, 1));
	size_t		i;
	int			group;
	int			column;

	*count = 0;
	for (group = 0; group < metadata->num_row_groups; group++)
		for (column = 0; column < metadata->num_leaves; column++)
		{
			Place	   *place = &places[(*count)++];

			place->group = group;
			place->column = column;
			locate(verifier, place);
		}
	qsort(places, *count, sizeof(Place), compare_places);
	for (i = 1; i < *count; i++)
		if (places[i].start < places[i - 1].end)
			reject_chunk(verifier, &places[i], "two column chunks overlap");
	return places;
}

/* Check that the row groups add up to the file. */
static void
check_rows(const SfdwParquetFile *file)
{
	int64		left = file->metadata.num_rows;
	int			i;

	/* none is negative: the footer was checked */
	for (i = 0; i < file->metadata.num_row_groups && left >= 0; i++)
		left -= file->metadata.row_groups[i].num_rows;
	if (left != 0)
		ereport(ERROR,
				errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
				errmsg("could not verify Parquet file \"%s\": the rows of the row groups do not add up to the file's",
					   file->source->name));
}

/* Read the file from its first byte to its last. */
void
sfdw_parquet_verify(SfdwParquetFile *file, SfdwParquetReport *report)
{
	Verifier	verifier = {0};
	Place	   *places;
	size_t		count;
	size_t		i;

	memset(report, 0, sizeof(*report));
	verifier.file = file;
	verifier.report = report;
	verifier.memory = sfdw_memory_pg(CurrentMemoryContext);
	check_rows(file);
	places = locate_chunks(&verifier, &count);
	verifier.window = palloc(WINDOW_SIZE);
	verifier.digest = sfdw_sha256_create();
	for (i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pass(&verifier, places[i].start - position(&verifier));
		verify_chunk(&verifier, &places[i]);
	}
	pass(&verifier, file->source->size - position(&verifier));
	report->rows = file->metadata.num_rows;
	report->row_groups = file->metadata.num_row_groups;
	report->bytes = (int64) file->source->size;
	sfdw_sha256_finish(verifier.digest, report->sha256);
	pfree(verifier.window);
	pfree(places);
}
