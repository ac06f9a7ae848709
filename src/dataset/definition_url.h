/*-------------------------------------------------------------------------
 * definition_url.h
 *		Compare URLs of files and folders
 *
 * Local ones by their real paths, so that a symbolic link does not lead around
 * a check.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DEFINITION_URL_H
#define SFDW_DEFINITION_URL_H

#include "core/compat.h"

/* Whether two folders (ending in "/") are equal or one contains the other. */
extern bool sfdw_url_overlaps(const char *folder, const char *other);

#endif							/* SFDW_DEFINITION_URL_H */
