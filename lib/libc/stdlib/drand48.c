/* The 48-bit generator whose numbers POSIX.1-2017 (drand48) prescribes: X' = (a X + c) mod 2^48. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static unsigned short own[3] = { 0x330e, 0xabcd, 0x1234 };
static uint64_t factor = 0x5deece66d, addend = 0xb;	/* a and c */

static uint64_t
next(unsigned short state[3])
{
	uint64_t x = state[0] | (uint64_t)state[1] << 16 | (uint64_t)state[2] << 32;

	x = (x * factor + addend) & 0xffffffffffff;
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
	factor = 0x5deece66d;
	addend = 0xb;
}

/* Returns what the state was, in memory of its own. */
unsigned short *
seed48(unsigned short state[3])
{
	static unsigned short before[3];

	memcpy(before, own, sizeof(own));
	memcpy(own, state, sizeof(own));
	factor = 0x5deece66d;
	addend = 0xb;
	return before;
}

/* State, a, c. */
void
lcong48(unsigned short parameters[7])
{
	memcpy(own, parameters, sizeof(own));
	factor = parameters[3] | (uint64_t)parameters[4] << 16 | (uint64_t)parameters[5] << 32;
	addend = parameters[6];
}
