/*
 * The gamma function and its logarithm (C11 7.12.8), in twice the precision: Stirling's series from 20 on (Abramowitz and Stegun 6.1.40),
 * smaller arguments by gamma(x + 1) = x gamma(x), negative ones by the reflection formula (6.1.17). Near 1 and 2, where the logarithm is zero,
 * its series there (6.1.33). At negative arguments near its zeros the logarithm has an absolute error of about 2^-58 only.
 */
#include "bits.h"
#include "pair.h"

#define PAIR(x)			((struct pair){ (x), 0 })
#define PAIR_HALF_LN_2PI	((struct pair){ 0x1.d67f1c864beb5p-1, -0x1.65b5a1b7ff5dfp-55 })
#define PAIR_LN_PI		((struct pair){ 0x1.250d048e7a1bdp+0, 0x1.7abf2ad8d5088p-57 })
#define ONE_LESS_EULER		((struct pair){ 0x1.b0ee6072093cep-2, 0x1.6cb90701fbfabp-58 })

int __signgam;
extern int signgam __attribute__((weak, alias("__signgam")));

/* (zeta(k) - 1) / k for k = 2 ... */
static const struct pair zeta[] = {
	{ 0x1.4a34cc4a60fa6p-2, 0x1.1873d8912200cp-56 },
	{ 0x1.13e001a557607p-4, -0x1.fb68be2f8821fp-58 },
	{ 0x1.51322ac7d8483p-6, 0x1.afc89088cb729p-60 },
	{ 0x1.e404fc218f5f2p-8, -0x1.e4a627cf1eb34p-62 },
	{ 0x1.7add6eadb6c30p-9, -0x1.5b7828c7fd7f4p-64 },
	{ 0x1.38ac5c2bf8e08p-10, -0x1.8a4c1cfd9cec8p-65 },
	{ 0x1.0b36af86396e9p-11, -0x1.0698d6c892967p-65 },
	{ 0x1.d3fd4c76d2fc8p-13, -0x1.c7c55cfccbb83p-68 },
	{ 0x1.a127b0f17d65ap-14, 0x1.9d309aa700268p-69 },
	{ 0x1.78de5bd7c81efp-15, -0x1.a20541cde47a6p-72 },
	{ 0x1.580dcee66eb02p-16, 0x1.260574b258f72p-71 },
	{ 0x1.3cbc963ce2243p-17, -0x1.ea56e6c7d5329p-71 },
	{ 0x1.2597a39f34aacp-18, -0x1.bf911462a7d81p-72 },
	{ 0x1.11b2eb7679541p-19, 0x1.c76b0e65ac63ap-75 },
	{ 0x1.0064cdeb22f0fp-20, 0x1.d0156affdbc11p-75 },
	{ 0x1.e2600d93cfd2fp-22, -0x1.130ac39e5c106p-76 },
	{ 0x1.c76bbb3f07a4dp-23, 0x1.d9a2b77769b52p-77 },
	{ 0x1.af5a6cbbf8a97p-24, 0x1.95f227e96d83ep-78 },
	{ 0x1.99b93c2070b0fp-25, 0x1.0327164736428p-79 },
	{ 0x1.862c734df3eacp-26, 0x1.b32802bec0da0p-80 },
	{ 0x1.7469daccfadcdp-27, -0x1.369d388cebaa9p-81 },
	{ 0x1.6434a8447aeadp-28, 0x1.af72edf876fcdp-87 },
	{ 0x1.555a877ffd2c3p-29, -0x1.875065f26a43bp-83 },
	{ 0x1.47b1679258d0ep-30, 0x1.04f36e0e854e4p-84 },
	{ 0x1.3b15d2b2fc10cp-31, -0x1.d79f6feeeb28bp-86 },
};
#define ZETAS ((int)(sizeof(zeta) / sizeof(zeta[0])))

/* The logarithm for x >= 20. */
static struct pair
stirling(struct pair x)
{
	static const double above[] = { 1, -1, 1, -1, 1, -691, 1, -3617, 43867, -174611, 77683 };
	static const double below[] = { 12, 360, 1260, 1680, 1188, 360360, 156, 122400, 244188, 125400, 5796 };
	struct pair sum = PAIR(0), inverse = pair_divide(PAIR(1), x), square = pair_multiply(inverse, inverse);

	for (int i = 10; i >= 0; i--)
		sum = pair_add(pair_multiply(sum, square), pair_divide(PAIR(above[i]), PAIR(below[i])));
	sum = pair_add(pair_multiply(sum, inverse), PAIR_HALF_LN_2PI);
	sum = pair_add(sum, pair_negate(x));
	return pair_add(sum, pair_multiply(pair_add(x, PAIR(-0.5)), __pair_log_pair(x)));
}

