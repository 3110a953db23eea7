// LIBC: lib/libc/math/*.c lib/libc/math/x86_64/*.c
// CFLAGS: -fno-builtin
/*
 * Mathematics against the host's long double functions: the error in units in the last place over random and special
 * arguments, 1 for the basic functions and 2 for the others.
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "libc_host.h"
#include "unit.h"

#define ONE(X) X(exp, 1) X(log, 1) X(sin, 1) X(cos, 1) X(tan, 1) X(asin, 2) X(acos, 2) X(atan, 2) X(sinh, 2) X(cosh, 2) X(tanh, 2) \
	X(asinh, 2) X(acosh, 2) X(atanh, 2) X(exp2, 2) X(expm1, 2) X(log2, 2) X(log10, 2) X(log1p, 2) X(cbrt, 2) X(sqrt, 0.5) \
	X(floor, 0) X(ceil, 0) X(trunc, 0) X(round, 0) X(rint, 0) X(nearbyint, 0) X(fabs, 0) X(logb, 0) X(erf, 2) X(erfc, 2) X(tgamma, 2)
#define TWO(X) X(pow, 1) X(atan2, 2) X(hypot, 2) X(fmod, 0) X(fmax, 0) X(fmin, 0) X(fdim, 1) X(copysign, 0) X(remainder, 0)

#define DECLARE_ONE(name, limit) double m_##name(double); float m_##name##f(float);
#define DECLARE_TWO(name, limit) double m_##name(double, double); float m_##name##f(float, float);
ONE(DECLARE_ONE)
TWO(DECLARE_TWO)
double m_frexp(double, int *), m_modf(double, double *), m_scalbn(double, int), m_nextafter(double, double);
long double m_fmodl(long double, long double), m_floorl(long double), m_ceill(long double), m_roundl(long double), m_frexpl(long double, int *),
    m_scalbnl(long double, int), m_rintl(long double), m_sqrtl(long double);
long m_lrint(double), m_lround(double);
int m_finite(double), m_finitef(float), m_finitel(long double), m_isinff(float), m_isinfl(long double), m_isnanf(float), m_isnanl(long double);
double m_drem(double, double), m_gamma(double), m_significand(double), m_scalb(double, double);
double m_j0(double), m_j1(double), m_jn(int, double), m_y0(double), m_y1(double), m_yn(int, double);
void m_sincosf(float, float *, float *), m_sincosl(long double, long double *, long double *);
float m_exp10f(float), m_lgammaf_r(float, int *);
long double m_exp10l(long double), m_lgammal_r(long double, int *);
double m_lgamma(double), m_fma(double, double, double), m_remquo(double, double, int *), m_nexttoward(double, long double);
float m_fmaf(float, float, float);
long double m_nextafterl(long double, long double), m_remquol(long double, long double, int *), m_fmal(long double, long double, long double);
int m_fesetround(int), m_fegetround(void), m_fetestexcept(int), m_feclearexcept(int), m_feraiseexcept(int);
int m_feholdexcept(void *), m_feupdateenv(const void *);

static const double special[] = { 0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2, 3, -3, 10, 100, 1e-5, 1e-300, 4.9e-324, DBL_MIN, -DBL_MIN, DBL_MAX,
	-DBL_MAX, INFINITY, -INFINITY, NAN, 709.7, 709.9, -745.1, -746, 0x1p52, 0x1p53, 1e15 + 0.5, 1e22, 6381956970095103.0 * 0x1p797,
	M_PI, M_PI_2, M_PI_4, 0.99999999999999989, 1.0000000000000002, 2.5, 0x1p1023, 1e308, -2.5, 1024, 1023.5, -1074, 0.25, 5e-9 };
#define SPECIALS (sizeof(special) / sizeof(special[0]))

/* Of all sizes, with most of them where functions are interesting. */
static double
argument(void)
{
	uint64_t bits = random_bits();
	double value;

	switch (random_below(5)) {
	case 0:
		return special[random_below(SPECIALS)];
	case 1:
		memcpy(&value, &bits, sizeof(value));
		return value;
	case 2:
		return ((double)(int64_t)bits) * 0x1p-63;
	case 3:
		return ((double)(int64_t)bits) * 0x1p-53;
	}
	return ldexp((double)(int64_t)bits, (int)random_below(30) - 75);
}

