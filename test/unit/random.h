/*-------------------------------------------------------------------------
 * random.h
 *		Numbers that look random and are the same in every run
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_RANDOM_H
#define SFDW_RANDOM_H

#include <stdint.h>

static uint64_t random_state = UINT64_C(88172645463325252);

/* The next number (xorshift). */
static inline uint64_t
random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* A number below limit. */
static inline uint64_t
random_below(uint64_t limit)
{
	return (random_next() >> 11) % limit;
}

#endif							/* SFDW_RANDOM_H */
