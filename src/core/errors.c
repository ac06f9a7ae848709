/*-------------------------------------------------------------------------
 * errors.c
 *		How a status of a pure file becomes an SQLSTATE
 *-------------------------------------------------------------------------
 */
#include "core/errors.h"

/* One row a code; the order is that of SfdwCode. */
static const int sqlstates[] = {
	[SFDW_OK] = ERRCODE_SUCCESSFUL_COMPLETION,
	[SFDW_OUT_OF_MEMORY] = ERRCODE_OUT_OF_MEMORY,
	[SFDW_MALFORMED] = ERRCODE_BAD_COPY_FILE_FORMAT,
	[SFDW_BAD_ENCODING] = ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
	[SFDW_BAD_VALUE] = ERRCODE_INVALID_TEXT_REPRESENTATION,
	[SFDW_OUT_OF_RANGE] = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
	[SFDW_TOO_LARGE] = ERRCODE_PROGRAM_LIMIT_EXCEEDED,
	[SFDW_UNSUPPORTED] = ERRCODE_FEATURE_NOT_SUPPORTED,
};

/* Look the code up. */
int
sfdw_errcode_of(SfdwCode code)
{
	Assert(code > SFDW_OK && code < lengthof(sqlstates));
	return sqlstates[code];
}