/* The error of `got`, in units of the double nearest to `want`. */
static double
error_of(double got, long double want)
{
	double near = (double)want, unit;

	if (isnan(got) || isnan(near))
		return isnan(got) && isnan(near) ? 0 : INFINITY;
	if (got == near)
		return signbit(got) == signbit(near) || got != 0 ? (isinf(got) ? 0 : 0.5) : INFINITY;
	if (isinf(got) || isinf(near))
		return fabsl((long double)got - want) < 0x1p971L ? 0.6 : INFINITY;
	unit = nextafter(fabs(near), INFINITY) - fabs(near);
	return (double)(fabsl((long double)got - want) / unit);
}

static double worst;

static void
judge(const char *name, double limit, double x, double y, double got, long double want)
{
	double error = error_of(got, want);

	if (error > worst)
		worst = error;
	if (got == 0 && want == 0 && name[0] == 'f' && name[1] == 'm' && name[2] != 'o')
		return;		/* fmax and fmin may take either zero */
	if (error <= limit || (error == 0.5 && got == (double)want))
		return;
	fprintf(stderr, "%s(%a, %a) = %a, not %La: %g\n", name, x, y, got, want, error);
	CHECK(error <= limit);
}

/* The functions of float: 1 unit in the last place. */
static void
judge_float(const char *name, float x, float y, float got, double want)
{
	float near = (float)want;

	if (got == near || (isnan(got) && isnan(near)) || fabsf(got - near) <= nextafterf(fabsf(near), INFINITY) - fabsf(near))
		return;
	fprintf(stderr, "%sf(%a, %a) = %a, not %a\n", name, x, y, got, want);
	CHECK(false);
}

