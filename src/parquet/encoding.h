/*-------------------------------------------------------------------------
 * encoding.h
 *		RLE and bit packing: levels, dictionary indices, booleans
 *
 * Pure.  Values that are PLAIN need no function: they are the bytes of a
 * little-endian machine's memory, byte arrays with four bytes of length in
 * front.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ENCODING_H
#define SFDW_ENCODING_H

#include "core/buffer.h"

/* The widest number that is packed: a dictionary index. */
#define SFDW_MAX_BIT_WIDTH 32

/* Bits that the numbers up to max take; 0 for 0. */
extern int	sfdw_bit_width(uint32_t max);

/*
 * Append count numbers of at most bit_width bits as a hybrid of runs and packed
 * groups of eight, without length and bit width.  Runs of eight and more equal
 * numbers become a run, all else is packed.
 */
extern bool sfdw_rle_encode(SfdwBuffer *buffer, const uint32_t *numbers,
							size_t count, int bit_width, SfdwStatus *status);

/*
 * Append the definition levels of a page of OPTIONAL values as version 1 pages
 * hold them: four bytes of length and a hybrid of bit width 1.  levels has a
 * byte of 0 (null) or 1 for each row; scratch is room for count numbers.
 */
extern bool sfdw_levels_encode(SfdwBuffer *buffer, const uint8_t *levels,
							   size_t count, uint32_t *scratch,
							   SfdwStatus *status);

/* Append booleans, a byte of 0 or 1 each, as PLAIN bits. */
extern bool sfdw_bits_encode(SfdwBuffer *buffer, const uint8_t *values,
							 size_t count, SfdwStatus *status);

#endif							/* SFDW_ENCODING_H */
