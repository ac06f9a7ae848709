/*-------------------------------------------------------------------------
 * inspect.c
 *		Read every row of a target: detectors, count and checksum
 *
 * Knows types and text, and nothing of definitions, gates or SQL.
 *-------------------------------------------------------------------------
 */
#include "dataset/inspect.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "core/errors.h"
#include "dataset/finding_acceptance.h"
#include "export/record_id.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* A payment card has up to 19 digits: whole numbers below this have. */
#define LONGEST_WHOLE	1e19

/* Values of so many bytes are compared with the one before. */
#define LONGEST_CLEAN	64

/* How a column's values become text. */
typedef enum Form
{
	FORM_SKIP,					/* nothing personal can stand in it */
	FORM_BYTES,					/* text, or bytes, as they are */
	FORM_JSON,					/* through jsonb, which decodes escapes */
	FORM_FLOAT,					/* without an exponent, when it is whole */
	FORM_OUTPUT					/* by the type's output function */
} Form;

/* Types that are not FORM_OUTPUT as words. */
static const struct
{
	Oid			type;
	Form		form;
	SfdwTextKind kind;
}			forms[] =
{
	{BOOLOID, FORM_SKIP, SFDW_TEXT_WORDS},
	{DATEOID, FORM_SKIP, SFDW_TEXT_WORDS},
	{TIMEOID, FORM_SKIP, SFDW_TEXT_WORDS},
	{TIMETZOID, FORM_SKIP, SFDW_TEXT_WORDS},
	{TIMESTAMPOID, FORM_SKIP, SFDW_TEXT_WORDS},
	{TIMESTAMPTZOID, FORM_SKIP, SFDW_TEXT_WORDS},
	{INTERVALOID, FORM_SKIP, SFDW_TEXT_WORDS},
	{TEXTOID, FORM_BYTES, SFDW_TEXT_WORDS},
	{VARCHAROID, FORM_BYTES, SFDW_TEXT_WORDS},
	{BPCHAROID, FORM_BYTES, SFDW_TEXT_WORDS},
	{BYTEAOID, FORM_BYTES, SFDW_TEXT_WORDS},
	{JSONOID, FORM_JSON, SFDW_TEXT_WORDS},
	{INT2OID, FORM_OUTPUT, SFDW_TEXT_NUMBER},
	{INT4OID, FORM_OUTPUT, SFDW_TEXT_NUMBER},
	{INT8OID, FORM_OUTPUT, SFDW_TEXT_NUMBER},
	{FLOAT4OID, FORM_FLOAT, SFDW_TEXT_NUMBER},
	{FLOAT8OID, FORM_FLOAT, SFDW_TEXT_NUMBER},
	{NUMERICOID, FORM_OUTPUT, SFDW_TEXT_NUMBER},
	{CASHOID, FORM_OUTPUT, SFDW_TEXT_NUMBER},
	{OIDOID, FORM_OUTPUT, SFDW_TEXT_NUMBER}
};

/* One output column. */
typedef struct Column
{
	char	   *name;
	Oid			type;			/* base type of a domain */
	Form		form;
	SfdwTextKind kind;
	bool		is_key;
	bool		is_amount;		/* numbers that are not a person's */
	FmgrInfo	output;
	Bitmapset  *wanted;			/* users' detectors that read it */
	SfdwFinding **findings;		/* by detector; NULL until there is a hit */
	SfdwFinding **accepted;		/* the same, of accepted ones */
	size_t		clean_length;	/* of the last value without a hit; 0: none */
	char		clean[LONGEST_CLEAN];	/* many values repeat the one before */
} Column;

typedef struct Inspector
{
	DestReceiver receiver;
	Jsonb	   *detectors;
	List	   *accepted;		/* SfdwFindingAcceptance */
	const SfdwTargetColumns *targets;
	bool		is_stored;		/* the rows are the target's */
	SfdwRowComparison *comparison;
	SfdwMaterialized *result;
	MemoryContext context;		/* the receiver's own */
	MemoryContext row_context;
	SfdwRowSum *sum;
	SfdwSearch *search;
	int			count;
	Column	   *columns;
	Jsonb	   *keys;			/* of the current row, once they are needed */
} Inspector;

