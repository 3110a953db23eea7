/* Neighbours of long doubles, and towards them (C11 7.12.11.3, 7.12.11.4). */
#include "bits.h"

/* One unit in the last place of x, x > 0 and finite: below a power of two that of the numbers below it, if `down`. */
static long double
unit_of(long double x, bool down)
{
	int exponent;
	long double fraction = frexpl(x, &exponent);

	if (down && fraction == 0.5l)
		exponent--;
	if (exponent < LDBL_MIN_EXP)
		exponent = LDBL_MIN_EXP;
	return scalbnl(1, exponent - LDBL_MANT_DIG);
}

long double
nextafterl(long double x, long double y)
{
	bool away = (x < y) == (x > 0);
	long double size = fabsl(x);

	if (isnan(x) || isnan(y))
		return x + y;
	if (x == y)
		return y;
	if (x == 0)
		return copysignl(scalbnl(1, LDBL_MIN_EXP - LDBL_MANT_DIG), y);
	if (isinf(x))
		return copysignl(LDBL_MAX, x);
	return copysignl(away ? size + unit_of(size, false) : size - unit_of(size, true), x);
}

long double
nexttowardl(long double x, long double y)
{
	return nextafterl(x, y);
}

double
nexttoward(double x, long double y)
{
	return isnan(y) ? (double)(x + y) : x == y ? (double)y : nextafter(x, x < y ? (double)INFINITY : -(double)INFINITY);
}

float
nexttowardf(float x, long double y)
{
	return isnan(y) ? (float)(x + y) : x == y ? (float)y : nextafterf(x, x < y ? INFINITY : -INFINITY);
}
