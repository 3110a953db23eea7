/*
 * Integers near a number (C11 7.12.9). Adding 2^52 leaves no room for a fraction. Comparisons
 * with a NaN are the quiet ones.
 */
#include <fenv.h>

#include "bits.h"

#define WHOLE		0x1p52
#define WHOLE_L		(1 / LDBL_EPSILON)

double
rint(double x)
{
	double size = fabs(x);

	if (!isless(size, WHOLE))
		return x;
	return copysign((size + WHOLE) - WHOLE, x);
}

double
trunc(double x)
{
	double size = fabs(x), whole;

	if (!isless(size, WHOLE))
		return x;
	whole = (size + WHOLE) - WHOLE;
	return copysign(whole > size ? whole - 1 : whole, x);
}

double
floor(double x)
{
	double whole = trunc(x);

	return isgreater(whole, x) ? whole - 1 : whole;
}

double
ceil(double x)
{
	double whole = trunc(x);

	return isless(whole, x) ? copysign(whole + 1, x) : whole;
}

double
round(double x)
{
	double whole = trunc(x);

	if (isinf(x))
		return x;
	return isgreaterequal(fabs(x - whole), 0.5) ? whole + copysign(1, x) : whole;
}

double
nearbyint(double x)
{
	bool inexact = fetestexcept(FE_INEXACT) != 0;
	double whole = rint(x);

	if (!inexact)
		feclearexcept(FE_INEXACT);
	return whole;
}

long double
rintl(long double x)
{
	long double size = fabsl(x);

	if (!isless(size, WHOLE_L))
		return x;
	return copysignl((size + WHOLE_L) - WHOLE_L, x);
}

long double
truncl(long double x)
{
	long double size = fabsl(x), whole;

	if (!isless(size, WHOLE_L))
		return x;
	whole = (size + WHOLE_L) - WHOLE_L;
	return copysignl(whole > size ? whole - 1 : whole, x);
}

long double
floorl(long double x)
{
	long double whole = truncl(x);

	return isgreater(whole, x) ? whole - 1 : whole;
}

long double
ceill(long double x)
{
	long double whole = truncl(x);

	return isless(whole, x) ? copysignl(whole + 1, x) : whole;
}

long double
roundl(long double x)
{
	long double whole = truncl(x);

	if (isinf(x))
		return x;
	return isgreaterequal(fabsl(x - whole), 0.5l) ? whole + copysignl(1, x) : whole;
}

long double
nearbyintl(long double x)
{
	bool inexact = fetestexcept(FE_INEXACT) != 0;
	long double whole = rintl(x);

	if (!inexact)
		feclearexcept(FE_INEXACT);
	return whole;
}

long
lrint(double x)
{
	return (long)rint(x);
}

long
lrintf(float x)
{
	return (long)rint(x);
}

long
lrintl(long double x)
{
	return (long)rintl(x);
}

long long
llrint(double x)
{
	return (long long)rint(x);
}

long long
llrintf(float x)
{
	return (long long)rint(x);
}

long long
llrintl(long double x)
{
	return (long long)rintl(x);
}

long
lround(double x)
{
	return (long)round(x);
}

long
lroundf(float x)
{
	return (long)round(x);
}

long
lroundl(long double x)
{
	return (long)roundl(x);
}

long long
llround(double x)
{
	return (long long)round(x);
}

long long
llroundf(float x)
{
	return (long long)round(x);
}

long long
llroundl(long double x)
{
	return (long long)roundl(x);
}
