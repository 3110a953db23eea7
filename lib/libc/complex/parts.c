/* The parts of complex numbers, in every precision (C11 7.3.9), and their size (7.3.8). */
#include <complex.h>
#include <math.h>

double
creal(double complex z)
{
	return __real__ z;
}

float
crealf(float complex z)
{
	return __real__ z;
}

long double
creall(long double complex z)
{
	return __real__ z;
}

double
cimag(double complex z)
{
	return __imag__ z;
}

float
cimagf(float complex z)
{
	return __imag__ z;
}

long double
cimagl(long double complex z)
{
	return __imag__ z;
}

double complex
conj(double complex z)
{
	return CMPLX(__real__ z, -__imag__ z);
}

float complex
conjf(float complex z)
{
	return CMPLXF(__real__ z, -__imag__ z);
}

long double complex
conjl(long double complex z)
{
	return CMPLXL(__real__ z, -__imag__ z);
}

double
cabs(double complex z)
{
	return hypot(__real__ z, __imag__ z);
}

float
cabsf(float complex z)
{
	return hypotf(__real__ z, __imag__ z);
}

long double
cabsl(long double complex z)
{
	return hypotl(__real__ z, __imag__ z);
}

double
carg(double complex z)
{
	return atan2(__imag__ z, __real__ z);
}

float
cargf(float complex z)
{
	return atan2f(__imag__ z, __real__ z);
}

long double
cargl(long double complex z)
{
	return atan2l(__imag__ z, __real__ z);
}

/* Every infinity is the same point of the sphere. */
double complex
cproj(double complex z)
{
	return isinf(__real__ z) || isinf(__imag__ z) ? CMPLX(INFINITY, copysign(0.0, __imag__ z)) : z;
}

float complex
cprojf(float complex z)
{
	return isinf(__real__ z) || isinf(__imag__ z) ? CMPLXF(INFINITY, copysignf(0.0f, __imag__ z)) : z;
}

long double complex
cprojl(long double complex z)
{
	return isinf(__real__ z) || isinf(__imag__ z) ? CMPLXL(INFINITY, copysignl(0.0L, __imag__ z)) : z;
}
