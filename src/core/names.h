/*-------------------------------------------------------------------------
 * names.h
 *		How a header or an object's name becomes an SQL name
 *
 * The rule is the one that the catalog's tools use, so that a column has the
 * same name here, in Parquet and in Glue: NFD without combining marks, each
 * run of anything but [A-Za-z0-9_] becomes one "_", lower case.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_NAMES_H
#define SFDW_NAMES_H

#include "core/compat.h"
#include "nodes/pg_list.h"

/*
 * The SQL name for a name in the server's encoding, palloc'd: it matches
 * ^[a-z0-9_]*$ and is empty only when name is.  It is not cut: *is_too_long
 * (which may be NULL) says whether it has NAMEDATALEN bytes or more, which
 * PostgreSQL would cut, and then two names may become one.  Different names
 * can give the same SQL name: finding that is the caller's.
 *
 * Sanitising an SQL name that came out of this function gives itself.
 */
extern char *sfdw_name_sanitise(const char *name, bool *is_too_long);

/* Whether a list of char * has the name. */
extern bool sfdw_names_have(List *names, const char *name);

#endif							/* SFDW_NAMES_H */
