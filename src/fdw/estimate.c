/*-------------------------------------------------------------------------
 * estimate.c
 *		How large a foreign table is, from its object's size and first bytes
 *
 * See estimate.h.  Of the sample's values only lengths, counts and hashes are
 * taken; hashes are dropped as soon as they are counted.
 *-------------------------------------------------------------------------
 */
#include "fdw/estimate.h"

#include <math.h>

#include "common/hashfn.h"
#include "foreign/foreign.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "fdw/sample.h"
#include "storage/pins.h"

/* Rows of a table whose object could not be looked at: PostgreSQL's own guess. */
#define DEFAULT_ROWS 1000

/* A column with more distinct values than this share of rows grows with them. */
#define GROWING_SHARE 0.1

/* Hashes of a field's values in the sample. */
typedef struct SfdwFieldSample
{
	char	   *name;
	uint32	   *hashes;
	int			count;			/* values that are not null */
	int			capacity;
	double		bytes;			/* of those values */
} SfdwFieldSample;

/* What is gathered while a sample is visited. */
typedef struct SfdwGathering
{
	const SfdwFormat *format;
	SfdwFieldSample *fields;
	int			field_count;
	double		records;
	double		bytes;			/* of the records */
	double		header_bytes;	/* up to the first record */
} SfdwGathering;

/* An entry of the transaction's cache. */
typedef struct SfdwEstimateEntry
{
	Oid			relid;			/* hash key */
	char	   *snapshot;		/* what decided which version was looked at */
	SfdwEstimate estimate;
} SfdwEstimateEntry;

static HTAB *estimates = NULL;	/* SfdwEstimateEntry, of this transaction */
static MemoryContext estimates_context = NULL;

/* Forget the cache when the memory that holds it goes. */
static void
forget_context(void *arg)
{
	estimates = NULL;
	estimates_context = NULL;
}

