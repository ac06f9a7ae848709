/*-------------------------------------------------------------------------
 * parquet_test.c
 *		The Parquet reader on bytes that a test gives
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "access/xact.h"
#include "fmgr.h"
#include "parquet/reader.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

PG_FUNCTION_INFO_V1(sfdw_sql_test_parquet_verify);
PG_FUNCTION_INFO_V1(sfdw_sql_test_parquet_mutate);

/* A source over bytes in memory. */
typedef struct BytesSource
{
	SfdwSource	base;
	const char *bytes;
} BytesSource;

/* The reader asks for ranges alone. */
static bool
next(SfdwSource *source, const char **data, size_t *length)
{
	return false;
}

/* Copy a range; the reader must never ask for one outside. */
static void
read_at(SfdwSource *source, uint64 offset, char *buffer, size_t length)
{
	if (offset > source->size || length > source->size - offset)
		elog(PANIC, "the reader left the file");
	memcpy(buffer, ((BytesSource *) source)->bytes + offset, length);
}

/* Nothing is held. */
static void
close_source(SfdwSource *source)
{
}

static const SfdwSourceOps bytes_ops = {next, read_at, close_source};

/* Read and verify; whatever the bytes are, this returns or raises. */
static void
verify(const char *bytes, size_t size, SfdwParquetReport *report,
	   char **columns)
{
	BytesSource source = {{&bytes_ops, "test.parquet", size}, bytes};
	SfdwParquetFile *file = sfdw_parquet_read_footer(&source.base);

	*columns = sfdw_parquet_describe(&file->metadata);
	sfdw_parquet_verify(file, report);
}

/* Verify a file, and say what was found. */
Datum
sfdw_sql_test_parquet_verify(PG_FUNCTION_ARGS)
{
	bytea	   *file = PG_GETARG_BYTEA_PP(0);
	SfdwParquetReport report;
	char	   *columns;

	verify(VARDATA_ANY(file), VARSIZE_ANY_EXHDR(file), &report, &columns);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf(INT64_FORMAT " rows, %d row groups, "
											  INT64_FORMAT " pages, " INT64_FORMAT " without checksum, "
											  "digest %s: %s",
											  report.rows, report.row_groups,
											  report.pages, report.pages_without_crc,
											  report.sha256, columns)));
}

/* A number that looks random and is the same in every run (xorshift). */
static uint64
random_below(uint64 *state, uint64 limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (*state >> 11) % limit;
}

/* Whether a mutant is refused, with an SQLSTATE that fits. */
static bool
is_refused(const char *bytes, size_t size)
{
	MemoryContext old = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	MemoryContext context = AllocSetContextCreate(old, "mutant",
												  ALLOCSET_DEFAULT_SIZES);
	SfdwParquetReport report;
	char	   *columns;
	volatile bool refused = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		verify(bytes, size, &report, &columns);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		int			code = geterrcode();

		MemoryContextSwitchTo(old);
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (code != ERRCODE_BAD_COPY_FILE_FORMAT &&
			code != ERRCODE_PROGRAM_LIMIT_EXCEEDED &&
			code != ERRCODE_FEATURE_NOT_SUPPORTED)
			elog(ERROR, "a mutant gave SQLSTATE %s", unpack_sql_state(code));
		refused = true;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	CurrentResourceOwner = owner;
	MemoryContextDelete(context);
	return refused;
}

/*
 * Change one to four bytes of a file between the two offsets (the end, if the
 * second is 0), count times anew, and return how many mutants were refused.
 */
Datum
sfdw_sql_test_parquet_mutate(PG_FUNCTION_ARGS)
{
	bytea	   *file = PG_GETARG_BYTEA_PP(0);
	int32		count = PG_GETARG_INT32(1);
	int32		from = PG_GETARG_INT32(2);
	int32		to = PG_GETARG_INT32(3);
	size_t		size = VARSIZE_ANY_EXHDR(file);
	char	   *mutant = palloc(size);
	uint64		state = UINT64CONST(88172645463325252);
	int32		refused = 0;
	int32		i;

	if (to == 0)
		to = (int32) size;
	for (i = 0; i < count; i++)
	{
		uint64		changes = 1 + random_below(&state, 4);

		memcpy(mutant, VARDATA_ANY(file), size);
		while (changes-- > 0)
			mutant[from + random_below(&state, to - from)] ^=
				(char) (1 + random_below(&state, 255));
		refused += is_refused(mutant, size);
	}
	PG_RETURN_INT32(refused);
}
