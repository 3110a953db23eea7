/*
 * Hyperbolic and circular functions (C11 7.3.5, 7.3.6). sinh(x + iy) = sinh x cos y + i cosh x sin y, cosh(x + iy) = cosh x cos y + i sinh x sin y;
 * sin z = -i sinh(iz), cos z = cosh(iz), tan z = -i tanh(iz). Special cases: G.6.2.
 */
#include <complex.h>
#include <math.h>

#define LARGE	40.0			/* from here sinh and cosh are the same number, exp(|x|) / 2 */

/* i z, and -i z. */
static double complex
turn(double complex z)
{
	return CMPLX(-cimag(z), creal(z));
}

static double complex
turn_back(double complex z)
{
	return CMPLX(cimag(z), -creal(z));
}

/* exp(size) / 2 * factor, where only the product needs to be in the range. */
static double
half_exp(double size, double factor)
{
	double root = exp(size / 2);

	return root / 2 * factor * root;
}

double complex
csinh(double complex z)
{
	double x = creal(z), y = cimag(z);

	if (y == 0)
		return CMPLX(sinh(x), y);
	if (!isfinite(y))
		return CMPLX(x == 0 || isinf(x) ? x : NAN, NAN);
	if (isfinite(x) && fabs(x) > LARGE)
		return CMPLX(copysign(1.0, x) * half_exp(fabs(x), cos(y)), half_exp(fabs(x), sin(y)));
	return CMPLX(x == 0 ? x * copysign(1.0, cos(y)) : sinh(x) * cos(y), cosh(x) * sin(y));
}

double complex
ccosh(double complex z)
{
	double x = creal(z), y = cimag(z);

	if (y == 0)
		return CMPLX(cosh(x), isnan(x) ? y : copysign(1.0, x) * y);
	if (!isfinite(y))
		return CMPLX(isinf(x) ? INFINITY : NAN, x == 0 ? 0.0 : NAN);
	if (isfinite(x) && fabs(x) > LARGE)
		return CMPLX(half_exp(fabs(x), cos(y)), copysign(1.0, x) * half_exp(fabs(x), sin(y)));
	return CMPLX(cosh(x) * cos(y), x == 0 ? x * copysign(1.0, sin(y)) : sinh(x) * sin(y));
}

/* With t = tan y, s = sinh x, c = cosh x: tanh z = (s c (1 + t^2) + i t) / (1 + s^2 (1 + t^2)). */
double complex
ctanh(double complex z)
{
	double x = creal(z), y = cimag(z), t, s, c, b, divisor;

	if (y == 0)
		return CMPLX(tanh(x), y);
	if (isinf(x))
		return CMPLX(copysign(1.0, x), isfinite(y) ? copysign(0.0, sin(2 * y)) : copysign(0.0, y));
	if (!isfinite(y))
		return CMPLX(x == 0 ? x : NAN, NAN);
	if (fabs(x) > LARGE / 2)
		return CMPLX(copysign(1.0, x), 4 * sin(y) * cos(y) * exp(-2 * fabs(x)));
	t = tan(y);
	s = sinh(x);
	c = cosh(x);
	b = 1 + t * t;
	divisor = 1 + s * s * b;
	return CMPLX(x == 0 ? x : s * c * b / divisor, t / divisor);
}

double complex
csin(double complex z)
{
	return turn_back(csinh(turn(z)));
}

double complex
ccos(double complex z)
{
	return ccosh(turn(z));
}

double complex
ctan(double complex z)
{
	return turn_back(ctanh(turn(z)));
}
