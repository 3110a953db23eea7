/*
 * Multiplication by powers of two (C11 7.12.6.13). Steps down keep a full significand above the least normal number,
 * so that only the last one rounds.
 */
#include <limits.h>

#include "bits.h"

double
scalbn(double value, int exponent)
{
	for (int i = 0; i < 2 && exponent > 1023; i++, exponent -= 1023)
		value *= 0x1p1023;
	for (int i = 0; i < 2 && exponent < -1022; i++, exponent += 1022 - 53)
		value *= 0x1p-969;
	exponent = exponent > 1023 ? 1023 : exponent < -1022 ? -1022 : exponent;
	return value * double_power_of_2(exponent);
}

float
scalbnf(float value, int exponent)
{
	return scalbn(value, exponent);
}

long double
scalbnl(long double value, int exponent)
{
	union long_double_bits power = { .value = 1 };

	for (int i = 0; i < 2 && exponent > 16383; i++, exponent -= 16383)
		value *= 0x1p16383l;
	for (int i = 0; i < 2 && exponent < -16382; i++, exponent += 16382 - 113)
		value *= 0x1p-16269l;
	exponent = exponent > 16383 ? 16383 : exponent < -16382 ? -16382 : exponent;
	power.part.top = exponent + 16383;
	return value * power.value;
}

double
ldexp(double value, int exponent)
{
	return scalbn(value, exponent);
}

float
ldexpf(float value, int exponent)
{
	return scalbn(value, exponent);
}

long double
ldexpl(long double value, int exponent)
{
	return scalbnl(value, exponent);
}

static int
clamp(long exponent)
{
	return exponent > 100000 ? 100000 : exponent < -100000 ? -100000 : (int)exponent;
}

double
scalbln(double value, long exponent)
{
	return scalbn(value, clamp(exponent));
}

float
scalblnf(float value, long exponent)
{
	return scalbn(value, clamp(exponent));
}

long double
scalblnl(long double value, long exponent)
{
	return scalbnl(value, clamp(exponent));
}
