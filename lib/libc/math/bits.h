/* The parts of floating-point numbers (IEEE 754-2019 3.4; x87 extended: Intel SDM vol. 1, 4.2.2). */
#ifndef LIBC_MATH_BITS_H
#define LIBC_MATH_BITS_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

union double_bits {
	double value;
	uint64_t bits;			/* sign 1, exponent 11 (bias 1023), fraction 52 */
};

union float_bits {
	float value;
	uint32_t bits;			/* sign 1, exponent 8 (bias 127), fraction 23 */
};

union long_double_bits {
	long double value;
#if LDBL_MANT_DIG == 64
	struct {
		uint64_t low;		/* significand with its leading one */
		uint16_t top;		/* sign 1, exponent 15 (bias 16383) */
	} part;
#else
	struct {
		uint64_t low;
		uint32_t middle;
		uint16_t high;
		uint16_t top;
	} part;
#endif
};

static inline uint64_t
double_to_bits(double value)
{
	return (union double_bits){ .value = value }.bits;
}

static inline double
double_from_bits(uint64_t bits)
{
	return (union double_bits){ .bits = bits }.value;
}

/* Results that are too small or too large, with their exceptions: the compiler must not multiply beforehand, nor leave it. */
static inline double
double_underflow(void)
{
	volatile double tiny = 0x1p-1000, result = tiny * tiny;

	return result;
}

static inline double
double_overflow(void)
{
	volatile double large = 0x1p1023, result = large * large;

	return result;
}

/*
 * The result where a function has none, with FE_INVALID; a NaN passes. Without a sign, which x86_64 would set: for these functions other C
 * libraries give it so, and programs print it. For sqrt, log, sin, ... they leave it as the processor makes it.
 */
static inline double
undefined_at(double x)
{
	return x != x ? x : __builtin_fabs((x - x) / (x - x));
}

/* Biased exponent, 0 .. 2047. */
static inline int
double_exponent(double value)
{
	return double_to_bits(value) >> 52 & 0x7ff;
}

/* 2^exponent, -1022 .. 1023. */
static inline double
double_power_of_2(int exponent)
{
	return double_from_bits((uint64_t)(exponent + 1023) << 52);
}

#endif
