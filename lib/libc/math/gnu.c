/* GNU's functions of double in the other precisions. */
#define _GNU_SOURCE
#include <math.h>

void
sincosf(float x, float *sine, float *cosine)
{
	*sine = sinf(x);
	*cosine = cosf(x);
}

void
sincosl(long double x, long double *sine, long double *cosine)
{
	*sine = sinl(x);
	*cosine = cosl(x);
}

float
exp10f(float x)
{
	return (float)exp10(x);
}

long double
exp10l(long double x)
{
	return powl(10, x);
}

float
lgammaf_r(float x, int *sign)
{
	return (float)lgamma_r(x, sign);
}

long double
lgammal_r(long double x, int *sign)
{
	return lgamma_r((double)x, sign);
}
