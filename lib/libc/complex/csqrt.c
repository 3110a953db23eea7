/*
 * Square root (C11 7.3.8.3): with w = sqrt((|x| + |z|) / 2), the root is w + i y / 2w for x >= 0 and |y| / 2w +- i w for x < 0. Special cases are
 * those of C11 G.6.4.2.
 */
#include <complex.h>
#include <float.h>
#include <math.h>

/* Of a number with an infinite or undefined part. */
static double complex
special(double x, double y)
{
	if (isinf(y))
		return CMPLX(INFINITY, y);
	if (isnan(x))
		return CMPLX(x, NAN);
	if (isinf(x) && x > 0)
		return CMPLX(x, isnan(y) ? y : copysign(0.0, y));
	if (isinf(x))
		return CMPLX(isnan(y) ? y : 0.0, isnan(y) ? INFINITY : copysign(INFINITY, y));
	return CMPLX(NAN, NAN);
}

double complex
csqrt(double complex z)
{
	double x = creal(z), y = cimag(z), w, scale = 1;

	if (!isfinite(x) || !isfinite(y))
		return special(x, y);
	if (x == 0 && y == 0)
		return CMPLX(0.0, y);
	if (fabs(x) > DBL_MAX / 4 || fabs(y) > DBL_MAX / 4) {
		scale = 2;
		x /= 4;
		y /= 4;
	} else if (fabs(x) < 0x1p-960 && fabs(y) < 0x1p-960) {
		scale = 0x1p-54;
		x *= 0x1p108;
		y *= 0x1p108;
	}
	w = sqrt((fabs(x) + hypot(x, y)) / 2);
	if (x >= 0)
		return CMPLX(scale * w, scale * (y / (2 * w)));
	return CMPLX(scale * (fabs(y) / (2 * w)), copysign(scale * w, y));
}
