/*
 * Mathematics (C11 7.12, POSIX.1-2017 <math.h>). Errors are told by exceptional values and floating-point exceptions,
 * not by errno (math_errhandling is MATH_ERREXCEPT). Of the long double functions those that take a number apart, round it, divide it or
 * take a root (floorl, fmodl, fmal, sqrtl ...) are exact; the others have the precision and range of double (expl(1000) is infinite).
 */
#ifndef _MATH_H
#define _MATH_H

#include <bits/features.h>

typedef float float_t;
typedef double double_t;

#define HUGE_VAL	__builtin_huge_val()
#define HUGE_VALF	__builtin_huge_valf()
#define HUGE_VALL	__builtin_huge_vall()
#define INFINITY	__builtin_inff()
#define NAN		__builtin_nanf("")

#define FP_NAN		0
#define FP_INFINITE	1
#define FP_ZERO		2
#define FP_SUBNORMAL	3
#define FP_NORMAL	4
#define FP_ILOGB0	(-__INT_MAX__ - 1)
#define FP_ILOGBNAN	(-__INT_MAX__ - 1)

#define MATH_ERRNO	1
#define MATH_ERREXCEPT	2
#define math_errhandling	MATH_ERREXCEPT

#define fpclassify(x)	__builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x)
#define isfinite(x)	__builtin_isfinite(x)
#define isinf(x)	__builtin_isinf_sign(x)
#define isnan(x)	__builtin_isnan(x)
#define isnormal(x)	__builtin_isnormal(x)
#define signbit(x)	(__builtin_signbit(x) != 0)
#define isgreater(x, y)		__builtin_isgreater(x, y)
#define isgreaterequal(x, y)	__builtin_isgreaterequal(x, y)
#define isless(x, y)		__builtin_isless(x, y)
#define islessequal(x, y)	__builtin_islessequal(x, y)
#define islessgreater(x, y)	__builtin_islessgreater(x, y)
#define isunordered(x, y)	__builtin_isunordered(x, y)

#define __MATH1(name) double name(double); float name##f(float); long double name##l(long double)
#define __MATH2(name) double name(double, double); float name##f(float, float); \
	long double name##l(long double, long double)

__MATH1(acos);
__MATH1(asin);
__MATH1(atan);
__MATH2(atan2);
__MATH1(cos);
__MATH1(sin);
__MATH1(tan);
__MATH1(acosh);
__MATH1(asinh);
__MATH1(atanh);
__MATH1(cosh);
__MATH1(sinh);
__MATH1(tanh);
__MATH1(exp);
__MATH1(exp2);
__MATH1(expm1);
__MATH1(log);
__MATH1(log10);
__MATH1(log1p);
__MATH1(log2);
__MATH1(logb);
__MATH1(cbrt);
__MATH1(erf);
__MATH1(erfc);
__MATH1(lgamma);
__MATH1(tgamma);
__MATH1(fabs);
__MATH2(hypot);
__MATH2(pow);
__MATH1(sqrt);
__MATH1(ceil);
__MATH1(floor);
__MATH1(nearbyint);
__MATH1(rint);
__MATH1(round);
__MATH1(trunc);
__MATH2(fmod);
__MATH2(remainder);
__MATH2(copysign);
__MATH2(nextafter);
double nexttoward(double from, long double to);
float nexttowardf(float from, long double to);
long double nexttowardl(long double from, long double to);
double remquo(double x, double y, int *quotient);
float remquof(float x, float y, int *quotient);
long double remquol(long double x, long double y, int *quotient);
double fma(double x, double y, double z);
float fmaf(float x, float y, float z);
long double fmal(long double x, long double y, long double z);
__MATH2(fdim);
__MATH2(fmax);
__MATH2(fmin);

double frexp(double value, int *exponent);
float frexpf(float value, int *exponent);
long double frexpl(long double value, int *exponent);
int ilogb(double value);
int ilogbf(float value);
int ilogbl(long double value);
double ldexp(double value, int exponent);
float ldexpf(float value, int exponent);
long double ldexpl(long double value, int exponent);
double modf(double value, double *whole);
float modff(float value, float *whole);
long double modfl(long double value, long double *whole);
double scalbn(double value, int exponent);
float scalbnf(float value, int exponent);
long double scalbnl(long double value, int exponent);
double scalbln(double value, long exponent);
float scalblnf(float value, long exponent);
long double scalblnl(long double value, long exponent);
long lrint(double value);
long lrintf(float value);
long lrintl(long double value);
long long llrint(double value);
long long llrintf(float value);
long long llrintl(long double value);
long lround(double value);
long lroundf(float value);
long lroundl(long double value);
long long llround(double value);
long long llroundf(float value);
long long llroundl(long double value);
double nan(const char *tag);
float nanf(const char *tag);
long double nanl(const char *tag);

#undef __MATH1
#undef __MATH2

#ifdef _MACHR_XSI
extern int signgam;			/* of the last lgamma: 1 or -1 */
#define M_E		2.7182818284590452354
#define M_LOG2E		1.4426950408889634074
#define M_LOG10E	0.43429448190325182765
#define M_LN2		0.69314718055994530942
#define M_LN10		2.30258509299404568402
#ifndef MAXFLOAT
#define MAXFLOAT	3.40282346638528859812e+38f
#endif
#define M_PI		3.14159265358979323846
#define M_PI_2		1.57079632679489661923
#define M_PI_4		0.78539816339744830962
#define M_1_PI		0.31830988618379067154
#define M_2_PI		0.63661977236758134308
#define M_2_SQRTPI	1.12837916709551257390
#define M_SQRT2		1.41421356237309504880
#define M_SQRT1_2	0.70710678118654752440

/* Bessel functions: of the first kind and of the second, whose argument is positive. */
double j0(double x);
double j1(double x);
double jn(int order, double x);
double y0(double x);
double y1(double x);
double yn(int order, double x);
#endif
#ifdef _MACHR_MISC
double lgamma_r(double x, int *sign);
float lgammaf_r(float x, int *sign);
long double lgammal_r(long double x, int *sign);
int (isinf)(double x);
int isinff(float x);
int isinfl(long double x);
int (isnan)(double x);
int isnanf(float x);
int isnanl(long double x);
int finite(double x);
int finitef(float x);
int finitel(long double x);
double drem(double x, double y);
double gamma(double x);
double significand(double x);
double scalb(double x, double exponent);
#endif
#ifdef _MACHR_GNU
void sincos(double x, double *sine, double *cosine);
void sincosf(float x, float *sine, float *cosine);
void sincosl(long double x, long double *sine, long double *cosine);
double exp10(double x);
float exp10f(float x);
long double exp10l(long double x);

#define M_El		2.718281828459045235360287471352662498L
#define M_LOG2El	1.442695040888963407359924681001892137L
#define M_LOG10El	0.434294481903251827651128918916605082L
#define M_LN2l		0.693147180559945309417232121458176568L
#define M_LN10l		2.302585092994045684017991454684364208L
#define M_PIl		3.141592653589793238462643383279502884L
#define M_PI_2l		1.570796326794896619231321691639751442L
#define M_PI_4l		0.785398163397448309615660845819875721L
#define M_1_PIl		0.318309886183790671537767526745028724L
#define M_2_PIl		0.636619772367581343075535053490057448L
#define M_2_SQRTPIl	1.128379167095512573896158903121545172L
#define M_SQRT2l	1.414213562373095048801688724209698079L
#define M_SQRT1_2l	0.707106781186547524400844362104849039L
#endif

#endif
