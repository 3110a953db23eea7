/* Signs (C11 7.12.7.2, 7.12.11). */
#include <stdlib.h>

#include "bits.h"

double
fabs(double x)
{
	return __builtin_fabs(x);
}

float
fabsf(float x)
{
	return __builtin_fabsf(x);
}

long double
fabsl(long double x)
{
	return __builtin_fabsl(x);
}

double
copysign(double x, double y)
{
	return __builtin_copysign(x, y);
}

float
copysignf(float x, float y)
{
	return __builtin_copysignf(x, y);
}

long double
copysignl(long double x, long double y)
{
	union long_double_bits a = { .value = x }, b = { .value = y };

	a.part.top = (a.part.top & 0x7fff) | (b.part.top & 0x8000);
	return a.value;
}

double
nan(const char *tag)
{
	(void)tag;
	return NAN;
}

float
nanf(const char *tag)
{
	(void)tag;
	return NAN;
}

long double
nanl(const char *tag)
{
	(void)tag;
	return NAN;
}
