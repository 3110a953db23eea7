/*
 * The error function and its complement (C11 7.12.8). Below 2 a series without alternating signs, above it a continued fraction
 * (Abramowitz and Stegun 7.1.6, 7.1.14), both in twice the precision, so that they round once.
 */
#include "bits.h"
#include "pair.h"

#define ONE		((struct pair){ 1, 0 })
#define PAIR_2_SQRTPI	((struct pair){ 0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56 })

/* e^(-x^2) = result * 2^*exponent, |x| < 40. */
static struct pair
bell(double x, int *exponent)
{
	return __pair_exp(pair_negate(pair_product(x, x)), exponent);
}

/* erf(x), |x| <= 2: 2/sqrt(pi) e^(-x^2) (x + 2x^3/3 + 4x^5/(3 5) + ...) */
static struct pair
series(double x)
{
	struct pair square = pair_product(x, x), term = { x, 0 }, sum = term, factor;
	int exponent;

	for (int n = 1; fabs(term.hi) > 0x1p-75 * fabs(sum.hi); n++) {
		term = pair_divide(pair_scale(pair_multiply(term, square), 2), (struct pair){ 2 * n + 1, 0 });
		sum = pair_add(sum, term);
	}
	factor = bell(x, &exponent);
	factor = (struct pair){ scalbn(factor.hi, exponent), scalbn(factor.lo, exponent) };
	return pair_multiply(pair_multiply(sum, factor), PAIR_2_SQRTPI);
}

/* erfc(x), 2 <= x < 40: e^(-x^2)/sqrt(pi) / (x + 1/2 / (x + 2/2 / (x + 3/2 / ...))), times 2^-*exponent. */
static struct pair
fraction(double x, int *exponent)
{
	struct pair tail = { x, 0 };

	for (int k = 20 + (int)(300 / (x * x)); k > 0; k--)
		tail = pair_add((struct pair){ x, 0 }, pair_divide((struct pair){ k / 2.0, 0 }, tail));
	return pair_divide(pair_multiply(bell(x, exponent), pair_scale(PAIR_2_SQRTPI, 0.5)), tail);
}

double
erf(double x)
{
	double size = fabs(x);
	struct pair result;
	int exponent;

	if (isnan(x))
		return x;
	if (size > 6)
		return copysign(1, x);
	if (size < 0x1p-60)
		return x * PAIR_2_SQRTPI.hi;
	if (size < 2) {
		result = series(size);
	} else {
		result = fraction(size, &exponent);
		result = pair_add(ONE, pair_negate((struct pair){ scalbn(result.hi, exponent), scalbn(result.lo, exponent) }));
	}
	return copysign(result.hi + result.lo, x);
}

double
erfc(double x)
{
	struct pair result;
	int exponent;

	if (isnan(x))
		return x;
	if (x > 30)
		return isinf(x) ? 0 : double_underflow();
	if (x < -6)
		return 2;
	if (x >= 2) {
		result = fraction(x, &exponent);
		return scalbn(result.hi + result.lo, exponent);
	}
	result = x < -2 ? (struct pair){ -erf(-x), 0 } : fabs(x) < 0x1p-60 ? (struct pair){ x, 0 } : series(x);
	result = pair_add(ONE, pair_negate(result));
	return result.hi + result.lo;
}
