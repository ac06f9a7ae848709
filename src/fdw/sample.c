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

/* A sample while it is read, in memory of its own. */
typedef struct SfdwSample
{
	SfdwMemory	memory;
	SfdwCsvScan *scan;
	SfdwSource *source;
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

/* Give the scan its next block; false when the sample has no more. */
static bool
feed(SfdwSample *sample)
{
	const char *data;
	size_t		length;

	if (sample->left == 0)
		return false;
	if (!sfdw_source_next(sample->source, &data, &length))
	{
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
				if (!feed(sample))
					return SFDW_SAMPLE_PART;
				break;
			case SFDW_CSV_END:
				return sample->is_whole ? SFDW_SAMPLE_WHOLE : SFDW_SAMPLE_PART;
			case SFDW_CSV_FAILED:
				*status = ragged;
				return SFDW_SAMPLE_BROKEN;
		}
	}
}

/* Visit the sample of one version. */
SfdwSampleResult
sfdw_sample_visit(SfdwStorage *storage, const SfdwVersion *version,
				  const SfdwCsvOptions *options, SfdwSampleVisit visit,
				  void *arg, SfdwStatus *status)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw sample",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	SfdwSample *sample = palloc0(sizeof(SfdwSample));
	SfdwSampleResult result = SFDW_SAMPLE_BROKEN;

	sample->cleanup.func = release_sample;
	sample->cleanup.arg = sample;
	MemoryContextRegisterResetCallback(context, &sample->cleanup);
	sample->memory = sfdw_memory_pg(context);
	sample->left = SFDW_SAMPLE_BYTES;
	sample->source = sfdw_storage_open_version(storage, version->key,
											   version->version_id);
	sample->scan = sfdw_csv_create(&sample->memory, options, status);
	MemoryContextSwitchTo(caller);
	if (sample->scan != NULL)
		result = visit_records(sample, visit, arg, status);
	sfdw_source_close(sample->source);
	MemoryContextDelete(context);
	return result;
}
