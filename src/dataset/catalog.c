/*-------------------------------------------------------------------------
 * catalog.c
 *		Which catalog a destination server means
 *
 * Knows the server's options and the list of implementations.
 *-------------------------------------------------------------------------
 */
#include "dataset/catalog.h"

#include "core/errors.h"

#include "core/fault.h"
#include "core/options.h"
#include "dataset/catalog_file.h"
#include "dataset/catalog_glue.h"
#include "foreign/foreign.h"
#include "miscadmin.h"

/* The value of the option that means no catalog. */
#define NO_CATALOG "none"

/* The value that means the AWS Glue Data Catalog. */
#define GLUE "glue"

/* Open the catalog of a server. */
SfdwCatalog *
sfdw_catalog_open(Oid server_oid)
{
	ForeignServer *server = GetForeignServer(server_oid);
	const char *catalog = sfdw_option_text(server->options, "catalog",
										   NO_CATALOG);
	const char *database = sfdw_option_text(server->options, "database", NULL);

	if (strcmp(catalog, NO_CATALOG) == 0)
		return NULL;
	if (database == NULL)
		ereport(ERROR,
				errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				errmsg("foreign server \"%s\" has a catalog but no database",
					   server->servername),
				errhint("Set its option \"database\"."));
	if (strcmp(catalog, GLUE) == 0)
		return sfdw_catalog_glue_open(server_oid, GetUserId(), database);
	if (strstr(catalog, "://") == NULL)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("catalog \"%s\" of foreign server \"%s\" is not supported",
					   catalog, server->servername));
	return sfdw_catalog_file_open(catalog, database, server->owner);
}

/* The table's entry. */
SfdwCatalogEntry *
sfdw_catalog_get(SfdwCatalog *catalog, const char *table)
{
	return catalog->ops->get(catalog, table);
}

/* Store a description. */
SfdwCatalogOutcome
sfdw_catalog_put(SfdwCatalog *catalog, const char *table,
				 const char *description, const char *expected_version,
				 char **new_version)
{
	SfdwCatalogOutcome outcome;

	*new_version = NULL;
	SFDW_FAULT("catalog.put", "before");
	outcome = catalog->ops->put(catalog, table, description, expected_version,
								new_version);
	SFDW_FAULT("catalog.put", "after");
	return outcome;
}

/* Remove what an interrupted put left. */
void
sfdw_catalog_tidy(SfdwCatalog *catalog, const char *table)
{
	catalog->ops->tidy(catalog, table);
}

/* Tell it about the columns' values. */
bool
sfdw_catalog_put_statistics(SfdwCatalog *catalog, const char *table,
							const char *statistics)
{
	bool		is_stored;

	if (catalog->ops->put_statistics == NULL)
		return false;
	SFDW_FAULT("catalog.put_statistics", "before");
	is_stored = catalog->ops->put_statistics(catalog, table, statistics);
	SFDW_FAULT("catalog.put_statistics", "after");
	return is_stored;
}

/* Whoever looks again afterwards finds out what became of a lost answer. */
void
sfdw_catalog_remove(SfdwCatalog *catalog, const char *table)
{
	catalog->ops->remove(catalog, table);
	if (catalog->ops->get(catalog, table) != NULL)
		ereport(ERROR,
				errcode(SFDW_ERRCODE_CONFLICT),
				errmsg("table \"%s\" could not be removed from catalog \"%s\"",
					   table, catalog->location));
}
