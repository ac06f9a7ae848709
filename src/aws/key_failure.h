/*-------------------------------------------------------------------------
 * key_failure.h
 *		Why a source gave no keys
 *
 * Sources of keys do not raise, so that a chain can go on to the next one and
 * keys that are about to expire can still be used when their source fails.
 * What they say names variables, files, profiles and services, never a value
 * that could be secret.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_KEY_FAILURE_H
#define SFDW_KEY_FAILURE_H

#include "core/compat.h"
#include "core/status.h"

typedef enum SfdwKeyFailureKind
{
	SFDW_KEYS_ABSENT,			/* nobody set this source up */
	SFDW_KEYS_REFUSED,			/* it is set up wrongly, or says no */
	SFDW_KEYS_UNREACHABLE,		/* no answer */
	SFDW_KEYS_UNSUPPORTED		/* set up in a way that is not read here */
} SfdwKeyFailureKind;

typedef struct SfdwKeyFailure
{
	SfdwKeyFailureKind kind;
	char		message[400];	/* a clause: no capital, no period */
} SfdwKeyFailure;

/* Note a failure and return false. */
extern bool sfdw_key_fail(SfdwKeyFailure *failure, SfdwKeyFailureKind kind,
						  const char *format,...) pg_attribute_printf(3, 4);

/* Note what a pure file said of what; returns false. */
extern bool sfdw_key_fail_status(SfdwKeyFailure *failure, const char *what,
								 const SfdwStatus *status);

#endif							/* SFDW_KEY_FAILURE_H */
