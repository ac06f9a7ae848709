/*-------------------------------------------------------------------------
 * catalog_file.h
 *		A catalog in a folder: DATABASE/TABLE.json
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CATALOG_FILE_H
#define SFDW_CATALOG_FILE_H

#include "dataset/catalog.h"

/*
 * The catalog below an URL of a folder, with the rights that the owner of its
 * server has on it.
 */
extern SfdwCatalog *sfdw_catalog_file_open(const char *location,
										   const char *database, Oid owner);

#endif							/* SFDW_CATALOG_FILE_H */
