/*-------------------------------------------------------------------------
 * catalog_glue.h
 *		A catalog in the AWS Glue Data Catalog
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CATALOG_GLUE_H
#define SFDW_CATALOG_GLUE_H

#include "dataset/catalog.h"

/*
 * The database of Glue's that a server names, with the credentials of user.
 * The server's option create_database says whether a database that is not
 * there is made with its first table.
 */
extern SfdwCatalog *sfdw_catalog_glue_open(Oid server, Oid user,
										   const char *database);

#endif							/* SFDW_CATALOG_GLUE_H */
