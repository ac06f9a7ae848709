/*-------------------------------------------------------------------------
 * detect_sql.c
 *		detect(): what detectors find in a text
 *
 * For whoever tries a detector out, or looks for personal data in tables of
 * his own.  A match is told by its place and shape.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "catalog/pg_type.h"
#include "core/errors.h"
#include "dataset/search.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define DETECT_COLUMNS 4
#define EVERY_BUILT_IN "*"

PG_FUNCTION_INFO_V1(sfdw_sql_detect);
PG_FUNCTION_INFO_V1(sfdw_sql_detect_some);

/* What detect() with a list looks for; kept for all calls of an expression. */
typedef struct Wanted
{
	SfdwSearch *search;
	uint32		built_in;		/* bit 1 << SfdwDetector */
	Bitmapset  *own;
} Wanted;

/* One match; places are counted in characters, from 1. */
static void
put_match(ReturnSetInfo *result, const char *name, const char *text,
		  size_t match_start, size_t match_end)
{
	char		shape[SFDW_SHAPE_SIZE];
	int			start = pg_mbstrlen_with_len(text, (int) match_start) + 1;
	Datum		values[DETECT_COLUMNS];
	bool		nulls[DETECT_COLUMNS] = {false};

	sfdw_detect_shape(text, match_start, match_end, shape);
	values[0] = CStringGetTextDatum(name);
	values[1] = Int32GetDatum(start);
	values[2] = Int32GetDatum(pg_mbstrlen_with_len(text + match_start,
												   (int) (match_end - match_start)));
	values[3] = CStringGetTextDatum(shape);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Search a text, and put what is wanted into the result. */
static void
detect(FunctionCallInfo fcinfo, const Wanted *wanted)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	text	   *value = PG_GETARG_TEXT_PP(0);
	const char *bytes = VARDATA_ANY(value);
	SfdwStatus	status = {SFDW_OK};
	SfdwHit		hit;

	InitMaterializedSRF(fcinfo, 0);
	if (!sfdw_search_begin(wanted->search, bytes, VARSIZE_ANY_EXHDR(value),
						   SFDW_TEXT_WORDS, wanted->own, &status))
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not read the text: %s", status.message));
	while (sfdw_search_next(wanted->search, &hit))
	{
		CHECK_FOR_INTERRUPTS();
		if (hit.detector >= SFDW_DETECTORS ||
			(wanted->built_in & (UINT32_C(1) << hit.detector)))
			put_match(result, sfdw_search_name(wanted->search, hit.detector),
					  bytes, hit.start, hit.end);
	}
}

/* All built-in detectors, in the order in which the matches end. */
Datum
sfdw_sql_detect(PG_FUNCTION_ARGS)
{
	Wanted		wanted = {sfdw_search_create(NIL), ~UINT32_C(0), NULL};

	detect(fcinfo, &wanted);
	return (Datum) 0;
}

/* Add what a name stands for. */
static List *
add_wanted(Wanted *wanted, List *own, const char *name)
{
	SfdwOwnDetector *detector;
	SfdwDetector built_in;

	if (strcmp(name, EVERY_BUILT_IN) == 0)
		wanted->built_in = ~UINT32_C(0);
	else if (sfdw_detector_by_name(name, &built_in))
		wanted->built_in |= UINT32_C(1) << built_in;
	else
	{
		detector = sfdw_own_detector_find(name);
		if (detector == NULL)
			ereport(ERROR,
					errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("detector \"%s\" does not exist", name));
		wanted->own = bms_add_member(wanted->own,
									 SFDW_DETECTORS + list_length(own));
		own = lappend(own, detector);
	}
	return own;
}

/*
 * What the list wants.  It is read once, so it must not change from row to row:
 * a name that is computed could be a value, which an error would tell.
 */
static Wanted *
find_wanted(FunctionCallInfo fcinfo)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	Wanted	   *wanted = palloc0(sizeof(Wanted));
	List	   *own = NIL;
	Datum	   *names;
	bool	   *nulls;
	int			count;

	if (!get_fn_expr_arg_stable(fcinfo->flinfo, 1))
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("the detectors of detect() must be constants"));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false,
					  TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			own = add_wanted(wanted, own, TextDatumGetCString(names[i]));
	wanted->search = sfdw_search_create(own);
	MemoryContextSwitchTo(old);
	return wanted;
}

/* Gazetteers are read once for all calls of an expression, as the caller. */
Datum
sfdw_sql_detect_some(PG_FUNCTION_ARGS)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = find_wanted(fcinfo);
	detect(fcinfo, fcinfo->flinfo->fn_extra);
	return (Datum) 0;
}
