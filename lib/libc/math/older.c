/* Names from before C99 that programs still use (BSD, System V): mostly another function's. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>

int
finite(double x)
{
	return isfinite(x);
}

int
finitef(float x)
{
	return isfinite(x);
}

int
finitel(long double x)
{
	return isfinite(x);
}

int
(isinf)(double x)
{
	return isinf(x);
}

int
isinff(float x)
{
	return isinf(x);
}

int
isinfl(long double x)
{
	return isinf(x);
}

int
(isnan)(double x)
{
	return isnan(x);
}

int
isnanf(float x)
{
	return isnan(x);
}

int
isnanl(long double x)
{
	return isnan(x);
}

double
drem(double x, double y)
{
	return remainder(x, y);
}

double
gamma(double x)
{
	return lgamma(x);
}

/* x with an exponent of 0: 1 to 2, and the sign. */
double
significand(double x)
{
	return x == 0 || !isfinite(x) ? x : scalbn(x, -ilogb(x));
}

/* x * 2^exponent; a domain error unless that is a whole number. */
double
scalb(double x, double exponent)
{
	if (isnan(x) || isnan(exponent))
		return x * exponent;
	if (isinf(exponent) && (exponent > 0 ? x == 0 : isinf(x))) {
		errno = EDOM;
		return NAN;
	}
	if (isinf(exponent))
		return exponent > 0 ? x * exponent : x / -exponent;
	if (rint(exponent) != exponent) {
		errno = EDOM;
		return NAN;
	}
	return scalbn(x, (int)fmax(fmin(exponent, 65000), -65000));
}
