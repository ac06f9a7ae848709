/*-------------------------------------------------------------------------
 * record_id.h
 *		Ids of Salesforce records: 15 characters, or 18 with a checksum
 *
 * Pure.  The letters of the 15 differ by case; the last three of 18 say which
 * of them are capitals, so that an id survives a program that ignores case.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RECORD_ID_H
#define SFDW_RECORD_ID_H

#include "core/status.h"

#include <stddef.h>

#define SFDW_ID_SHORT_LENGTH 15
#define SFDW_ID_LONG_LENGTH 18

/*
 * Write the long form of an id to out (SFDW_ID_LONG_LENGTH bytes, no NUL).
 * SFDW_BAD_VALUE when it is neither form, or its checksum is wrong (which also
 * finds an id whose case was changed).
 */
extern bool sfdw_record_id_extend(const char *id, size_t length, char *out,
								  SfdwStatus *status);

#endif							/* SFDW_RECORD_ID_H */
