/* Remainders, parts, neighbours, extremes (C11 7.12.6, 7.12.10 - 7.12.12). Remainders are exact. */
#include <fenv.h>

#include "bits.h"

long double
fmodl(long double x, long double y)
{
	long double size = fabsl(x), by = fabsl(y);
	int ex, ey;

	if (isnan(x) || isnan(y) || isinf(x) || y == 0)
		return (x * y) / (x * y);
	if (size < by)
		return x;
	frexpl(size, &ex);
	frexpl(by, &ey);
	for (int shift = ex - ey; shift >= 0 && size >= by; shift--) {
		long double multiple = scalbnl(by, shift);

		if (size >= multiple)
			size -= multiple;
	}
	return copysignl(size, x);
}

/* The significand of x by that of y, eleven bits of the quotient at a time. */
double
fmod(double x, double y)
{
	uint64_t mx, my;
	int ex, ey;

	if (isnan(x) || isnan(y) || isinf(x) || y == 0)
		return (x * y) / (x * y);
	if (fabs(x) < fabs(y))
		return x;
	mx = (uint64_t)scalbn(frexp(fabs(x), &ex), 53);
	if (isinf(y))
		return x;
	my = (uint64_t)scalbn(frexp(fabs(y), &ey), 53);
	for (ex -= ey; ex > 0;) {
		int step = ex < 11 ? ex : 11;

		mx = (mx % my) << step;
		ex -= step;
	}
	return copysign(scalbn((double)(mx % my), ey - 53), x);
}

float
fmodf(float x, float y)
{
	return (float)fmod(x, y);
}

double
modf(double value, double *whole)
{
	*whole = trunc(value);
	return copysign(isinf(value) ? 0 : value - *whole, value);
}

float
modff(float value, float *whole)
{
	*whole = (float)trunc(value);
	return copysignf(isinf(value) ? 0 : value - *whole, value);
}

long double
modfl(long double value, long double *whole)
{
	*whole = truncl(value);
	return copysignl(isinf(value) ? 0 : value - *whole, value);
}

double
fmax(double x, double y)
{
	return isnan(x) ? y : isnan(y) ? x : x == y ? (signbit(x) ? y : x) : x > y ? x : y;
}

double
fmin(double x, double y)
{
	return isnan(x) ? y : isnan(y) ? x : x == y ? (signbit(x) ? x : y) : x < y ? x : y;
}

long double
fmaxl(long double x, long double y)
{
	return isnan(x) ? y : isnan(y) ? x : x == y ? (signbit(x) ? y : x) : x > y ? x : y;
}

long double
fminl(long double x, long double y)
{
	return isnan(x) ? y : isnan(y) ? x : x == y ? (signbit(x) ? x : y) : x < y ? x : y;
}

double
fdim(double x, double y)
{
	return isnan(x) || isnan(y) ? x + y : x > y ? x - y : 0;
}

long double
fdiml(long double x, long double y)
{
	return isnan(x) || isnan(y) ? x + y : x > y ? x - y : 0;
}

/* The neighbour of x, with the exception that it is infinite or below the normal numbers (C11 F.10.8.3). */
static double
double_checked(double x, double neighbour)
{
	if (isinf(neighbour) && !isinf(x))
		double_overflow();
	else if (!isnormal(neighbour))
		double_underflow();
	return neighbour;
}

double
nextafter(double x, double y)
{
	uint64_t bits = double_to_bits(x);

	if (isnan(x) || isnan(y))
		return x + y;
	if (x == y)
		return y;
	if (x == 0)
		return double_checked(x, copysign(0x1p-1074, y));
	return double_checked(x, double_from_bits((x < y) == (x > 0) ? bits + 1 : bits - 1));
}

float
nextafterf(float x, float y)
{
	union float_bits parts = { .value = x };

	if (isnan(x) || isnan(y))
		return x + y;
	if (x == y)
		return y;
	if (x == 0)
		parts.value = copysignf(0x1p-149f, y);
	else
		parts.bits += (x < y) == (x > 0) ? 1 : -1;
	if (isinf(parts.value) && !isinf(x))
		double_overflow();
	else if (!isnormal(parts.value))
		double_underflow();
	return parts.value;
}

int
ilogbl(long double value)
{
	int exponent;

	if (value == 0 || !isfinite(value)) {
		feraiseexcept(FE_INVALID);
		return value == 0 ? FP_ILOGB0 : isnan(value) ? FP_ILOGBNAN : __INT_MAX__;
	}
	frexpl(value, &exponent);
	return exponent - 1;
}

int
ilogb(double value)
{
	return ilogbl(value);
}

int
ilogbf(float value)
{
	return ilogbl(value);
}

double
logb(double x)
{
	return x == 0 ? -1 / (x * x) : !isfinite(x) ? x * x : ilogb(x);
}

long double
logbl(long double x)
{
	return x == 0 ? -1 / (x * x) : !isfinite(x) ? x * x : ilogbl(x);
}
