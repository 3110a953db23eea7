/*
 * Complex numbers (C11 7.3). Real and imaginary types of the operands are converted by the compiler; there are no imaginary types.
 */
#ifndef _COMPLEX_H
#define _COMPLEX_H

#define complex		_Complex
#define _Complex_I	(__extension__ 1.0iF)
#define I		_Complex_I

#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define CMPLX(x, y)	__builtin_complex((double)(x), (double)(y))
#define CMPLXF(x, y)	__builtin_complex((float)(x), (float)(y))
#define CMPLXL(x, y)	__builtin_complex((long double)(x), (long double)(y))
#endif

#define __COMPLEX1(name) double _Complex name(double _Complex); float _Complex name##f(float _Complex); \
	long double _Complex name##l(long double _Complex)
#define __COMPLEX_REAL(name) double name(double _Complex); float name##f(float _Complex); long double name##l(long double _Complex)

__COMPLEX1(cacos);
__COMPLEX1(casin);
__COMPLEX1(catan);
__COMPLEX1(ccos);
__COMPLEX1(csin);
__COMPLEX1(ctan);
__COMPLEX1(cacosh);
__COMPLEX1(casinh);
__COMPLEX1(catanh);
__COMPLEX1(ccosh);
__COMPLEX1(csinh);
__COMPLEX1(ctanh);
__COMPLEX1(cexp);
__COMPLEX1(clog);
__COMPLEX1(csqrt);
__COMPLEX1(conj);
__COMPLEX1(cproj);
__COMPLEX_REAL(cabs);
__COMPLEX_REAL(carg);
__COMPLEX_REAL(cimag);
__COMPLEX_REAL(creal);
double _Complex cpow(double _Complex base, double _Complex exponent);
float _Complex cpowf(float _Complex base, float _Complex exponent);
long double _Complex cpowl(long double _Complex base, long double _Complex exponent);

#undef __COMPLEX1
#undef __COMPLEX_REAL

#endif