/* Moves x > 0 to 20 or more. Returns what gamma(x) has been multiplied by. */
static struct pair
move_up(struct pair *x)
{
	struct pair factor = PAIR(1);

	for (; x->hi < 20; *x = pair_add(*x, PAIR(1)))
		factor = pair_multiply(factor, *x);
	return factor;
}

/* gamma(x) = result * 2^*exponent, 2^-60 <= x < 190. */
static struct pair
gamma_positive(struct pair x, int *exponent)
{
	struct pair factor = move_up(&x);

	return pair_divide(__pair_exp(stirling(x), exponent), factor);
}

/* sin(pi x) for x that is no integer. */
static struct pair
sine_of_pi(double x)
{
	double whole = round(x), rest = x - whole, size = fabs(rest);
	struct pair sine = size > 0.25 ? __pair_cos(pair_scale(PAIR_PI, 0.5 - size)) : __pair_sin(pair_scale(PAIR_PI, size));

	return (fmod(whole, 2) != 0) != (rest < 0) ? pair_negate(sine) : sine;
}

double
tgamma(double x)
{
	struct pair result;
	int exponent;

	if (isnan(x) || (isinf(x) && x > 0))
		return x;
	if (x == 0)
		return 1 / x;
	if (x < 0 && trunc(x) == x)
		return undefined_at(x);
	if (fabs(x) < 0x1p-60)
		return 1 / x;
	if (x > 172)
		return double_overflow();
	if (x < -188)
		return copysign(double_underflow(), sine_of_pi(x).hi);
	if (x > 0) {
		result = gamma_positive(PAIR(x), &exponent);
		return scalbn(result.hi + result.lo, exponent);
	}
	result = gamma_positive(pair_sum(1, -x), &exponent);
	result = pair_divide(PAIR_PI, pair_multiply(result, sine_of_pi(x)));
	return scalbn(result.hi + result.lo, -exponent);
}

/* The logarithm of gamma(2 + x), |x| <= 1/4. */
static struct pair
near_two(double x)
{
	struct pair sum = PAIR(0);

	for (int i = ZETAS - 1; i >= 0; i--)
		sum = pair_add(zeta[i], pair_scale(sum, -x));
	return pair_scale(pair_add(ONE_LESS_EULER, pair_scale(sum, x)), x);
}

/* The logarithm for 2^-60 <= x < 2^56. */
static struct pair
log_positive(struct pair x)
{
	struct pair factor;

	if (x.lo == 0 && fabs(x.hi - 2) <= 0.25)
		return near_two(x.hi - 2);
	if (x.lo == 0 && fabs(x.hi - 1) <= 0.25)
		return pair_add(near_two(x.hi - 1), pair_negate(__pair_log(x.hi)));
	factor = move_up(&x);
	return pair_add(stirling(x), pair_negate(__pair_log_pair(factor)));
}

static double
log_gamma(double x, int *sign)
{
	struct pair result, sine;

	*sign = 1;
	if (!isfinite(x))
		return x * x;
	if (fabs(x) < 0x1p-60) {
		*sign = signbit(x) ? -1 : 1;
		return x == 0 ? 1 / fabs(x) : -log(fabs(x));
	}
	if (x < 0 && trunc(x) == x)
		return 1 / (x - x);
	if (x >= 0x1p56) {
		result = pair_scale(pair_add(__pair_log(x), PAIR(-1)), x * 0x1p-100);
		return (result.hi + result.lo) * 0x1p100;
	}
	if (x > 0) {
		result = log_positive(PAIR(x));
		return result.hi + result.lo;
	}
	sine = sine_of_pi(x);
	*sign = sine.hi < 0 ? -1 : 1;
	result = pair_add(PAIR_LN_PI, pair_negate(__pair_log_pair(sine.hi < 0 ? pair_negate(sine) : sine)));
	result = pair_add(result, pair_negate(log_positive(pair_sum(1, -x))));
	return result.hi + result.lo;
}

double
lgamma(double x)
{
	return log_gamma(x, &__signgam);
}

double
lgamma_r(double x, int *sign)
{
	return log_gamma(x, sign);
}
