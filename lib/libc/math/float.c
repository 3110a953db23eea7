/* The float functions: those of double, rounded once more, which leaves them within 0.51 units in the last place. */
#include <math.h>

float
acosf(float x)
{
	return (float)acos(x);
}

float
asinf(float x)
{
	return (float)asin(x);
}

float
atanf(float x)
{
	return (float)atan(x);
}

float
cosf(float x)
{
	return (float)cos(x);
}

float
sinf(float x)
{
	return (float)sin(x);
}

float
tanf(float x)
{
	return (float)tan(x);
}

float
acoshf(float x)
{
	return (float)acosh(x);
}

float
asinhf(float x)
{
	return (float)asinh(x);
}

float
atanhf(float x)
{
	return (float)atanh(x);
}

float
coshf(float x)
{
	return (float)cosh(x);
}

float
sinhf(float x)
{
	return (float)sinh(x);
}

float
tanhf(float x)
{
	return (float)tanh(x);
}

float
expf(float x)
{
	return (float)exp(x);
}

float
exp2f(float x)
{
	return (float)exp2(x);
}

float
expm1f(float x)
{
	return (float)expm1(x);
}

float
logf(float x)
{
	return (float)log(x);
}

float
log10f(float x)
{
	return (float)log10(x);
}

float
log1pf(float x)
{
	return (float)log1p(x);
}

float
log2f(float x)
{
	return (float)log2(x);
}

float
logbf(float x)
{
	return (float)logb(x);
}

float
cbrtf(float x)
{
	return (float)cbrt(x);
}

float
ceilf(float x)
{
	return (float)ceil(x);
}

float
floorf(float x)
{
	return (float)floor(x);
}

float
nearbyintf(float x)
{
	return (float)nearbyint(x);
}

float
rintf(float x)
{
	return (float)rint(x);
}

float
roundf(float x)
{
	return (float)round(x);
}

float
truncf(float x)
{
	return (float)trunc(x);
}

float
atan2f(float x, float y)
{
	return (float)atan2(x, y);
}

float
hypotf(float x, float y)
{
	return (float)hypot(x, y);
}

float
powf(float x, float y)
{
	return (float)pow(x, y);
}

float
fdimf(float x, float y)
{
	return (float)fdim(x, y);
}

float
fmaxf(float x, float y)
{
	return (float)fmax(x, y);
}

float
fminf(float x, float y)
{
	return (float)fmin(x, y);
}

float
erff(float x)
{
	return (float)erf(x);
}

float
erfcf(float x)
{
	return (float)erfc(x);
}

float
lgammaf(float x)
{
	return (float)lgamma(x);
}

float
tgammaf(float x)
{
	return (float)tgamma(x);
}
