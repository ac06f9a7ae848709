/*-------------------------------------------------------------------------
 * clear.h
 *		Delete everything below a prefix that only runs write to
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CLEAR_H
#define SFDW_CLEAR_H

#include "storage/storage.h"

/*
 * Delete every version of every object whose key starts with prefix, and abort
 * unfinished uploads; how many versions could not be deleted.
 */
extern int	sfdw_clear(SfdwStorage *storage, const char *prefix);

#endif							/* SFDW_CLEAR_H */
