/*-------------------------------------------------------------------------
 * functions.c
 *		SQL functions for values of Salesforce exports
 *
 * Adapter over record_id.c and unescape.c.  They compute from their argument
 * alone, and no message shows it.
 *-------------------------------------------------------------------------
 */
#include "core/compat.h"

#include "core/errors.h"
#include "core/memory_pg.h"
#include "export/record_id.h"
#include "export/unescape.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sfdw_sql_id18);
PG_FUNCTION_INFO_V1(sfdw_sql_decode_escapes);

/* salesforce_fdw.id18(text): the 18-character form of a record's id. */
Datum
sfdw_sql_id18(PG_FUNCTION_ARGS)
{
	text	   *id = PG_GETARG_TEXT_PP(0);
	SfdwStatus	status = {SFDW_OK};
	char		extended[SFDW_ID_LONG_LENGTH];

	if (!sfdw_record_id_extend(VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id),
							   extended, &status))
		ereport(ERROR,
				errcode(sfdw_errcode_of(status.code)),
				errmsg("invalid Salesforce record id: %s", status.message));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(extended, sizeof(extended)));
}

/* salesforce_fdw.decode_escapes(text): undo Python's unicode_escape. */
Datum
sfdw_sql_decode_escapes(PG_FUNCTION_ARGS)
{
	text	   *escaped = PG_GETARG_TEXT_PP(0);
	SfdwMemory	memory = sfdw_memory_pg(CurrentMemoryContext);
	SfdwStatus	status = {SFDW_OK};
	SfdwBuffer	buffer;
	const char *decoded;
	size_t		length;

	/* Converting could fail, and PostgreSQL's message would show the bytes. */
	if (GetDatabaseEncoding() != PG_UTF8)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("cannot decode escapes in a database with encoding \"%s\"",
					   GetDatabaseEncodingName()),
				errhint("Use a database with encoding UTF8."));
	sfdw_buffer_init(&buffer, &memory, MaxAllocSize);
	if (!sfdw_unescape(VARDATA_ANY(escaped), VARSIZE_ANY_EXHDR(escaped),
					   &buffer, &decoded, &length, &status))
		ereport(ERROR,
				errcode(status.code == SFDW_MALFORMED
						? ERRCODE_INVALID_ESCAPE_SEQUENCE
						: sfdw_errcode_of(status.code)),
				errmsg("cannot decode escapes: %s", status.message),
				errdetail("The escape starts at byte %llu.",
						  (unsigned long long) status.offset));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(decoded, length));
}
