/* Exponential function, logarithm, power (C11 7.3.7, 7.3.8.2; special cases: G.6.3). */
#include <complex.h>
#include <float.h>
#include <math.h>

#define EXP_MOST	709.0		/* exp of more is too large, or nearly */

double complex
cexp(double complex z)
{
	double x = creal(z), y = cimag(z), size;

	if (y == 0)
		return CMPLX(exp(x), y);
	if (!isfinite(y)) {
		if (isinf(x))
			return x < 0 ? CMPLX(0.0, copysign(0.0, y)) : CMPLX(x, NAN);
		return CMPLX(NAN, NAN);
	}
	if (x <= EXP_MOST || !isfinite(x)) {
		size = exp(x);
		return CMPLX(size * cos(y), size * sin(y));
	}
	/* The sine or cosine may bring it back into the range. */
	size = exp(x / 2);
	return CMPLX(size * cos(y) * size, size * sin(y) * size);
}

/* log|z| for finite parts, the larger one first and not 0. */
static double
log_size(double large, double small)
{
	if (large > DBL_MAX / 4)
		return log(hypot(large / 4, small / 4)) + 2 * M_LN2;
	if (large > 0.5 && large < 2 && small < 2)
		return log1p(fma(large - 1, large + 1, small * small)) / 2;
	return log(hypot(large, small));
}

double complex
clog(double complex z)
{
	double x = fabs(creal(z)), y = fabs(cimag(z)), size;

	if (!isfinite(x) || !isfinite(y) || (x == 0 && y == 0))
		size = log(hypot(x, y));
	else
		size = x > y ? log_size(x, y) : log_size(y, x);
	return CMPLX(size, carg(z));
}

double complex
cpow(double complex base, double complex exponent)
{
	if (exponent == 0)
		return 1;
	if (base == 0 && creal(exponent) > 0)
		return 0;
	return cexp(exponent * clog(base));
}
