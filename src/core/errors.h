/*-------------------------------------------------------------------------
 * errors.h
 *		SQLSTATEs of our own, and how a status becomes an error
 *
 * Where PostgreSQL has a fitting SQLSTATE, that is used; class SF is for the
 * outcomes that a caller of run() must tell apart.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ERRORS_H
#define SFDW_ERRORS_H

#include "core/compat.h"
#include "core/status.h"

/* The version of an object that was to be read is no longer what it was. */
#define SFDW_ERRCODE_SUPERSEDED		MAKE_SQLSTATE('S', 'F', '0', '0', '1')
/* The policy does not let a column, a function or a relation pass. */
#define SFDW_ERRCODE_POLICY			MAKE_SQLSTATE('S', 'F', '0', '0', '2')
/* A detector found personal data in the result. */
#define SFDW_ERRCODE_DETECTED		MAKE_SQLSTATE('S', 'F', '0', '0', '3')
/* A quality gate refused the result. */
#define SFDW_ERRCODE_QUALITY		MAKE_SQLSTATE('S', 'F', '0', '0', '4')
/* A published target was changed by somebody else. */
#define SFDW_ERRCODE_CONFLICT		MAKE_SQLSTATE('S', 'F', '0', '0', '5')
/* A scheduler's CALL does not try again yet what was refused. */
#define SFDW_ERRCODE_HELD_BACK		MAKE_SQLSTATE('S', 'F', '0', '0', '6')

/* Another database is the owner of what a data set publishes, or may be. */
#define SFDW_ERRCODE_NOT_OWNER		MAKE_SQLSTATE('S', 'F', '0', '0', '7')

/* The SQLSTATE for a code of a pure file; SFDW_OK is not allowed. */
extern int	sfdw_errcode_of(SfdwCode code);

#endif							/* SFDW_ERRORS_H */