#define TEST_ONE(name, limit) \
	static void \
	name##_is_close(void) \
	{ \
		worst = 0; \
		for (unsigned i = 0; i < SPECIALS; i++) \
			judge(#name, limit, special[i], 0, m_##name(special[i]), name##l((long double)special[i])); \
		for (long i = cases(15000); i > 0; i--) { \
			double x = argument(); \
			judge(#name, limit, x, 0, m_##name(x), name##l((long double)x)); \
			judge_float(#name, (float)x, 0, m_##name##f((float)x), name((double)(float)x)); \
		} \
		if (getenv("MACHR_WORST")) \
			fprintf(stderr, "%s %.4f\n", #name, worst); \
	}
#define TEST_TWO(name, limit) \
	static void \
	name##_is_close(void) \
	{ \
		worst = 0; \
		for (unsigned i = 0; i < SPECIALS; i++) \
			for (unsigned k = 0; k < SPECIALS; k++) \
				judge(#name, limit, special[i], special[k], m_##name(special[i], special[k]), \
				    name##l((long double)special[i], (long double)special[k])); \
		for (long i = cases(15000); i > 0; i--) { \
			double x = argument(), y = argument(); \
			judge(#name, limit, x, y, m_##name(x, y), name##l((long double)x, (long double)y)); \
			float f = (float)x, g = (float)y; \
			judge_float(#name, f, g, m_##name##f(f, g), name((double)f, (double)g)); \
		} \
		if (getenv("MACHR_WORST")) \
			fprintf(stderr, "%s %.4f\n", #name, worst); \
	}
ONE(TEST_ONE)
TWO(TEST_TWO)

static int
same(long double a, long double b)
{
	return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static void
parts_are_exact(void)
{
	for (long i = cases(25000); i > 0; i--) {
		double x = argument(), y = argument(), a, b;
		long double l = ldexpl((long double)(int64_t)random_bits(), (int)random_below(400) - 300);
		int e = 0, f = 0, n = (int)random_below(4400) - 2200;

		CHECK(same(m_frexp(x, &e), frexp(x, &f)) && (e == f || !isfinite(x)));
		CHECK(same(m_modf(x, &a), modf(x, &b)) && same(a, b));
		CHECK(same(m_scalbn(x, n), scalbn(x, n)));
		CHECK(same(m_scalbnl(l, n * 8), scalbnl(l, n * 8)));
		CHECK(same(m_nextafter(x, y), nextafter(x, y)));
		CHECK(same(m_frexpl(l, &e), frexpl(l, &f)) && e == f);
		CHECK(same(m_floorl(l), floorl(l)) && same(m_ceill(l), ceill(l)) && same(m_roundl(l), roundl(l)) && same(m_rintl(l), rintl(l)));
		CHECK(same(m_sqrtl(fabsl(l)), sqrtl(fabsl(l))));
		CHECK(same(m_fmodl(l, x), fmodl(l, x)));
		if (fabs(x) < 1e18)
			CHECK(m_lrint(x) == lrint(x) && m_lround(x) == lround(x));
	}
}

/* Names from before C99; scalb(0, inf) and its like are NaN. */
static void
older_names_do_the_same(void)
{
	for (long i = cases(100000); i > 0; i--) {
		double x = argument(), y = argument(), whole = trunc(fmod(y, 3000));

		CHECK_EQ(m_finite(x), !!isfinite(x));
		CHECK_EQ(m_finitef((float)x), !!isfinite((float)x));
		CHECK_EQ(m_finitel(x), !!isfinite(x));
		CHECK(m_isinff((float)x) == (isinf((float)x) ? x < 0 ? -1 : 1 : 0) && m_isinfl(x) == (isinf(x) ? x < 0 ? -1 : 1 : 0));
		CHECK(!m_isnanf((float)x) == !isnan(x) && !m_isnanl(x) == !isnan(x));
		CHECK(same(m_drem(x, y), m_remainder(x, y)));
		CHECK(same(m_gamma(x), m_lgamma(x)));
		CHECK(same(m_significand(x), significand(x)));
		CHECK(same(m_scalb(x, y), scalb(x, y)));
		CHECK(same(m_scalb(x, whole), scalb(x, whole)));
	}
}

/* Its zeros at negative arguments are left out: near them only the absolute error is small. */
static void
close_to(const char *name, double order, double x, double have, long double want)
{
	double first_zero = name[0] == 'y' ? 0.89 : 1;		/* or less */
	long double most = fmaxl(fabsl(want) * 0x1p-51L, fabs(x) > first_zero ? 0x1p-57L : 0x1p-1060L);

	if (isnan((double)want) ? !isnan(have) : isinf((double)want) ? have != (double)want : !(fabsl(have - want) <= most))
		fprintf(stderr, "%s(%g, %.17g) is %.17g, not %.17Lg\n", name, order, x, have, want);
	CHECK(isnan((double)want) ? isnan(have) : isinf((double)want) ? have == (double)want : fabsl(have - want) <= most);
}

/* To some units in the last place, near a zero to 2^-57: the long double functions of the host are not better there. */
static void
bessel_functions_are_close(void)
{
	for (long i = cases(15000); i > 0; i--) {
		double x = ldexp((double)(random_bits() >> 11), (int)random_below(3) == 0 ? -53 + (int)random_below(20) - 10 : -47);
		int order = (int)random_below(30);

		close_to("j0", 0, x, m_j0(x), j0l(x));
		close_to("j1", 1, -x, m_j1(-x), j1l(-x));
		close_to("y0", 0, x, m_y0(x), y0l(x));
		close_to("y1", 1, x, m_y1(x), y1l(x));
		close_to("jn", order, x, m_jn(order, x), jnl(order, x));
		close_to("jn", -order, x, m_jn(-order, x), jnl(-order, x));
		close_to("yn", order, x, m_yn(order, x), ynl(order, x));
	}
	CHECK(m_j0(0) == 1 && m_j1(0) == 0 && m_jn(3, 0) == 0 && m_j0(INFINITY) == 0 && isnan(m_j1(NAN)));
	CHECK(m_y0(0) == -INFINITY && m_y1(0) == -INFINITY && m_yn(5, 0) == -INFINITY && isnan(m_y0(-1)) && m_y1(INFINITY) == 0);
	CHECK(m_yn(200, 1e-3) == -INFINITY && m_jn(200, 1e-3) == 0 && m_jn(1000, 1.0) == 0);
	close_to("jn", 1000, 1000, m_jn(1000, 1000), jnl(1000, 1000));
}

static void
other_precisions(void)
{
	for (long i = cases(10000); i > 0; i--) {
		double x = ((double)(int64_t)random_bits()) * 0x1p-60;
		float sine, cosine;
		long double long_sine, long_cosine;
		int sign, wanted;

		m_sincosf((float)x, &sine, &cosine);
		CHECK(fabsf(sine - sinf((float)x)) <= 0x1p-23f && fabsf(cosine - cosf((float)x)) <= 0x1p-23f);
		m_sincosl(x, &long_sine, &long_cosine);
		CHECK(fabsl(long_sine - sinl(x)) <= 0x1p-52L && fabsl(long_cosine - cosl(x)) <= 0x1p-52L);
		CHECK(fabs(m_exp10f((float)x) / exp10((float)x) - 1) < 0x1p-22);
		CHECK(fabsl(m_exp10l(x) / exp10l(x) - 1) < 0x1p-51L);
		CHECK(fabsf(m_lgammaf_r((float)x, &sign) - lgammaf_r((float)x, &wanted)) < 1e-4f && sign == wanted);
		CHECK(fabsl(m_lgammal_r(x, &sign) - lgammal_r(x, &wanted)) < 1e-12L && sign == wanted);
	}
}

static void
lgamma_is_close(void)
{
	for (unsigned i = 0; i < SPECIALS; i++)
		if (special[i] >= 0 || special[i] < -40 || isnan(special[i]))
			judge("lgamma", 2, special[i], 0, m_lgamma(special[i]), lgammal((long double)special[i]));
	for (long i = cases(100000); i > 0; i--) {
		double x = random_below(3) == 0 ? (double)random_bits() * 0x1p-62 : argument();
		long double want = lgammal((long double)x);

		if (x < 0 && fabsl(want) < 0.5L)
			CHECK(fabsl(m_lgamma(x) - want) < 0x1p-50L);
		else
			judge("lgamma", 2, x, 0, m_lgamma(x), want);
	}
}

static void
multiplication_and_addition_round_once(void)
{
	static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };

	for (long i = cases(200000); i > 0; i--) {
		double x = argument(), y = argument(), z = random_below(2) ? -x * y * (1 + (int)random_below(3) * DBL_EPSILON) : argument();
		int mode = modes[random_below(4)];

		if (random_below(8) == 0)
			x = scalbn(x, -1000);
		CHECK(m_fesetround(mode) == 0 && m_fegetround() == mode && fegetround() == mode);
		double got = m_fma(x, y, z), want = fma(x, y, z);
		float f = m_fmaf((float)x, (float)y, (float)z), g = fmaf((float)x, (float)y, (float)z);
		fesetround(FE_TONEAREST);
		if (!same(got, want))
			fprintf(stderr, "fma(%a, %a, %a) = %a, not %a in mode %x\n", x, y, z, got, want, mode);
		CHECK(same(got, want));
		if (mode == FE_TONEAREST)
			CHECK(same(f, g));
	}
	CHECK(m_fesetround(0x12345) != 0);
}

static void
remainders_and_neighbours_are_exact(void)
{
	for (long i = cases(100000); i > 0; i--) {
		double x = argument(), y = argument();
		long double l = ldexpl((long double)(int64_t)random_bits(), (int)random_below(400) - 300);
		int n = 0, m = 0;

		CHECK(same(m_remquo(x, y, &n), remquo(x, y, &m)));
		CHECK((n & 7) == (m & 7) && (n < 0) == (m < 0 && (m & 7) != 0));
		CHECK(same(m_remquol(l, y, &n), remquol(l, y, &m)) && (n & 7) == (m & 7));
		CHECK(same(m_nextafterl(l, y), nextafterl(l, y)) && same(m_nextafterl(x, l), nextafterl(x, l)));
		CHECK(same(m_nexttoward(x, l), nexttoward(x, l)));
	}
	CHECK(same(m_nextafterl(1, 0), nextafterl(1, 0)) && same(m_nextafterl(LDBL_MAX, INFINITY), INFINITY));
	CHECK(same(m_nextafterl(LDBL_MIN, 0), nextafterl(LDBL_MIN, 0)) && same(m_nextafterl(0, 1), nextafterl(0, 1)));
}

static void
exceptions_are_kept_and_given_back(void)
{
	volatile double zero = 0, one = 1, quotient;
	volatile long double big = LDBL_MAX, square;
	fenv_t held;

	m_feclearexcept(FE_ALL_EXCEPT);
	CHECK(fetestexcept(FE_ALL_EXCEPT) == 0);
	quotient = one / zero;
	CHECK(m_fetestexcept(FE_ALL_EXCEPT) == FE_DIVBYZERO && isinf(quotient));
	CHECK(m_feholdexcept(&held) == 0 && fetestexcept(FE_ALL_EXCEPT) == 0);
	square = big * big;
	CHECK(isinf(square) && (m_fetestexcept(FE_ALL_EXCEPT) & FE_OVERFLOW) != 0);
	CHECK(m_feupdateenv(&held) == 0 && m_fetestexcept(FE_DIVBYZERO | FE_OVERFLOW) == (FE_DIVBYZERO | FE_OVERFLOW));
	m_feclearexcept(FE_ALL_EXCEPT);
	CHECK(m_feraiseexcept(FE_INVALID | FE_INEXACT) == 0 && fetestexcept(FE_ALL_EXCEPT) == (FE_INVALID | FE_INEXACT));
	m_feclearexcept(FE_ALL_EXCEPT);
}

/* --- math_errhandling: every function tells its errors by exceptions, as the host's does --- */

#define ERRORS	(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW)

/* Underflow counts where nothing is left of a result. */
static int
raised(double result)
{
	return fetestexcept(ERRORS | (result == 0 ? FE_UNDERFLOW : 0));
}

static void
same_errors(const char *name, double x, double y, int got, int want)
{
	if (got != want)
		printf("%s(%a, %a): exceptions %#x, wanted %#x\n", name, x, y, (unsigned)got, (unsigned)want);
	CHECK(got == want);
}

#define ERRORS_ONE(name, limit) \
	for (size_t i = 0; i < SPECIALS; i++) { \
		volatile double x = special[i], result; \
		feclearexcept(FE_ALL_EXCEPT); \
		result = name(x); \
		want = raised(result); \
		feclearexcept(FE_ALL_EXCEPT); \
		result = m_##name(x); \
		same_errors(#name, x, 0, raised(result), want); \
	}
#define ERRORS_TWO(name, limit) \
	for (size_t i = 0; i < SPECIALS * SPECIALS; i++) { \
		volatile double x = special[i % SPECIALS], y = special[i / SPECIALS], result; \
		feclearexcept(FE_ALL_EXCEPT); \
		result = name(x, y); \
		want = raised(result); \
		feclearexcept(FE_ALL_EXCEPT); \
		result = m_##name(x, y); \
		same_errors(#name, x, y, raised(result), want); \
	}

static void
errors_are_exceptions(void)
{
	int want;

	ONE(ERRORS_ONE)
	TWO(ERRORS_TWO)
	ERRORS_TWO(nextafter, 0)
	feclearexcept(FE_ALL_EXCEPT);
}

#ifdef __x86_64__		/* where the processor's own NaN has a sign */
static void
same_sign(const char *name, double x, double got, double want)
{
	bool same = isnan(x) || !isnan(want) || (isnan(got) && !signbit(got) == !signbit(want));

	if (!same)
		printf("%s(%a): %f, wanted %f\n", name, x, got, want);
	CHECK(same);
}

#define SIGN_ONE(name, limit) \
	for (size_t i = 0; i < SPECIALS; i++) { \
		volatile double x = special[i], want = name(x); \
		volatile float y = (float)x, float_want = name##f(y); \
		same_sign(#name, x, m_##name(x), want); \
		same_sign(#name "f", (double)y, (double)m_##name##f(y), (double)float_want); \
	}

static void
what_is_undefined_has_the_hosts_sign(void)
{
	ONE(SIGN_ONE)
	same_sign("y0", -1, m_y0(-1), y0(-1));
	same_sign("y1", -1, m_y1(-1), y1(-1));
	same_sign("yn", -1, m_yn(2, -1), yn(2, -1));
}
#endif

int
main(void)
{
#define RUN(name, limit) TEST(name##_is_close);
	ONE(RUN)
	TWO(RUN)
	TEST(parts_are_exact);
	TEST(lgamma_is_close);
	TEST(bessel_functions_are_close);
	TEST(other_precisions);
	TEST(older_names_do_the_same);
	TEST(multiplication_and_addition_round_once);
	TEST(remainders_and_neighbours_are_exact);
	TEST(exceptions_are_kept_and_given_back);
	TEST(errors_are_exceptions);
#ifdef __x86_64__
	TEST(what_is_undefined_has_the_hosts_sign);
#endif
	return unit_done();
}