/* How a type is read. */
static void
choose_form(Column *column)
{
	Oid			output;
	bool		is_varlena;
	int			i;

	column->form = FORM_OUTPUT;
	column->kind = SFDW_TEXT_WORDS;
	for (i = 0; i < (int) lengthof(forms); i++)
	{
		if (forms[i].type == column->type)
		{
			column->form = forms[i].form;
			column->kind = forms[i].kind;
		}
	}
	getTypeOutputInfo(column->type, &output, &is_varlena);
	fmgr_info(output, &column->output);
}

/* Which users' detectors read a column, and room for what all find in it. */
static void
choose_detectors(Inspector *inspector, Column *column)
{
	int			count = sfdw_search_count(inspector->search);
	SfdwAction	action;

	column->findings = palloc0(count * sizeof(SfdwFinding *));
	column->accepted = palloc0(count * sizeof(SfdwFinding *));
	for (int i = SFDW_DETECTORS; i < count; i++)
		if (sfdw_detectors_own_action(inspector->detectors, column->name,
									  sfdw_search_name(inspector->search, i),
									  &action))
			column->wanted = bms_add_member(column->wanted, i);
}

/* rStartup: look at the columns. */
static void
start(DestReceiver *self, int operation, TupleDesc desc)
{
	Inspector  *inspector = (Inspector *) self;
	MemoryContext old = MemoryContextSwitchTo(inspector->context);
	int			i;

	inspector->sum = sfdw_rowsum_begin(desc);
	inspector->count = desc->natts;
	inspector->columns = palloc0(sizeof(Column) * desc->natts);
	for (i = 0; i < desc->natts; i++)
	{
		Column	   *column = &inspector->columns[i];

		column->name = pstrdup(NameStr(TupleDescAttr(desc, i)->attname));
		column->type = getBaseType(TupleDescAttr(desc, i)->atttypid);
		column->is_key = bms_is_member(i + 1, inspector->targets->keys);
		choose_form(column);
		choose_detectors(inspector, column);
		column->is_amount = column->kind == SFDW_TEXT_NUMBER &&
			bms_is_member(i + 1, inspector->targets->amounts);
	}
	MemoryContextSwitchTo(old);
}

/*
 * A float's text.  What is whole and exact is written without the exponent
 * that PostgreSQL uses from 1e15 on (1e6 for float4), since digits are looked
 * for; of what is longer or has a fraction, the usual form will do.
 */
static char *
float_text(Column *column, Datum value)
{
	double		number = column->type == FLOAT4OID ?
		DatumGetFloat4(value) : DatumGetFloat8(value);

	if (fabs(number) < LONGEST_WHOLE && number == rint(number))
		return psprintf("%.0f", number);
	return OutputFunctionCall(&column->output, value);
}

/* A value's text in UTF-8, in the current memory context or in the value. */
static const char *
text_of(Column *column, Datum value, size_t *length)
{
	char	   *text;

	if (column->form == FORM_BYTES)
	{
		struct varlena *flat = PG_DETOAST_DATUM_PACKED(value);

		text = VARDATA_ANY(flat);
		*length = VARSIZE_ANY_EXHDR(flat);
	}
	else
	{
		text = column->form == FORM_FLOAT ? float_text(column, value) :
			OutputFunctionCall(&column->output, value);
		if (column->form == FORM_JSON)
		{
			Jsonb	   *decoded = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
																	 CStringGetDatum(text)));

			text = JsonbToCString(NULL, &decoded->root, VARSIZE(decoded));
		}
		*length = strlen(text);
	}
	if (column->type != BYTEAOID && GetDatabaseEncoding() != PG_UTF8)
	{
		char	   *converted = pg_server_to_any(text, (int) *length, PG_UTF8);

		if (converted != text)
		{
			*length = strlen(converted);
			text = converted;
		}
	}
	return text;
}

/* Whether a text is a record id: 15 letters and digits, or 18 that check. */
static bool
is_record_id(const char *text)
{
	char		extended[SFDW_ID_LONG_LENGTH];
	SfdwStatus	status = {SFDW_OK};

	return sfdw_record_id_extend(text, strlen(text), extended, &status);
}

