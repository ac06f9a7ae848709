/*-------------------------------------------------------------------------
 * detect_sql.c
 *		detect(text): what the detectors find in a text
 *
 * For whoever tries a detector out, or looks for personal data in tables of
 * his own.  A match is told by its place and shape.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "core/errors.h"
#include "core/memory_pg.h"
#include "dataset/detectors.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#define DETECT_COLUMNS 4

PG_FUNCTION_INFO_V1(sfdw_sql_detect);

/* One match; places are counted in characters, from 1. */
static void
put_match(ReturnSetInfo *result, const char *text, const SfdwMatch *match)
{
	char		shape[SFDW_SHAPE_SIZE];
	int			start = pg_mbstrlen_with_len(text, (int) match->start) + 1;
	Datum		values[DETECT_COLUMNS];
	bool		nulls[DETECT_COLUMNS] = {false};

	sfdw_detect_shape(text, match, shape);
	values[0] = CStringGetTextDatum(sfdw_detector_name(match->detector));
	values[1] = Int32GetDatum(start);
	values[2] = Int32GetDatum(pg_mbstrlen_with_len(text + match->start,
												   (int) (match->end - match->start)));
	values[3] = CStringGetTextDatum(shape);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* In the order in which the matches end. */
Datum
sfdw_sql_detect(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	text	   *value = PG_GETARG_TEXT_PP(0);
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	SfdwDetection detection;
	SfdwStatus	status = {SFDW_OK};
	SfdwMatch	match;

	InitMaterializedSRF(fcinfo, 0);
	sfdw_detect_init(&detection, &memory);
	if (!sfdw_detect_begin(&detection, VARDATA_ANY(value),
						   VARSIZE_ANY_EXHDR(value), SFDW_TEXT_WORDS, &status))
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("could not read the text: %s", status.message));
	while (sfdw_detect_next(&detection, &match))
	{
		CHECK_FOR_INTERRUPTS();
		put_match(result, VARDATA_ANY(value), &match);
	}
	sfdw_detect_free(&detection);
	return (Datum) 0;
}
