/*-------------------------------------------------------------------------
 * answer_pg.c
 *		A whole answer of S3's, with its items
 *
 * The reader tells of items in a callback of libexpat's, which must not throw:
 * so there is room for as many as an answer may have before it starts.
 *-------------------------------------------------------------------------
 */
#include "aws/answer_pg.h"

#include "core/memory_pg.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

/* Where the items go. */
typedef struct Collector
{
	SfdwItem   *items;
	int			count;
} Collector;

/* answer.h: keep an item. */
static bool
on_item(void *context, const SfdwItem *item, SfdwStatus *status)
{
	Collector  *collector = context;

	if (collector->count == SFDW_ANSWER_MAX_ITEMS)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0, "more than %d items",
						 SFDW_ANSWER_MAX_ITEMS);
	memcpy(&collector->items[collector->count++], item, sizeof(SfdwItem));
	return true;
}

/* Raise for an answer that is none. */
static void
raise_malformed(SfdwRequest *request, const SfdwStatus *status)
{
	const SfdwRequestSpec *spec = sfdw_request_spec(request);

	ereport(ERROR,
			errcode(ERRCODE_PROTOCOL_VIOLATION),
			errmsg("could not read the answer to %s of \"%s\": %s",
				   spec->operation, spec->subject, status->message));
}

/* Read an answer. */
SfdwAnswerPg *
sfdw_answer_pg_read(SfdwRequest *request, SfdwAnswerKind kind)
{
	const SfdwRequestResult *result = sfdw_request_finish(request);
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	SfdwAnswerPg *answer = palloc0(sizeof(SfdwAnswerPg));
	Collector	collector = {0};
	SfdwAnswerReader *reader;
	const SfdwAnswer *fields = NULL;
	SfdwStatus	status = {0};

	collector.items = palloc(SFDW_ANSWER_MAX_ITEMS * sizeof(SfdwItem));
	reader = sfdw_answer_open(&memory, kind, on_item, &collector);
	if (reader == NULL)
		sfdw_fail(&status, SFDW_OUT_OF_MEMORY, 0, "out of memory");
	else if (sfdw_answer_push(reader, result->body, result->body_length, &status))
		fields = sfdw_answer_finish(reader, &status);
	if (fields != NULL)
		answer->fields = *fields;
	sfdw_answer_free(reader);
	if (fields == NULL)
		raise_malformed(request, &status);
	answer->items = collector.items;
	answer->fields.item_count = collector.count;
	return answer;
}

/* Decode a key. */
char *
sfdw_answer_pg_key(const SfdwAnswer *answer, const char *text,
				   const char *subject)
{
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	SfdwBuffer	key;
	SfdwStatus	status = {0};

	sfdw_buffer_init(&key, &memory, SFDW_URI_MAX_KEY_LENGTH + 1);
	if (!sfdw_answer_decode_key(answer, text, &key, &status) ||
		!sfdw_buffer_append(&key, "", 1, &status))
		ereport(ERROR,
				errcode(ERRCODE_PROTOCOL_VIOLATION),
				errmsg("could not read a key in the listing of \"%s\": %s",
					   subject, status.message));
	return key.data;
}

/* Read a time. */
TimestampTz
sfdw_answer_pg_time(const char *text)
{
	int			year,
				month,
				day,
				hour,
				minute,
				second;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour,
			   &minute, &second) != 6)
		return 0;
	return (TimestampTz) (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) *
		USECS_PER_DAY +
		((hour * INT64CONST(60) + minute) * 60 + second) * USECS_PER_SEC;
}

/* Give its memory back. */
void
sfdw_answer_pg_free(SfdwAnswerPg *answer)
{
	pfree(answer->items);
	pfree(answer);
}
