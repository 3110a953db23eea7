/* The 48-bit generator whose numbers POSIX.1-2017 (drand48) prescribes: X' = (a X + c) mod 2^48, and its three kinds of numbers. */
#ifndef LIBC_STDLIB_DRAND48_H
#define LIBC_STDLIB_DRAND48_H

#include <stdint.h>
#include <stdlib.h>

#define DRAND48_FACTOR	0x5deece66dul	/* a */
#define DRAND48_ADDEND	0xbul		/* c */

/* The next X of a state, with a and c of `data`, which are the usual ones unless they were set. */
static inline uint64_t
drand48_next(unsigned short state[3], struct drand48_data *data)
{
	uint64_t x = state[0] | (uint64_t)state[1] << 16 | (uint64_t)state[2] << 32;

	if (!data->__ready) {
		data->__factor = DRAND48_FACTOR;
		data->__addend = DRAND48_ADDEND;
		data->__ready = 1;
	}
	x = (x * data->__factor + data->__addend) & 0xffffffffffff;
	state[0] = x;
	state[1] = x >> 16;
	state[2] = x >> 32;
	return x;
}

/* [0, 1) */
static inline double
drand48_fraction(unsigned short state[3], struct drand48_data *data)
{
	return (double)drand48_next(state, data) * 0x1p-48;
}

/* 31 bits */
static inline long
drand48_positive(unsigned short state[3], struct drand48_data *data)
{
	return drand48_next(state, data) >> 17;
}

/* 32 bits with a sign */
static inline long
drand48_signed(unsigned short state[3], struct drand48_data *data)
{
	return (int32_t)(drand48_next(state, data) >> 16);
}

#endif
