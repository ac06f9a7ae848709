/*-------------------------------------------------------------------------
 * words.h
 *		The words of a text at which a match can begin
 *
 * Pure; for detectors.c only.  Most words are of letters alone, and nothing
 * begins with those but for what stands beside them: they are passed over by
 * one look at each byte.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_WORDS_H
#define SFDW_WORDS_H

#include "dataset/rules.h"

/*
 * The next word that holds a digit or a capital A, or that stands beside one
 * of ":_-!." or before a digit, or the next @, from where reading goes on;
 * false at the text's end.  Sets seen to the classes of its bytes, and has
 * reading go on behind it.
 */
extern bool sfdw_word_next(SfdwDetection *detection, SfdwSpan *word,
						   unsigned char *seen);

#endif							/* SFDW_WORDS_H */
