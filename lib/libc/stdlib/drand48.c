/* The 48-bit generator of drand48_r.c with a state of its own. */
#include <string.h>

#include "drand48.h"

static struct drand48_data own = { { 0x330e, 0xabcd, 0x1234 }, { 0, 0, 0 }, 0, 0, 0 };

double
drand48(void)
{
	return drand48_fraction(own.__state, &own);
}

double
erand48(unsigned short state[3])
{
	return drand48_fraction(state, &own);
}

long
lrand48(void)
{
	return drand48_positive(own.__state, &own);
}

long
nrand48(unsigned short state[3])
{
	return drand48_positive(state, &own);
}

long
mrand48(void)
{
	return drand48_signed(own.__state, &own);
}

long
jrand48(unsigned short state[3])
{
	return drand48_signed(state, &own);
}

void
srand48(long seed)
{
	srand48_r(seed, &own);
}

/* Returns what the state was, in memory of its own. */
unsigned short *
seed48(unsigned short state[3])
{
	seed48_r(state, &own);
	return own.__before;
}

void
lcong48(unsigned short parameters[7])
{
	lcong48_r(parameters, &own);
}
