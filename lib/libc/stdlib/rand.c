/*
 * rand: a linear congruential generator modulo 2^64 (multiplier from Knuth, TAOCP 2, 3.3.4); the upper bits are used.
 */
#include <stdint.h>
#include <stdlib.h>

#define MULTIPLIER 6364136223846793005u

static uint64_t state = 1;

int
rand(void)
{
	state = state * MULTIPLIER + 1;
	return state >> 33;
}

void
srand(unsigned seed)
{
	state = seed;
}

int
rand_r(unsigned *seed)
{
	uint64_t next = *seed * MULTIPLIER + 1442695040888963407u;

	*seed = next >> 32;
	return (*seed ^ *seed >> 15) & RAND_MAX;
}
