/* IEEE remainders (C11 7.12.10.2, 7.12.10.3): x - n*y for the integer n nearest to x/y, the even one of two. Exact. */
#include "bits.h"

/* x, y finite, y not zero. *quotient: the low bits of n. */
static long double
nearest_rest(long double x, long double y, int *quotient)
{
	long double by = fabsl(y), rest = fmodl(fabsl(x), by), eighth;
	unsigned n = 0;

	/* The low bits of the truncated quotient: what is left of |x| modulo 8|y|. */
	eighth = by < LDBL_MAX / 8 ? fmodl(fabsl(x), 8 * by) : fabsl(x);
	for (unsigned bit = 4; bit > 0; bit /= 2)
		if (by < LDBL_MAX / 8 && eighth >= bit * by) {
			eighth -= bit * by;
			n += bit;
		}
	if (rest > by - rest || (rest == by - rest && (n & 1) != 0)) {
		rest -= by;
		n++;
	}
	*quotient = signbit(x) != signbit(y) ? -(int)(n & 7) : (int)(n & 7);
	return rest == 0 ? copysignl(0, x) : signbit(x) ? -rest : rest;
}

long double
remquol(long double x, long double y, int *quotient)
{
	*quotient = 0;
	if (isnan(x) || isnan(y) || isinf(x) || y == 0)
		return (x * y) / (x * y);
	return isinf(y) ? x : nearest_rest(x, y, quotient);
}

double
remquo(double x, double y, int *quotient)
{
	return (double)remquol(x, y, quotient);
}

float
remquof(float x, float y, int *quotient)
{
	return (float)remquol(x, y, quotient);
}

long double
remainderl(long double x, long double y)
{
	int quotient;

	return remquol(x, y, &quotient);
}

double
remainder(double x, double y)
{
	return (double)remainderl(x, y);
}

float
remainderf(float x, float y)
{
	return (float)remainderl(x, y);
}
