/*-------------------------------------------------------------------------
 * status.c
 *		How a pure file says that something went wrong
 *
 * Pure.  See status.h.
 *-------------------------------------------------------------------------
 */
#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>

/* Keep the first failure: what follows is usually its consequence. */
bool
sfdw_fail(SfdwStatus *status, SfdwCode code, uint64_t offset,
		  const char *format,...)
{
	va_list		args;

	if (status->code != SFDW_OK)
		return false;
	status->code = code;
	status->offset = offset;
	va_start(args, format);
	vsnprintf(status->message, sizeof(status->message), format, args);
	va_end(args);
	return false;
}
