/*
 * Type-generic mathematics (C11 7.25): the function of <math.h> or <complex.h> that fits the arguments' types. Integers count as double.
 */
#ifndef _TGMATH_H
#define _TGMATH_H

#include <complex.h>
#include <math.h>

/* A zero of the type that an argument counts as. */
#define __TG_ZERO(x) _Generic((x), float: 0.0f, long double: 0.0L, float _Complex: (float _Complex)0, \
	double _Complex: (double _Complex)0, long double _Complex: (long double _Complex)0, default: 0.0)

#define __TG_REAL(type, name)		_Generic(type, float: name##f, long double: name##l, default: name)
#define __TG_BOTH(type, name, cname)	_Generic(type, float: name##f, long double: name##l, float _Complex: cname##f, \
	double _Complex: cname, long double _Complex: cname##l, default: name)
#define __TG_COMPLEX(type, name)	_Generic(type, float: name##f, float _Complex: name##f, long double: name##l, \
	long double _Complex: name##l, default: name)

#define __TG_REAL1(name, x)		__TG_REAL(__TG_ZERO(x), name)(x)
#define __TG_REAL2(name, x, y)		__TG_REAL(__TG_ZERO(x) + __TG_ZERO(y), name)(x, y)
#define __TG_BOTH1(name, cname, x)	__TG_BOTH(__TG_ZERO(x), name, cname)(x)
#define __TG_COMPLEX1(name, x)		__TG_COMPLEX(__TG_ZERO(x), name)(x)

#undef acos
#define acos(x)		__TG_BOTH1(acos, cacos, x)
#undef asin
#define asin(x)		__TG_BOTH1(asin, casin, x)
#undef atan
#define atan(x)		__TG_BOTH1(atan, catan, x)
#undef acosh
#define acosh(x)	__TG_BOTH1(acosh, cacosh, x)
#undef asinh
#define asinh(x)	__TG_BOTH1(asinh, casinh, x)
#undef atanh
#define atanh(x)	__TG_BOTH1(atanh, catanh, x)
#undef cos
#define cos(x)		__TG_BOTH1(cos, ccos, x)
#undef sin
#define sin(x)		__TG_BOTH1(sin, csin, x)
#undef tan
#define tan(x)		__TG_BOTH1(tan, ctan, x)
#undef cosh
#define cosh(x)		__TG_BOTH1(cosh, ccosh, x)
#undef sinh
#define sinh(x)		__TG_BOTH1(sinh, csinh, x)
#undef tanh
#define tanh(x)		__TG_BOTH1(tanh, ctanh, x)
#undef exp
#define exp(x)		__TG_BOTH1(exp, cexp, x)
#undef log
#define log(x)		__TG_BOTH1(log, clog, x)
#undef sqrt
#define sqrt(x)		__TG_BOTH1(sqrt, csqrt, x)
#undef pow
#define pow(x, y)	__TG_BOTH(__TG_ZERO(x) + __TG_ZERO(y), pow, cpow)(x, y)
#undef fabs
#define fabs(x)		__TG_BOTH1(fabs, cabs, x)

#define cbrt(x)	__TG_REAL1(cbrt, x)
#define ceil(x)	__TG_REAL1(ceil, x)
#define erf(x)	__TG_REAL1(erf, x)
#define erfc(x)	__TG_REAL1(erfc, x)
#define exp2(x)	__TG_REAL1(exp2, x)
#define expm1(x)	__TG_REAL1(expm1, x)
#define floor(x)	__TG_REAL1(floor, x)
#define ilogb(x)	__TG_REAL1(ilogb, x)
#define lgamma(x)	__TG_REAL1(lgamma, x)
#define llrint(x)	__TG_REAL1(llrint, x)
#define llround(x)	__TG_REAL1(llround, x)
#define log10(x)	__TG_REAL1(log10, x)
#define log1p(x)	__TG_REAL1(log1p, x)
#define log2(x)	__TG_REAL1(log2, x)
#define logb(x)	__TG_REAL1(logb, x)
#define lrint(x)	__TG_REAL1(lrint, x)
#define lround(x)	__TG_REAL1(lround, x)
#define nearbyint(x)	__TG_REAL1(nearbyint, x)
#define rint(x)	__TG_REAL1(rint, x)
#define round(x)	__TG_REAL1(round, x)
#define tgamma(x)	__TG_REAL1(tgamma, x)
#define trunc(x)	__TG_REAL1(trunc, x)
#define atan2(x, y)	__TG_REAL2(atan2, x, y)
#define copysign(x, y)	__TG_REAL2(copysign, x, y)
#define fdim(x, y)	__TG_REAL2(fdim, x, y)
#define fmax(x, y)	__TG_REAL2(fmax, x, y)
#define fmin(x, y)	__TG_REAL2(fmin, x, y)
#define fmod(x, y)	__TG_REAL2(fmod, x, y)
#define hypot(x, y)	__TG_REAL2(hypot, x, y)
#define nextafter(x, y)	__TG_REAL2(nextafter, x, y)
#define remainder(x, y)	__TG_REAL2(remainder, x, y)
#define fma(x, y, z)	__TG_REAL(__TG_ZERO(x) + __TG_ZERO(y) + __TG_ZERO(z), fma)(x, y, z)
#define remquo(x, y, q)	__TG_REAL(__TG_ZERO(x) + __TG_ZERO(y), remquo)(x, y, q)
#define frexp(x, p)	__TG_REAL(__TG_ZERO(x), frexp)(x, p)
#define ldexp(x, n)	__TG_REAL(__TG_ZERO(x), ldexp)(x, n)
#define scalbn(x, n)	__TG_REAL(__TG_ZERO(x), scalbn)(x, n)
#define scalbln(x, n)	__TG_REAL(__TG_ZERO(x), scalbln)(x, n)
#define nexttoward(x, y) __TG_REAL(__TG_ZERO(x), nexttoward)(x, y)

#define carg(x)	__TG_COMPLEX1(carg, x)
#define cimag(x)	__TG_COMPLEX1(cimag, x)
#define conj(x)	__TG_COMPLEX1(conj, x)
#define cproj(x)	__TG_COMPLEX1(cproj, x)
#define creal(x)	__TG_COMPLEX1(creal, x)

#endif
