/* The float functions: those of double, rounded once more. The long double ones have the precision (and range) of double. */
#include <complex.h>

float complex
cacosf(float complex z)
{
	return (float complex)cacos(z);
}

float complex
casinf(float complex z)
{
	return (float complex)casin(z);
}

float complex
catanf(float complex z)
{
	return (float complex)catan(z);
}

float complex
ccosf(float complex z)
{
	return (float complex)ccos(z);
}

float complex
csinf(float complex z)
{
	return (float complex)csin(z);
}

float complex
ctanf(float complex z)
{
	return (float complex)ctan(z);
}

float complex
cacoshf(float complex z)
{
	return (float complex)cacosh(z);
}

float complex
casinhf(float complex z)
{
	return (float complex)casinh(z);
}

float complex
catanhf(float complex z)
{
	return (float complex)catanh(z);
}

float complex
ccoshf(float complex z)
{
	return (float complex)ccosh(z);
}

float complex
csinhf(float complex z)
{
	return (float complex)csinh(z);
}

float complex
ctanhf(float complex z)
{
	return (float complex)ctanh(z);
}

float complex
cexpf(float complex z)
{
	return (float complex)cexp(z);
}

float complex
clogf(float complex z)
{
	return (float complex)clog(z);
}

float complex
csqrtf(float complex z)
{
	return (float complex)csqrt(z);
}

float complex
cpowf(float complex base, float complex exponent)
{
	return (float complex)cpow(base, exponent);
}

long double complex
cacosl(long double complex z)
{
	return cacos((double complex)z);
}

long double complex
casinl(long double complex z)
{
	return casin((double complex)z);
}

long double complex
catanl(long double complex z)
{
	return catan((double complex)z);
}

long double complex
ccosl(long double complex z)
{
	return ccos((double complex)z);
}

long double complex
csinl(long double complex z)
{
	return csin((double complex)z);
}

long double complex
ctanl(long double complex z)
{
	return ctan((double complex)z);
}

long double complex
cacoshl(long double complex z)
{
	return cacosh((double complex)z);
}

long double complex
casinhl(long double complex z)
{
	return casinh((double complex)z);
}

long double complex
catanhl(long double complex z)
{
	return catanh((double complex)z);
}

long double complex
ccoshl(long double complex z)
{
	return ccosh((double complex)z);
}

long double complex
csinhl(long double complex z)
{
	return csinh((double complex)z);
}

long double complex
ctanhl(long double complex z)
{
	return ctanh((double complex)z);
}

long double complex
cexpl(long double complex z)
{
	return cexp((double complex)z);
}

long double complex
clogl(long double complex z)
{
	return clog((double complex)z);
}

long double complex
csqrtl(long double complex z)
{
	return csqrt((double complex)z);
}

long double complex
cpowl(long double complex base, long double complex exponent)
{
	return cpow((double complex)base, (double complex)exponent);
}
