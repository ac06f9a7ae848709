/*-------------------------------------------------------------------------
 * redact.c
 *		Replace what detectors find in a column before it is stored
 *-------------------------------------------------------------------------
 */
#include "dataset/redact.h"

#include "catalog/pg_type.h"
#include "core/errors.h"
#include "dataset/inspect.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
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

/* What is to be done about a detector's hits in a column. */
static bool
is_redacted(const char *column, int detector)
{
	SfdwAction	action;

	if (detector < SFDW_DETECTORS)
		return sfdw_detectors_action(active->detectors, column,
									 (SfdwDetector) detector) ==
			SFDW_ACTION_REDACT;
	return sfdw_detectors_own_action(active->detectors, column,
									 sfdw_search_name(active->search, detector),
									 &action) && action == SFDW_ACTION_REDACT;
}

/* The users' detectors whose hits in a column are to be redacted. */
static Bitmapset *
own_detectors(const char *column)
{
	Bitmapset  *own = NULL;

	for (int i = SFDW_DETECTORS; i < sfdw_search_count(active->search); i++)
		if (is_redacted(column, i))
			own = bms_add_member(own, i);
	return own;
}

/* The finding for a detector and column, which is made at the first hit. */
static SfdwFinding *
find_finding(const char *column, const char *bytes, const SfdwHit *hit)
{
	const char *name = sfdw_search_name(active->search, hit->detector);
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
	sfdw_detect_shape(bytes, hit->start, hit->end, shape);
	finding->detail = MemoryContextStrdup(active->result->context, shape);
	return finding;
}

/* Note a hit, with the ids of its row for the first ones. */
static void
note(const char *column, const char *bytes, const SfdwHit *hit,
	 ArrayType *keys)
{
	SfdwFinding *finding = find_finding(column, bytes, hit);
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

/* By where they begin; detectors read one after the other. */
static int
compare_hits(const ListCell *a, const ListCell *b)
{
	const SfdwHit *left = lfirst(a);
	const SfdwHit *right = lfirst(b);

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return left->end < right->end ? -1 : left->end > right->end;
}

/* The hits in a text that are to be redacted, each noted: a list of SfdwHit. */
static List *
find_hits(const char *column, const char *bytes, size_t length, ArrayType *keys)
{
	List	   *hits = NIL;
	SfdwStatus	status = {SFDW_OK};
	SfdwHit		hit;

	if (!sfdw_search_begin(active->search, bytes, length, SFDW_TEXT_WORDS,
						   own_detectors(column), &status))
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not redact column \"%s\": %s", column,
					   status.message));
	while (sfdw_search_next(active->search, &hit))
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_redacted(column, hit.detector))
			continue;
		note(column, bytes, &hit, keys);
		hits = lappend(hits, memcpy(palloc(sizeof(SfdwHit)), &hit,
									sizeof(SfdwHit)));
	}
	list_sort(hits, compare_hits);
	return hits;
}

/*
 * Append the text up to a match, and its mask; *done is how far the text was
 * taken.  A match may begin before the end of another one, or lie within it.
 */
static void
append_masked(StringInfo masked, const char *text, const SfdwHit *hit,
			  size_t *done)
{
	if (hit->end <= *done && *done > 0)
		return;
	if (hit->start > *done)
		appendBinaryStringInfo(masked, text + *done,
							   (int) (hit->start - *done));
	appendStringInfo(masked, "[%s]",
					 sfdw_search_name(active->search, hit->detector));
	*done = hit->end;
}

/* redact(value, column, keys): strict, so nulls never come here. */
Datum
sfdw_sql_redact(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	char	   *column = NameStr(*PG_GETARG_NAME(1));
	const char *bytes = VARDATA_ANY(value);
	StringInfoData masked;
	List	   *hits;
	ListCell   *cell;
	size_t		done = 0;

	if (active == NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("redact() can be called only while a data set is materialized"));
	hits = find_hits(column, bytes, VARSIZE_ANY_EXHDR(value),
					 PG_GETARG_ARRAYTYPE_P(2));
	if (hits == NIL)
		PG_RETURN_TEXT_P(value);
	initStringInfo(&masked);
	foreach(cell, hits)
		append_masked(&masked, bytes, lfirst(cell), &done);
	appendBinaryStringInfo(&masked, bytes + done,
						   (int) (VARSIZE_ANY_EXHDR(value) - done));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(masked.data, masked.len));
}
