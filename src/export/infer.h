/*-------------------------------------------------------------------------
 * infer.h
 *		Guess the type of a custom field from a sample of its values
 *
 * Pure.  Used by IMPORT only: a scan never guesses.  Call order: init, add for
 * every value that is not null, verdict.
 *
 * A type is inferred only when every value of the sample is of it: BOOLEAN
 * (True, False, true, false, TRUE, FALSE; 0 and 1 are integers), INT, DOUBLE,
 * DATE, DATETIME (with a zone), else STRING.  No value at all is STRING.  A
 * number with a leading zero ("001") or a sign "+" is text: it is an
 * identifier, and so is an integer that bigint cannot hold.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_INFER_H
#define SFDW_INFER_H

#include "export/field_type.h"

#include <stddef.h>

typedef struct SfdwInference
{
	unsigned	possible;		/* bits of the types that fit so far */
	bool		has_values;
	bool		is_wide;		/* some integer is beyond int4 */
} SfdwInference;

/* Start without any value; cannot fail. */
extern void sfdw_infer_init(SfdwInference *inference);

/* Take a value into account; it is the raw text of a field. */
extern void sfdw_infer_add(SfdwInference *inference, const char *text,
						   size_t length);

/* The type that all values so far are of. */
extern SfdwFieldType sfdw_infer_verdict(const SfdwInference *inference);

/* Its PostgreSQL type; differs from sfdw_field_type_sql for wide integers. */
extern const char *sfdw_infer_sql(const SfdwInference *inference);

#endif							/* SFDW_INFER_H */
