/*-------------------------------------------------------------------------
 * redact.c
 *		Replace what detectors find in a column before it is stored
 *-------------------------------------------------------------------------
 */
#include "dataset/redact.h"

#include "catalog/pg_type.h"
#include "core/errors.h"
#include "core/memory_pg.h"
#include "dataset/inspect.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sfdw_sql_redact);

/* What is going on in this backend; NULL outside of it. */
static const SfdwRedaction *active = NULL;

/* One at a time in a backend; nesting restores the one before. */
const SfdwRedaction *
sfdw_redact_activate(const SfdwRedaction *redaction)
{
	const SfdwRedaction *before = active;

	active = redaction;
	return before;
}

/* The finding for a detector and column, which is made at the first hit. */
static SfdwFinding *
find_finding(const char *column, const char *bytes, const SfdwMatch *match)
{
	const char *name = sfdw_detector_name(match->detector);
	SfdwFinding *finding;
	char		shape[SFDW_SHAPE_SIZE];
	ListCell   *cell;

	foreach(cell, active->result->findings)
	{
		finding = lfirst(cell);
		if (finding->action == SFDW_ACTION_REDACT &&
			strcmp(finding->name, name) == 0 &&
			strcmp(finding->column_name, column) == 0)
			return finding;
	}
	finding = sfdw_finding_add(active->result, "detector", name, column,
							   SFDW_ACTION_REDACT);
	sfdw_detect_shape(bytes, match, shape);
	finding->detail = MemoryContextStrdup(active->result->context, shape);
	return finding;
}

/* Note a hit, with the ids of its row for the first ones. */
static void
note(const char *column, const char *bytes, const SfdwMatch *match,
	 ArrayType *keys)
{
	SfdwFinding *finding = find_finding(column, bytes, match);
	MemoryContext old;
	Datum	   *values;
	bool	   *nulls;
	char	  **names;
	char	  **texts;
	int			count;
	int			i;

	finding->count++;
	if (list_length(finding->keys) >= SFDW_FINDING_KEYS ||
		active->key_names == NIL)
		return;
	deconstruct_array(keys, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &count);
	count = Min(count, list_length(active->key_names));
	names = palloc(sizeof(char *) * count);
	texts = palloc(sizeof(char *) * count);
	for (i = 0; i < count; i++)
	{
		names[i] = list_nth(active->key_names, i);
		texts[i] = nulls[i] ? NULL : TextDatumGetCString(values[i]);
	}
	old = MemoryContextSwitchTo(active->result->context);
	finding->keys = lappend(finding->keys,
							sfdw_inspect_keys(count, names, texts));
	MemoryContextSwitchTo(old);
}

/*
 * Append the text up to a match and, when the match is to be redacted, its
 * mask; *done is how far the text was taken.  An address may begin before the
 * end of the match before it.
 */
static void
append_masked(StringInfo masked, const char *text, const SfdwMatch *match,
			  size_t *done)
{
	if (match->start > *done)
		appendBinaryStringInfo(masked, text + *done,
							   (int) (match->start - *done));
	appendStringInfo(masked, "[%s]", sfdw_detector_name(match->detector));
	*done = match->end;
}

/* redact(value, column, keys): strict, so nulls never come here. */
Datum
sfdw_sql_redact(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	char	   *column = NameStr(*PG_GETARG_NAME(1));
	ArrayType  *keys = PG_GETARG_ARRAYTYPE_P(2);
	const char *bytes = VARDATA_ANY(value);
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	SfdwDetection detection;
	SfdwStatus	status = {SFDW_OK};
	SfdwMatch	match;
	StringInfoData masked;
	size_t		done = 0;

	if (active == NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("redact() can be called only while a data set is materialized"));
	sfdw_detect_init(&detection, &memory);
	if (!sfdw_detect_begin(&detection, bytes, VARSIZE_ANY_EXHDR(value),
						   SFDW_TEXT_WORDS, &status))
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not redact column \"%s\": %s", column,
					   status.message));
	initStringInfo(&masked);
	while (sfdw_detect_next(&detection, &match))
	{
		if (sfdw_detectors_action(active->detectors, column, match.detector) !=
			SFDW_ACTION_REDACT)
			continue;
		note(column, bytes, &match, keys);
		append_masked(&masked, bytes, &match, &done);
	}
	sfdw_detect_free(&detection);
	if (done == 0)
		PG_RETURN_TEXT_P(value);
	appendBinaryStringInfo(&masked, bytes + done,
						   (int) (VARSIZE_ANY_EXHDR(value) - done));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(masked.data, masked.len));
}
