/*-------------------------------------------------------------------------
 * sample.c
 *		The first records of an object
 *
 * See sample.h.
 *-------------------------------------------------------------------------
 */
#include "fdw/sample.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/memory_pg.h"
#include "export/text_source.h"

/* A sample while it is read, in memory of its own. */
typedef struct SfdwSample
{
	SfdwMemory	memory;
	SfdwCsvScan *scan;
	SfdwTextSource *source;
	size_t		left;			/* bytes that the sample may still take */
	bool		is_whole;		/* the source came to its end */
	MemoryContextCallback cleanup;
} SfdwSample;

/* Give back what no memory context does. */
static void
release_sample(void *arg)
{
	SfdwSample *sample = arg;

	sfdw_csv_free(sample->scan);
	sample->scan = NULL;
}

/*
 * Give the scan its next block; false when the sample has no more, or with a
 * status.
 */
static bool
feed(SfdwSample *sample, SfdwStatus *status)
{
	const char *data;
	size_t		length;

	if (sample->left == 0)
		return false;
	if (!sfdw_text_source_try_next(sample->source, &data, &length, status))
	{
		if (status->code != SFDW_OK)
			return false;
		sfdw_csv_finish(sample->scan);
		sample->is_whole = true;
		return true;
	}
	length = Min(length, sample->left);
	sample->left -= length;
	sfdw_csv_push(sample->scan, data, length);
	return true;
}

/* Visit every record that the sample holds. */
static SfdwSampleResult
visit_records(SfdwSample *sample, SfdwSampleVisit visit, void *arg,
			  SfdwStatus *status)
{
	SfdwCsvRecord record;
	SfdwStatus	ragged;

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		ragged = (SfdwStatus) {SFDW_OK};
		switch (sfdw_csv_next(sample->scan, &record, &ragged))
		{
			case SFDW_CSV_RECORD:
				visit(&record, arg);
				break;
			case SFDW_CSV_REJECTED:
				break;
			case SFDW_CSV_NEED_INPUT:
				if (feed(sample, status))
					break;
				return status->code == SFDW_OK ? SFDW_SAMPLE_PART :
					SFDW_SAMPLE_BROKEN;
			case SFDW_CSV_END:
				return sample->is_whole ? SFDW_SAMPLE_WHOLE : SFDW_SAMPLE_PART;
			case SFDW_CSV_FAILED:
				*status = ragged;
				return SFDW_SAMPLE_BROKEN;
		}
	}
}

/* Note what is known once the records were visited. */
static void
note_facts(const SfdwSample *sample, SfdwSampleFacts *facts)
{
	uint64		taken = sfdw_text_source_taken(sample->source);

	facts->encoding = sfdw_text_source_encoding(sample->source);
	facts->unit = sfdw_text_source_unit(sample->source);
	facts->growth = taken == 0 ? 1 :
		(double) sfdw_text_source_given(sample->source) / taken;
}

/* Open the version, and make the scan of its text. */
static bool
open_sample(SfdwSample *sample, const SfdwSampleRequest *request,
			SfdwStatus *status)
{
	const SfdwVersion *version = request->version;
	SfdwSource *stored;

	sample->memory = sfdw_memory_pg(CurrentMemoryContext);
	sample->left = SFDW_SAMPLE_BYTES;
	stored = sfdw_storage_open_version(request->storage, version->key,
									   version->version_id);
	sample->source = sfdw_text_source_open(stored, &request->text);
	sample->scan = sfdw_csv_create(&sample->memory, &request->csv, status);
	return sample->scan != NULL;
}

/* Visit the sample of one version. */
SfdwSampleResult
sfdw_sample_visit(const SfdwSampleRequest *request, SfdwSampleVisit visit,
				  void *arg, SfdwSampleFacts *facts)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw sample",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	SfdwSample *sample = palloc0(sizeof(SfdwSample));
	SfdwSampleResult result = SFDW_SAMPLE_BROKEN;
	bool		is_open;

	*facts = (SfdwSampleFacts) {SFDW_ENCODING_UTF8};
	sample->cleanup.func = release_sample;
	sample->cleanup.arg = sample;
	MemoryContextRegisterResetCallback(context, &sample->cleanup);
	is_open = open_sample(sample, request, &facts->status);
	MemoryContextSwitchTo(caller);
	if (is_open)
		result = visit_records(sample, visit, arg, &facts->status);
	note_facts(sample, facts);
	sfdw_text_source_close(sample->source);
	MemoryContextDelete(context);
	return result;
}
