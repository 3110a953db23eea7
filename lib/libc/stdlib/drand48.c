/* The 48-bit generator whose numbers POSIX.1-2017 (drand48) prescribes: X' = (0x5deece66d X + 0xb) mod 2^48. */
#include <stdint.h>
#include <stdlib.h>

static unsigned short own[3] = { 0x330e, 0xabcd, 0x1234 };

static uint64_t
next(unsigned short state[3])
{
	uint64_t x = state[0] | (uint64_t)state[1] << 16 | (uint64_t)state[2] << 32;

	x = (x * 0x5deece66d + 0xb) & 0xffffffffffff;
	state[0] = x;
	state[1] = x >> 16;
	state[2] = x >> 32;
	return x;
}

double
erand48(unsigned short state[3])
{
	return (double)next(state) * 0x1p-48;
}

double
drand48(void)
{
	return erand48(own);
}

long
nrand48(unsigned short state[3])
{
	return next(state) >> 17;
}

long
lrand48(void)
{
	return nrand48(own);
}

long
jrand48(unsigned short state[3])
{
	return (int32_t)(next(state) >> 16);
}

long
mrand48(void)
{
	return jrand48(own);
}

void
srand48(long seed)
{
	own[0] = 0x330e;
	own[1] = seed;
	own[2] = seed >> 16;
}
