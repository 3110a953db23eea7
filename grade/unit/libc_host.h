/*
 * What tests of the C library share: random numbers, how many of them, and the calls below the library.
 */
#ifndef GRADE_UNIT_LIBC_HOST_H
#define GRADE_UNIT_LIBC_HOST_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "unit.h"

_Thread_local int m_errno;

static uint64_t random_state;

/* The sequence begins where the seed says (unit.h). */
static inline uint64_t
random_bits(void)
{
	if (random_state == 0)
		random_state = (unit_seed() * 0x9e3779b97f4a7c15u ^ 88172645463325252u) | 1;
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 2685821657736338717u;
}

static inline unsigned
random_below(unsigned limit)
{
	return (random_bits() >> 32) % limit;
}

/* The number of random cases. */
static inline long
cases(long usual)
{
	return usual * (long)unit_stress();
}

#endif
