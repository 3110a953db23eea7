/*
 * Inverse hyperbolic and circular functions (C11 7.3.5, 7.3.6), by the formulas of W. Kahan, "Branch cuts for complex elementary functions" (1987),
 * which keep the signs of zeros on the cuts. Special cases: G.6.1, G.6.2.
 */
#include <complex.h>
#include <math.h>

#define LARGE	0x1p500			/* sums with 1 lose it, squares are too large */

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

/* Re and Im of conj(a) b */
static double
real_product(double complex a, double complex b)
{
	return creal(a) * creal(b) + cimag(a) * cimag(b);
}

static double
imaginary_product(double complex a, double complex b)
{
	return creal(a) * cimag(b) - cimag(a) * creal(b);
}

static int
is_large(double complex z)
{
	return fabs(creal(z)) > LARGE || fabs(cimag(z)) > LARGE;
}

/* log|2z| of a large number: the real part of its inverse hyperbolic cosine. */
static double
log_twice(double complex z)
{
	return creal(clog(z)) + M_LN2;
}

double complex
cacos(double complex z)
{
	double x = creal(z), y = cimag(z);
	double complex minus = csqrt(CMPLX(1 - x, -y)), plus = csqrt(CMPLX(1 + x, y));

	if (is_large(z))
		return CMPLX(fabs(atan2(y, x)), -copysign(log_twice(z), y));
	return CMPLX(2 * atan2(creal(minus), creal(plus)), asinh(imaginary_product(plus, minus)));
}

double complex
cacosh(double complex z)
{
	double x = creal(z), y = cimag(z);
	double complex minus = csqrt(CMPLX(x - 1, y)), plus = csqrt(CMPLX(x + 1, y));

	if (is_large(z))
		return CMPLX(log_twice(z), atan2(y, x));
	return CMPLX(asinh(real_product(minus, plus)), 2 * atan2(cimag(minus), creal(plus)));
}

double complex
casin(double complex z)
{
	double x = creal(z), y = cimag(z);
	double complex minus = csqrt(CMPLX(1 - x, -y)), plus = csqrt(CMPLX(1 + x, y));

	if (is_large(z))
		return CMPLX(atan2(x, fabs(y)), copysign(log_twice(z), y));
	return CMPLX(atan2(x, creal(minus) * creal(plus) - cimag(minus) * cimag(plus)), asinh(imaginary_product(minus, plus)));
}

double complex
casinh(double complex z)
{
	return turn_back(casin(turn(z)));
}

double complex
catanh(double complex z)
{
	double x = fabs(creal(z)), y = cimag(z), real, imaginary;

	if (is_large(z)) {
		/* 1 / z */
		real = isinf(x) || isinf(y) ? 0 : creal(1 / CMPLX(x, y));
		return CMPLX(copysign(real, creal(z)), copysign(M_PI_2, y));
	}
	if (x == 1 && fabs(y) < 0x1p-500)		/* whose square is none */
		real = (M_LN2 - log(fabs(y))) / 2;
	else
		real = log1p(4 * x / ((1 - x) * (1 - x) + y * y)) / 4;
	imaginary = atan2(2 * y, (1 - x) * (1 + x) - y * y) / 2;
	return CMPLX(copysign(real, creal(z)), imaginary);
}

double complex
catan(double complex z)
{
	return turn_back(catanh(turn(z)));
}
