/*-------------------------------------------------------------------------
 * fold.h
 *		Text as the detectors read it: look-alikes of ASCII become ASCII
 *
 * Pure.  Folds what a reader would not notice or would read as the same:
 * full-width and mathematical letters and digits, digits of other scripts,
 * super- and subscript and circled ones, odd spaces, hyphens, dots and
 * currency signs; drops what is not seen (zero-width characters, soft
 * hyphens, bidirectional controls, combining marks, variation selectors).
 * Letters of other alphabets stay as they are, and symbols become
 * SFDW_FOLD_SYMBOL.  This is not NFKC: ligatures, letter-like symbols and
 * compatibility forms of accented letters are left alone.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_FOLD_H
#define SFDW_FOLD_H

#include <stdbool.h>
#include <stddef.h>

/* What a character that is neither letter, digit, space nor mark becomes. */
#define SFDW_FOLD_SYMBOL	0x1F

/* A folded character is never longer than it was, and at most this. */
#define SFDW_FOLD_MAX		4

/* Whether there is nothing to fold, since every byte is ASCII. */
extern bool sfdw_fold_is_ascii(const char *text, size_t length);

/*
 * How many bytes of text, from its start, fold to themselves for sure: ASCII and
 * the accented letters of the languages of Western Europe.  The rest is
 * sfdw_fold_next's, which may find more of them.
 */
extern size_t sfdw_fold_plain(const char *text, size_t length);

/*
 * Fold the first character of text (length > 0).  Returns how many bytes of
 * text it took; *folded_length bytes of folded (0 for a dropped character)
 * are its folded form.  Bytes that are not UTF-8 are taken one at a time and
 * kept.
 */
extern size_t sfdw_fold_next(const char *text, size_t length,
							 char *folded, size_t *folded_length);

#endif							/* SFDW_FOLD_H */
