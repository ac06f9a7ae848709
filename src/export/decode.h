/*-------------------------------------------------------------------------
 * decode.h
 *		Turn the text of a field into a typed value
 *
 * Pure.  Never through PostgreSQL's input functions, whose messages print the
 * value; where both accept a text, the result is the same (but for a zone
 * given for a timestamp, below).  No function trims, none accepts an empty
 * text, none allocates unless a buffer is passed.
 *
 * Failures: SFDW_BAD_VALUE (not of the type's syntax, or no such day or time),
 * SFDW_OUT_OF_RANGE (beyond the type's limits); the offset is the byte of text
 * at which the rule broke; the message names the rule and never the value.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DECODE_H
#define SFDW_DECODE_H

#include "core/buffer.h"

/* Bytes of a number that are looked at; no exporter writes longer ones. */
#define SFDW_DECODE_MAX_NUMBER 1100

/* True/False, true/false, TRUE/FALSE, 1/0. */
extern bool sfdw_decode_bool(const char *text, size_t length, bool *value,
							 SfdwStatus *status);

/* An optional sign and digits. */
extern bool sfdw_decode_int2(const char *text, size_t length, int16_t *value,
							 SfdwStatus *status);
extern bool sfdw_decode_int4(const char *text, size_t length, int32_t *value,
							 SfdwStatus *status);
extern bool sfdw_decode_int8(const char *text, size_t length, int64_t *value,
							 SfdwStatus *status);

/* The limits that numeric(precision, scale) states. */
typedef struct SfdwNumericLimits
{
	int			precision;		/* 0: none stated, and scale means nothing */
	int			scale;
} SfdwNumericLimits;

/*
 * A decimal number, optionally with an exponent (1000.0, 1e+16, -0.0), as text
 * that numeric_in accepts for these limits without any error: buffer is emptied
 * and then holds it, with a NUL behind it that its length does not count.  No
 * NaN, no infinity.
 */
extern bool sfdw_decode_numeric(const char *text, size_t length,
								const SfdwNumericLimits *limits,
								SfdwBuffer *buffer, SfdwStatus *status);

/*
 * The same syntax, correctly rounded.  A number that is too large, or so small
 * that it would become 0, is SFDW_OUT_OF_RANGE.  LC_NUMERIC must be C, as it is
 * in every backend.
 */
extern bool sfdw_decode_float8(const char *text, size_t length, double *value,
							   SfdwStatus *status);

/* YYYY-MM-DD, years 0001 to 9999: days since 2000-01-01 (PostgreSQL's date). */
extern bool sfdw_decode_date(const char *text, size_t length, int32_t *days,
							 SfdwStatus *status);

/*
 * HH:MM:SS, then up to 6 digits of fraction, then Z, both optional:
 * microseconds since midnight.  24:00:00 and a second 60 are no times here,
 * though PostgreSQL accepts them: they would turn into other days or minutes.
 */
extern bool sfdw_decode_time(const char *text, size_t length, int64_t *micros,
							 SfdwStatus *status);

/* Whether a timestamp must say its zone. */
typedef enum SfdwZoneRule
{
	SFDW_ZONE_REQUIRED,			/* timestamptz */
	SFDW_ZONE_UTC				/* without one it is UTC: timestamp, and
								 * timestamptz where the user said so */
} SfdwZoneRule;

/*
 * YYYY-MM-DD, T or one space, HH:MM:SS, up to 6 digits of fraction, and a zone
 * Z, +HHMM or +HH:MM (or -): microseconds since 2000-01-01 00:00 UTC, which is
 * PostgreSQL's timestamptz, and its timestamp in UTC.  A zone counts for a
 * timestamp too (PostgreSQL would drop it).  A date alone is refused.
 */
extern bool sfdw_decode_timestamp(const char *text, size_t length,
								  SfdwZoneRule zone_rule, int64_t *micros,
								  SfdwStatus *status);

#define SFDW_UUID_LENGTH 16

/* 8-4-4-4-12 hexadecimal digits. */
extern bool sfdw_decode_uuid(const char *text, size_t length,
							 unsigned char *value, SfdwStatus *status);

/*
 * The next piece of a multi-select picklist (text already unescaped), split on
 * ";".  *position is 0 before the first call; false when there are no more.
 * An empty text has no piece; pieces may be empty ("A;;B").
 */
extern bool sfdw_decode_next_choice(const char *text, size_t length,
									size_t *position, const char **piece,
									size_t *piece_length);

#endif							/* SFDW_DECODE_H */
