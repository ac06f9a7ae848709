/*-------------------------------------------------------------------------
 * eight_bytes.h
 *		Look at eight bytes of a text at once
 *
 * Pure.  A look answers with the upper bit of each byte of a word.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_EIGHT_BYTES_H
#define SFDW_EIGHT_BYTES_H

#include <stdint.h>
#include <string.h>

/* The same byte eight times. */
#define SFDW_EACH(n)		(UINT64_C(0x0101010101010101) * (n))
#define SFDW_UPPER_BITS		SFDW_EACH(0x80)

/* Eight bytes, which need not be aligned. */
static inline uint64_t
sfdw_eight_bytes(const void *at)
{
	uint64_t	bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return bytes;
}

/* Which of eight bytes, all below 0x80, are n or more; other bits are noise. */
static inline uint64_t
sfdw_eight_from(uint64_t bytes, unsigned int n)
{
	return bytes + SFDW_EACH(0x80 - n);
}

/* Which of them are from low to high. */
static inline uint64_t
sfdw_eight_between(uint64_t bytes, unsigned int low, unsigned int high)
{
	return sfdw_eight_from(bytes, low) & ~sfdw_eight_from(bytes, high + 1);
}

#endif							/* SFDW_EIGHT_BYTES_H */
