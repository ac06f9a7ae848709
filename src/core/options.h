/*-------------------------------------------------------------------------
 * options.h
 *		Options of foreign servers, tables, columns, mappings and COPY
 *
 * Each room owns a table of the options that it understands; core only parses
 * and checks against such a table.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_OPTIONS_H
#define SFDW_OPTIONS_H

#include "core/compat.h"
#include "nodes/pg_list.h"

typedef enum SfdwOptionKind
{
	SFDW_OPTION_TEXT,
	SFDW_OPTION_BOOL,
	SFDW_OPTION_INT,			/* min and max apply */
	SFDW_OPTION_CHAR,			/* one single-byte character */
	SFDW_OPTION_ENUM,			/* choices apply */
	SFDW_OPTION_SIZE			/* bytes, with kB, MB, GB as PostgreSQL writes
								 * them; min and max apply */
} SfdwOptionKind;

typedef struct SfdwOption
{
	const char *name;
	Oid			catalog;		/* ForeignServerRelationId and so on; or
								 * InvalidOid for COPY's options */
	SfdwOptionKind kind;
	bool		superuser_only; /* refused from anybody else */
	bool		secret;			/* its value never stands in a message */
	const char *const *choices; /* SFDW_OPTION_ENUM: NULL-terminated */
	int64		min;
	int64		max;
	void		(*check) (const char *name, const char *value); /* may be NULL;
																 * raises */
} SfdwOption;

/*
 * Check a list of DefElem against a table that ends with a NULL name: an
 * option that the catalog does not have (with the valid ones as the hint, and
 * the closest one by spelling), a value that is not of its kind, one given
 * twice, a superuser's option from somebody else.
 */
extern void sfdw_options_validate(const SfdwOption *table, Oid catalog,
								  List *options);

/* The value of an option as text, or fallback. */
extern const char *sfdw_option_text(List *options, const char *name,
									const char *fallback);
extern bool sfdw_option_bool(List *options, const char *name, bool fallback);
extern int64 sfdw_option_int(List *options, const char *name, int64 fallback);

#endif							/* SFDW_OPTIONS_H */
