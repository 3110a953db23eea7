/* random: the xorshift64* generator (Vigna, "An experimental exploration of Marsaglia's xorshift generators"). */
#include <stdint.h>
#include <stdlib.h>

static uint64_t state = 0x9e3779b97f4a7c15u;

long
random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 2685821657736338717u) >> 33;
}

void
srandom(unsigned seed)
{
	state = (seed + 1ul) * 0x9e3779b97f4a7c15u;
}
