/*-------------------------------------------------------------------------
 * key_failure.c
 *		Why a source gave no keys
 *-------------------------------------------------------------------------
 */
#include "aws/key_failure.h"

/* Note a failure. */
bool
sfdw_key_fail(SfdwKeyFailure *failure, SfdwKeyFailureKind kind,
			  const char *format,...)
{
	va_list		arguments;

	failure->kind = kind;
	va_start(arguments, format);
	vsnprintf(failure->message, sizeof(failure->message), format, arguments);
	va_end(arguments);
	return false;
}

/* Note what a pure file said. */
bool
sfdw_key_fail_status(SfdwKeyFailure *failure, const char *what,
					 const SfdwStatus *status)
{
	return sfdw_key_fail(failure,
						 status->code == SFDW_UNSUPPORTED ?
						 SFDW_KEYS_UNSUPPORTED : SFDW_KEYS_REFUSED,
						 "%s: %s", what, status->message);
}
