/*-------------------------------------------------------------------------
 * catalog.h
 *		Where table descriptions are registered
 *
 * A catalog holds one description a table, as JSON in the shape of Glue's
 * TableInput, and a version that changes with each change.  It does not know
 * what a description says.  Which one it is, the destination server's options
 * say: catalog ("none", "file:///folder/" or another service) and database.
 *
 * An implementation raises when it cannot do its work, and returns the
 * outcomes that a caller must tell apart.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CATALOG_H
#define SFDW_CATALOG_H

#include "core/compat.h"

/* One table, as the catalog has it. */
typedef struct SfdwCatalogEntry
{
	char	   *version;
	char	   *description;	/* JSON: TableInput */
} SfdwCatalogEntry;

typedef enum SfdwCatalogOutcome
{
	SFDW_CATALOG_STORED,
	SFDW_CATALOG_CHANGED		/* it has another version: nothing was stored */
} SfdwCatalogOutcome;

typedef struct SfdwCatalog SfdwCatalog;

typedef struct SfdwCatalogOps
{
	SfdwCatalogEntry *(*get) (SfdwCatalog *catalog, const char *table);
	SfdwCatalogOutcome (*put) (SfdwCatalog *catalog, const char *table,
							   const char *description,
							   const char *expected_version,
							   char **new_version);
	void		(*remove) (SfdwCatalog *catalog, const char *table);
	void		(*tidy) (SfdwCatalog *catalog, const char *table);
	bool		(*put_statistics) (SfdwCatalog *catalog, const char *table,
								   const char *statistics);	/* or NULL */
} SfdwCatalogOps;

/* Implementations put this first in their own struct. */
struct SfdwCatalog
{
	const SfdwCatalogOps *ops;
	const char *location;		/* the server's option "catalog" */
	const char *database;		/* its option "database" */
};

/*
 * The catalog of a destination server, or NULL when its option says none.
 * Rights on a folder are those of the server's owner, whose option it is;
 * requests to Glue are signed for the current user.
 */
extern SfdwCatalog *sfdw_catalog_open(Oid server);

/* The table's entry; NULL when the catalog does not have it. */
extern SfdwCatalogEntry *sfdw_catalog_get(SfdwCatalog *catalog,
										  const char *table);

/*
 * Store a description in place of the one of expected_version (NULL: of none),
 * in one step; *new_version is the version that it has then.
 */
extern SfdwCatalogOutcome sfdw_catalog_put(SfdwCatalog *catalog,
										   const char *table,
										   const char *description,
										   const char *expected_version,
										   char **new_version);

/*
 * Tell the catalog about the values of a table's columns (table_statistics.h).
 * False when it takes no such thing, or refused it, which it says in a NOTICE:
 * nothing depends on it.
 */
extern bool sfdw_catalog_put_statistics(SfdwCatalog *catalog,
										const char *table,
										const char *statistics);

/*
 * Remove the table; nothing happens when the catalog does not have it.  Raises
 * when it is still there afterwards.
 */
extern void sfdw_catalog_remove(SfdwCatalog *catalog, const char *table);

/* Remove what a put that did not come to its end may have left. */
extern void sfdw_catalog_tidy(SfdwCatalog *catalog, const char *table);

#endif							/* SFDW_CATALOG_H */
