/*
 * What tests of the C library share: random numbers, how long to run, and the calls below the library.
 */
#ifndef GRADE_UNIT_LIBC_HOST_H
#define GRADE_UNIT_LIBC_HOST_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "unit.h"

_Thread_local int m_errno;

static uint64_t random_state = 88172645463325252u;

static inline uint64_t
random_bits(void)
{
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
