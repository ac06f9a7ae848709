/*-------------------------------------------------------------------------
 * marks.h
 *		Which Unicode characters are combining marks
 *
 * Pure.  A table of our own, because PostgreSQL's differ by version: 15 counts
 * enclosing marks as well, 16 and later also format characters.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_MARKS_H
#define SFDW_MARKS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a code point is of general category Mn (nonspacing mark). */
extern bool sfdw_mark_is_nonspacing(uint32_t code_point);

#endif							/* SFDW_MARKS_H */
