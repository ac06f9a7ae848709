/*-------------------------------------------------------------------------
 * name_fold.h
 *		Letters of names as people mix them up: no accents, no capitals
 *
 * Pure.  Latin letters become small ones of ASCII (É becomes e, œ becomes oe),
 * Greek and Cyrillic capitals small letters; all others stay as they are.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_NAME_FOLD_H
#define SFDW_NAME_FOLD_H

#include <stddef.h>

/*
 * Fold a word of a text that fold.h folded.  folded has room for length bytes,
 * which is enough; returns how many were written.
 */
extern size_t sfdw_name_fold(const char *word, size_t length, char *folded);

#endif							/* SFDW_NAME_FOLD_H */
