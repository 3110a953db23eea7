// LIBC: lib/libc/complex/*.c lib/libc/math/*.c lib/libc/math/x86_64/*.c
// CFLAGS: -fno-builtin
/*
 * Complex functions against the host's long double ones: each part to a few units in the last place of the result's size, and infinities, zeros and
 * their signs on the branch cuts as there.
 */
#define _GNU_SOURCE
#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "libc_host.h"
#include "unit.h"

#define ONE(X) X(csqrt) X(cexp) X(clog) X(csinh) X(ccosh) X(ctanh) X(csin) X(ccos) X(ctan) X(casin) X(cacos) X(catan) X(casinh) X(cacosh) X(catanh) \
	X(conj) X(cproj)
#define DECLARE(name) double complex m_##name(double complex); float complex m_##name##f(float complex); \
	long double complex m_##name##l(long double complex);
ONE(DECLARE)
double complex m_cpow(double complex, double complex);
float complex m_cpowf(float complex, float complex);
double m_cabs(double complex), m_carg(double complex), m_creal(double complex), m_cimag(double complex);

static int limit = 8;		/* units in the last place */

static const double special[] = { 0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 1e-300, -1e-300, 1e300, -1e300, 3, INFINITY, -INFINITY, DBL_MAX, DBL_MIN };
#define SPECIALS (sizeof(special) / sizeof(special[0]))

static double
part(void)
{
	switch (random_below(4)) {
	case 0:
		return special[random_below(SPECIALS)];
	case 1:
		return (double)(int64_t)random_bits() * 0x1p-63;
	case 2:
		return (double)(int64_t)random_bits() * 0x1p-59;
	}
	return ldexp((double)(int64_t)random_bits() * 0x1p-63, (int)random_below(40) - 20);
}

/* One part; size: of the whole result. */
static bool
close_to(double got, long double want, long double size)
{
	double near = (double)want, unit;

	if (isnan(near))
		return isnan(got);
	if (isinf(near) || isinf(got) || isinf(size))
		return got == near || (isinf(near) && fabs(got) > DBL_MAX / 2) || (isinf(got) && fabs(near) > DBL_MAX / 2) || isinf(size);
	if (got == near)
		return got != 0 || signbit(got) == signbit(near) || want != 0;
	unit = ldexp(1, ilogb((double)size) - 52);
	return fabsl(got - want) <= limit * (unit > 5e-324 ? unit : 5e-324);
}

static bool
agrees(double complex got, long double complex want)
{
	long double size = cabsl(want);

	if (isinf((double)creall(want)) || isinf((double)cimagl(want)))		/* signs are told by the parts that are not infinite */
		return isinf((double)cabs(got)) || cabs(got) > DBL_MAX / 4;
	return close_to(creal(got), creall(want), size) && close_to(cimag(got), cimagl(want), size);
}

/* The functions of float: each part to 1 unit in the last place of the result's size. */
static bool
close_to_float(float got, float want, float size)
{
	return isnan(want) ? isnan(got) : got == want || isnan(size) || fabsf(got - want) <= nextafterf(size, INFINITY) - size;
}

static bool
agrees_float(float complex got, long double complex want)
{
	float size = (float)cabsl(want), real = (float)creall(want), imaginary = (float)cimagl(want);

	if (isinf(real) || isinf(imaginary) || isinf(size))
		return isinf(cabsf(got)) || cabsf(got) > FLT_MAX / 4;
	return close_to_float(crealf(got), real, size) && close_to_float(cimagf(got), imaginary, size);
}

static void
check_float(const char *name, float complex z, float complex got, long double complex want)
{
	if (!agrees_float(got, want))
		fprintf(stderr, "%sf(%a, %a): %a %a, not %La %La\n", name, crealf(z), cimagf(z), crealf(got), cimagf(got), creall(want), cimagl(want));
	CHECK(agrees_float(got, want));
}

#define TRY(name) \
	static void \
	name##_agrees(void) \
	{ \
		for (long i = cases(100000); i > 0; i--) { \
			double complex z = CMPLX(part(), part()); \
			double complex got = m_##name(z); \
			long double complex want = name##l(z); \
			if (!agrees(got, want)) \
				fprintf(stderr, #name "(%a, %a): %a %a, not %La %La\n", creal(z), cimag(z), creal(got), cimag(got), \
				    creall(want), cimagl(want)); \
			CHECK(agrees(got, want)); \
			float complex f = (float complex)z; \
			check_float(#name, f, m_##name##f(f), name##l(f)); \
		} \
	}
ONE(TRY)

static void
powers_agree(void)
{
	limit = 32;			/* the logarithm's error grows with the exponent */
	for (long i = cases(100000); i > 0; i--) {
		double complex a = CMPLX((int)random_below(9) - 4, (int)random_below(9) - 4), b = CMPLX(random_below(4), (int)random_below(3) - 1);

		if (a != 0)
			CHECK(agrees(m_cpow(a, b), cpowl(a, b)) && agrees_float(m_cpowf(a, b), cpowl(a, b)));
	}
	CHECK(m_cpow(0, 2) == 0 && m_cpow(0, 0) == 1 && m_cpow(5, 0) == 1);
}

static void
parts(void)
{
	double complex z = CMPLX(3, -4);

	CHECK(m_creal(z) == 3 && m_cimag(z) == -4 && m_cabs(z) == 5 && m_carg(CMPLX(-1, 0)) == M_PI && m_carg(CMPLX(-1, -0.0)) == -M_PI);
	CHECK(m_csqrtf(-4) == CMPLXF(0, 2) && m_csqrtl(-4) == CMPLXL(0, 2));
}

int
main(void)
{
#define RUN(name) TEST(name##_agrees);
	ONE(RUN)
	TEST(powers_agree);
	TEST(parts);
	return unit_done();
}