/* Make the cache, when this transaction has none yet. */
static void
ensure_cache(void)
{
	HASHCTL		control = {0};
	MemoryContext context;
	MemoryContextCallback *cleanup;

	if (estimates != NULL)
		return;
	context = AllocSetContextCreate(TopTransactionContext,
									"salesforce_fdw estimates",
									ALLOCSET_SMALL_SIZES);
	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(SfdwEstimateEntry);
	control.hcxt = context;
	cleanup = MemoryContextAlloc(context, sizeof(MemoryContextCallback));
	cleanup->func = forget_context;
	cleanup->arg = NULL;
	MemoryContextRegisterResetCallback(context, cleanup);
	estimates = hash_create("salesforce_fdw estimates", 16, &control,
							HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	estimates_context = context;
}

/* Take the names of the header. */
static void
gather_header(SfdwGathering *gathering, const SfdwCsvRecord *header)
{
	gathering->field_count = header->field_count;
	gathering->fields = palloc0(sizeof(SfdwFieldSample) *
								Max(header->field_count, 1));
	gathering->header_bytes = header->offset + header->length;
	for (int i = 0; i < header->field_count; i++)
		gathering->fields[i].name = pnstrdup(header->fields[i].data,
											 header->fields[i].length);
}

/* Keep the hash of one value. */
static void
gather_value(SfdwFieldSample *sample, const SfdwCsvField *field)
{
	if (sample->count == sample->capacity)
	{
		sample->capacity = Max(64, sample->capacity * 2);
		sample->hashes = sample->hashes == NULL ?
			palloc(sizeof(uint32) * sample->capacity) :
			repalloc(sample->hashes, sizeof(uint32) * sample->capacity);
	}
	sample->hashes[sample->count++] =
		hash_bytes((const unsigned char *) field->data, (int) field->length);
	sample->bytes += field->length;
}

/* Take one record of the sample into account. */
static void
gather_record(const SfdwCsvRecord *record, void *arg)
{
	SfdwGathering *gathering = arg;

	if (record->number == 0)
	{
		gather_header(gathering, record);
		return;
	}
	gathering->records++;
	gathering->bytes += record->length;
	for (int i = 0; i < record->field_count; i++)
	{
		const SfdwCsvField *field = &record->fields[i];

		if (field->length > 0 ||
			(field->is_quoted &&
			 !gathering->format->dialect.quoted_empty_is_null))
			gather_value(&gathering->fields[i], field);
	}
}

/* Order hashes. */
static int
compare_hashes(const void *a, const void *b)
{
	uint32		left = *(const uint32 *) a;
	uint32		right = *(const uint32 *) b;

	return left < right ? -1 : left > right;
}

/*
 * The number of distinct values in a table of rows, as stadistinct has it: the
 * estimator that ANALYZE uses (Haas and Stokes), n d / (n - f1 + f1 n / N),
 * where f1 values of the d distinct ones occur once in the sample of n.
 */
static double
estimate_distinct(SfdwFieldSample *sample, double rows)
{
	double		n = sample->count;
	double		total = Max(rows, n);
	double		d = 0;
	double		f1 = 0;
	double		distinct;

	if (sample->count == 0)
		return 0;
	qsort(sample->hashes, sample->count, sizeof(uint32), compare_hashes);
	for (int i = 0, next; i < sample->count; i = next)
	{
		for (next = i + 1; next < sample->count &&
			 sample->hashes[next] == sample->hashes[i];)
			next++;
		d++;
		f1 += next - i == 1;
	}
	distinct = f1 == n ? total : n * d / (n - f1 + f1 * n / total);
	distinct = Min(Max(distinct, d), total);
	return distinct > GROWING_SHARE * total ? -distinct / total : rint(distinct);
}

/*
 * The share of NULLs.  A field without a value in a part of the object may have
 * some in the rest: "all NULL" would make the planner expect one row.
 */
static double
null_fraction(const SfdwFieldSample *sample, double records, bool is_whole)
{
	double		values = sample->count;

	if (records == 0)
		return 0;
	if (values == 0 && !is_whole)
		values = 1;
	return 1 - values / records;
}

/* Turn what was gathered into an estimate. */
static void
conclude(SfdwGathering *gathering, bool is_whole, double growth,
		 SfdwEstimate *estimate)
{
	double		data_bytes = Max(0, estimate->size * growth -
								 gathering->header_bytes);

	if (is_whole || gathering->records == 0)
		estimate->rows = gathering->records;
	else
		estimate->rows = Max(gathering->records,
							 rint(data_bytes * gathering->records /
								  gathering->bytes));
	estimate->field_count = gathering->field_count;
	estimate->fields = MemoryContextAllocZero(estimates_context,
											  sizeof(SfdwFieldEstimate) *
											  Max(gathering->field_count, 1));
	for (int i = 0; i < gathering->field_count; i++)
	{
		SfdwFieldSample *sample = &gathering->fields[i];
		SfdwFieldEstimate *field = &estimate->fields[i];

		field->name = MemoryContextStrdup(estimates_context, sample->name);
		field->width = sample->count > 0 ? sample->bytes / sample->count : 0;
		field->null_fraction = null_fraction(sample, gathering->records,
											 is_whole);
		field->distinct = estimate_distinct(sample,
											estimate->rows *
											(1 - field->null_fraction));
	}
}

/* Look at the object of a foreign table. */
static void
look_at_object(Oid relid, Oid user, SfdwEstimate *estimate)
{
	SfdwSampleRequest request = {0};
	SfdwGathering gathering = {0};
	SfdwSampleResult result;
	SfdwSampleFacts facts;

	request.storage = sfdw_storage_open(GetForeignTable(relid)->serverid, user,
										SFDW_STORAGE_READ);
	request.version = sfdw_pins_find(request.storage, sfdw_table_key(relid));
	if (request.version == NULL)
		return;
	estimate->size = request.version->size;
	gathering.format = sfdw_table_format(relid);
	request.text = gathering.format->text;
	request.csv.delimiter = gathering.format->dialect.delimiter;
	request.csv.quote = gathering.format->dialect.quote;
	request.csv.max_record_size = gathering.format->max_record_size;
	result = sfdw_sample_visit(&request, gather_record, &gathering, &facts);
	if (gathering.records > 0 || result == SFDW_SAMPLE_WHOLE)
		conclude(&gathering, result == SFDW_SAMPLE_WHOLE, facts.growth,
				 estimate);
}

/* The entry of a table, if it was looked at in the snapshot that holds now. */
static SfdwEstimateEntry *
find_entry(Oid relid)
{
	SfdwEstimateEntry *entry = estimates == NULL ? NULL :
		hash_search(estimates, &relid, HASH_FIND, NULL);

	return entry != NULL && strcmp(entry->snapshot, sfdw_pins_name()) == 0
		? entry : NULL;
}

/* The estimate for a foreign table. */
const SfdwEstimate *
sfdw_estimate_table(Oid relid, Oid user)
{
	MemoryContext context;
	MemoryContext caller;
	SfdwEstimateEntry *entry;
	SfdwEstimate estimate = {-1, DEFAULT_ROWS, 0, NULL};
	char	   *snapshot;

	ensure_cache();
	entry = find_entry(relid);
	if (entry != NULL)
		return &entry->estimate;
	context = AllocSetContextCreate(CurrentMemoryContext,
									"salesforce_fdw estimate",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	look_at_object(relid, user, &estimate);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	snapshot = MemoryContextStrdup(estimates_context, sfdw_pins_name());
	entry = hash_search(estimates, &relid, HASH_ENTER, NULL);
	entry->estimate = estimate;
	entry->snapshot = snapshot;
	return &entry->estimate;
}

/* The estimate if this transaction has it. */
const SfdwEstimate *
sfdw_estimate_cached(Oid relid)
{
	SfdwEstimateEntry *entry = find_entry(relid);

	return entry == NULL ? NULL : &entry->estimate;
}

/* What is known of a field. */
const SfdwFieldEstimate *
sfdw_estimate_field(const SfdwEstimate *estimate, const char *field)
{
	for (int i = 0; i < estimate->field_count; i++)
	{
		if (pg_strcasecmp(estimate->fields[i].name, field) == 0)
			return &estimate->fields[i];
	}
	return NULL;
}
