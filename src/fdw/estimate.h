/*-------------------------------------------------------------------------
 * estimate.h
 *		How large a foreign table is, from its object's size and first bytes
 *
 * Looked up once a transaction for each table and snapshot (storage/pins.h).  An object that cannot be read
 * gives no estimate instead of an error: executing the plan will say why.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ESTIMATE_H
#define SFDW_ESTIMATE_H

#include "core/compat.h"
#include "fdw/table.h"

/* What the sample says of one field. */
typedef struct SfdwFieldEstimate
{
	char	   *name;			/* as the header has it */
	double		width;			/* mean bytes of the values that are not null */
	double		null_fraction;
	double		distinct;		/* as pg_statistic.stadistinct has it */
} SfdwFieldEstimate;

typedef struct SfdwEstimate
{
	int64		size;			/* bytes of the object; -1: there is none */
	double		rows;
	int			field_count;
	SfdwFieldEstimate *fields;
} SfdwEstimate;

/*
 * The estimate for a foreign table, on behalf of user, whose rights are
 * checked.  It lives until the transaction ends.
 */
extern const SfdwEstimate *sfdw_estimate_table(Oid relid, Oid user);

/* The same if it was looked up in this transaction already, else NULL. */
extern const SfdwEstimate *sfdw_estimate_cached(Oid relid);

/* What is known of a field of that name (case does not count), or NULL. */
extern const SfdwFieldEstimate *sfdw_estimate_field(const SfdwEstimate *estimate,
													const char *field);

#endif							/* SFDW_ESTIMATE_H */