/* A value that is no id is left out, since it may be anything. */
Jsonb *
sfdw_inspect_keys(int count, char **names, char **values)
{
	JsonbParseState *state = NULL;
	JsonbValue	item;
	int			i;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (i = 0; i < count; i++)
	{
		if (values[i] == NULL || !is_record_id(values[i]))
			continue;
		item.type = jbvString;
		item.val.string.val = names[i];
		item.val.string.len = (int) strlen(names[i]);
		pushJsonbValue(&state, WJB_KEY, &item);
		item.val.string.val = values[i];
		item.val.string.len = (int) strlen(values[i]);
		pushJsonbValue(&state, WJB_VALUE, &item);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* The keys of the current row, made when a first finding asks for them. */
static Jsonb *
keys_of_row(Inspector *inspector, TupleTableSlot *slot)
{
	char	  **names = palloc(sizeof(char *) * inspector->count);
	char	  **values = palloc(sizeof(char *) * inspector->count);
	MemoryContext old;
	int			keys = 0;
	int			i;

	if (inspector->keys != NULL)
		return inspector->keys;
	for (i = 0; i < inspector->count; i++)
	{
		Column	   *column = &inspector->columns[i];
		const char *text;
		size_t		length;

		if (!column->is_key || slot->tts_isnull[i] || column->form != FORM_BYTES)
			continue;
		text = text_of(column, slot->tts_values[i], &length);
		names[keys] = column->name;
		values[keys++] = pnstrdup(text, length);
	}
	old = MemoryContextSwitchTo(inspector->result->context);
	inspector->keys = sfdw_inspect_keys(keys, names, values);
	MemoryContextSwitchTo(old);
	return inspector->keys;
}

/* What the definition says is to be done about a detector in a column. */
static SfdwAction
action_of(Inspector *inspector, Column *column, int detector)
{
	SfdwAction	action;

	if (detector >= SFDW_DETECTORS)
	{
		(void) sfdw_detectors_own_action(inspector->detectors, column->name,
										 sfdw_search_name(inspector->search,
														  detector), &action);
		return action;
	}
	if (column->is_amount)
		return sfdw_detectors_amount_action(inspector->detectors, column->name,
											(SfdwDetector) detector);
	return sfdw_detectors_action(inspector->detectors, column->name,
								 (SfdwDetector) detector);
}

/*
 * The finding for a first hit.  One that should have been redacted and was not
 * (a trigger brought it, or the column has no text type) refuses.
 */
static SfdwFinding *
add_finding(Inspector *inspector, Column *column, const char *text,
			const SfdwHit *hit, SfdwAction action)
{
	bool		is_missed = inspector->is_stored && action == SFDW_ACTION_REDACT;
	char		shape[SFDW_SHAPE_SIZE];
	SfdwFinding *finding;

	finding = sfdw_finding_add(inspector->result, "detector",
							   sfdw_search_name(inspector->search, hit->detector),
							   column->name,
							   is_missed ? SFDW_ACTION_REFUSE : action);
	sfdw_detect_shape(text, hit->start, hit->end, shape);
	finding->detail = MemoryContextStrdup(inspector->result->context, shape);
	finding->is_unredactable = action == SFDW_ACTION_REDACT &&
		!sfdw_detectors_can_redact(column->type);
	return finding;
}

/* Whether this record's hit was let through: it has a key to know it by. */
static bool
is_accepted(Inspector *inspector, Column *column, int detector,
			TupleTableSlot *slot)
{
	return inspector->accepted != NIL &&
		!bms_is_empty(inspector->targets->keys) &&
		action_of(inspector, column, detector) == SFDW_ACTION_REFUSE &&
		sfdw_finding_is_accepted(inspector->accepted,
								 sfdw_search_name(inspector->search, detector),
								 column->name,
								 keys_of_row(inspector, slot));
}

/* Keep the keys of the row, of the first rows with a hit. */
static void
add_keys(Inspector *inspector, SfdwFinding *finding, TupleTableSlot *slot)
{
	MemoryContext old;
	Jsonb	   *keys;

	if (list_length(finding->keys) >= SFDW_FINDING_KEYS ||
		bms_is_empty(inspector->targets->keys))
		return;
	keys = keys_of_row(inspector, slot);
	if (finding->keys != NIL && llast(finding->keys) == keys)
		return;
	old = MemoryContextSwitchTo(inspector->result->context);
	finding->keys = lappend(finding->keys, keys);
	MemoryContextSwitchTo(old);
}

/* Note one hit. */
static void
note(Inspector *inspector, Column *column, const char *text,
	 const SfdwHit *hit, TupleTableSlot *slot)
{
	SfdwAction	action = action_of(inspector, column, hit->detector);
	SfdwFinding **finding = &column->findings[hit->detector];

	if (is_accepted(inspector, column, hit->detector, slot))
	{
		action = SFDW_ACTION_ACCEPT;
		finding = &column->accepted[hit->detector];
	}
	if (*finding == NULL)
		*finding = add_finding(inspector, column, text, hit, action);
	(*finding)->count++;
	add_keys(inspector, *finding, slot);
}

/* Whether a value is the column's last one, in which nothing was found. */
static bool
is_clean(const Column *column, const char *text, size_t length)
{
	return length > 0 && length == column->clean_length &&
		memcmp(text, column->clean, length) == 0;
}

/* Remember that nothing was found in a value. */
static void
note_clean(Column *column, const char *text, size_t length)
{
	if (length > LONGEST_CLEAN)
		return;
	column->clean_length = length;
	memcpy(column->clean, text, length);
}

/* Search one value. */
static void
search(Inspector *inspector, Column *column, Datum value, TupleTableSlot *slot)
{
	SfdwStatus	status = {SFDW_OK};
	SfdwHit		hit;
	size_t		length;
	const char *text = text_of(column, value, &length);
	bool		found = false;

	if (is_clean(column, text, length))
		return;
	if (!sfdw_search_begin(inspector->search, text, length, column->kind,
						   column->wanted, &status))
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not search column \"%s\" for personal data: %s",
					   column->name, status.message));
	while (sfdw_search_next(inspector->search, &hit))
	{
		CHECK_FOR_INTERRUPTS();
		found = true;
		note(inspector, column, text, &hit, slot);
	}
	if (!found)
		note_clean(column, text, length);
}

