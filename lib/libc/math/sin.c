/* Sine, cosine, tangent (C11 7.12.4). */
#define _GNU_SOURCE
#include "pair.h"

static double
rounded(struct pair value, bool negative)
{
	return negative ? -(value.hi + value.lo) : value.hi + value.lo;
}

double
sin(double x)
{
	struct pair rest;
	int n;

	if (!isfinite(x))
		return x - x;
	if (fabs(x) < 0x1p-30)
		return x;
	n = __pi_reduce(x, &rest);
	return rounded((n & 1) != 0 ? __pair_cos(rest) : __pair_sin(rest), n >= 2);
}

double
cos(double x)
{
	struct pair rest;
	int n;

	if (!isfinite(x))
		return x - x;
	n = __pi_reduce(x, &rest);
	return rounded((n & 1) != 0 ? __pair_sin(rest) : __pair_cos(rest), n == 1 || n == 2);
}

double
tan(double x)
{
	struct pair rest, sine, cosine;
	int n;

	if (!isfinite(x))
		return x - x;
	if (fabs(x) < 0x1p-30)
		return x;
	n = __pi_reduce(x, &rest);
	sine = __pair_sin(rest);
	cosine = __pair_cos(rest);
	return (n & 1) != 0 ? rounded(pair_divide(cosine, sine), true) : rounded(pair_divide(sine, cosine), false);
}

void
sincos(double x, double *sine, double *cosine)
{
	*sine = sin(x);
	*cosine = cos(x);
}
