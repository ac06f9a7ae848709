/*-------------------------------------------------------------------------
 * stats_text.h
 *		Smallest and largest values of a Parquet column, as text
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_COPY_STATS_TEXT_H
#define SFDW_COPY_STATS_TEXT_H

#include "core/compat.h"
#include "parquet/metadata.h"

/*
 * A value of a footer's statistics as PostgreSQL writes it (a date as a date,
 * a decimal with its point), or in hexadecimal digits when its bytes are not a
 * value of the column's type.  NULL for none.
 */
extern char *sfdw_copy_stats_text(const SfdwSchemaElement *column,
								  SfdwBytes value);

/*
 * Compare two values of the column's statistics in the order of its type, as
 * memcmp does.  False when one is not a value of that type, or the type has no
 * order that is known here.
 */
extern bool sfdw_copy_stats_compare(const SfdwSchemaElement *column,
									SfdwBytes left, SfdwBytes right,
									int *order);

/*
 * Text of a footer in the database's encoding, NULL for none; an error that
 * names what it is and the file when it is not UTF-8.
 */
extern char *sfdw_copy_footer_text(SfdwBytes text, const char *what,
								   const char *url);

#endif							/* SFDW_COPY_STATS_TEXT_H */