/* receiveSlot: one row. */
static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Inspector  *inspector = (Inspector *) self;
	MemoryContext old;
	uint64		row;
	int			i;

	CHECK_FOR_INTERRUPTS();
	row = sfdw_rowsum_add(inspector->sum, slot);
	sfdw_row_changes_add(inspector->comparison,
						 sfdw_rowsum_key(inspector->sum, slot,
										 inspector->targets->keys, row), row);
	old = MemoryContextSwitchTo(inspector->row_context);
	inspector->keys = NULL;
	for (i = 0; i < inspector->count; i++)
	{
		if (!slot->tts_isnull[i] && inspector->columns[i].form != FORM_SKIP)
			search(inspector, &inspector->columns[i], slot->tts_values[i], slot);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(inspector->row_context);
	return true;
}

/* rShutdown: hand over the figures. */
static void
shutdown_receiver(DestReceiver *self)
{
	Inspector  *inspector = (Inspector *) self;

	inspector->result->rows = sfdw_rowsum_rows(inspector->sum);
	inspector->result->checksum = sfdw_rowsum_value(inspector->sum);
}

/* rDestroy: everything is in one context. */
static void
destroy(DestReceiver *self)
{
	MemoryContextDelete(((Inspector *) self)->context);
}

/* The receiver has a context of its own, which outlives the executor's. */
DestReceiver *
sfdw_inspect_create(Jsonb *detectors, SfdwSearch *search, List *accepted,
					const SfdwTargetColumns *columns, bool is_stored,
					SfdwRowComparison *comparison, SfdwMaterialized *result)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "salesforce_fdw inspection",
												  ALLOCSET_DEFAULT_SIZES);
	Inspector  *inspector = MemoryContextAllocZero(context, sizeof(Inspector));

	inspector->receiver.receiveSlot = receive;
	inspector->receiver.rStartup = start;
	inspector->receiver.rShutdown = shutdown_receiver;
	inspector->receiver.rDestroy = destroy;
	inspector->receiver.mydest = DestNone;
	inspector->detectors = detectors;
	inspector->search = search;
	inspector->accepted = accepted;
	inspector->targets = columns;
	inspector->is_stored = is_stored;
	inspector->comparison = comparison;
	inspector->result = result;
	inspector->context = context;
	inspector->row_context = AllocSetContextCreate(context,
												   "salesforce_fdw inspected row",
												   ALLOCSET_DEFAULT_SIZES);
	return &inspector->receiver;
}
