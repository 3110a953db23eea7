/*
 * e^x = 2^(k/32) * e^r: the first factor from a table, the second from its series, |r| <= ln(2)/64.
 */
#include "pair.h"

#define LN2_32_TOP	0x1.62e42fef00000p-6		/* ln(2)/32: the first 33 bits, and the rest */
#define LN2_32_REST	((struct pair){ 0x1.473de6af278edp-39, -0x1.9ff0342542fc3p-95 })

/* e^r - 1 for small r. */
static struct pair
series(struct pair r)
{
	double x = r.hi;
	double rest = x * x * x * (1 / 6.0 + x * (1 / 24.0 + x * (1 / 120.0 + x * (1 / 720.0 + x * (1 / 5040.0 +
	    x * (1 / 40320.0))))));
	struct pair square = pair_multiply(r, r);

	square.hi *= 0.5;
	square.lo = square.lo * 0.5 + rest;
	return pair_add(r, pair_fast_sum(square.hi, square.lo));
}

struct pair
__pair_exp(struct pair x, int *exponent)
{
	double k = rint(x.hi * (32 / 0x1.62e42fefa39efp-1));
	int n = (int)k;
	struct pair r, power = __exp_table[n & 31];

	r = pair_sum(x.hi - k * LN2_32_TOP, x.lo);
	r = pair_add(r, pair_scale(LN2_32_REST, -k));
	*exponent = (n - (n & 31)) / 32;
	return pair_add(power, pair_multiply(power, series(r)));
}

struct pair
__pair_expm1(struct pair x)
{
	struct pair sum = { 0, 0 }, term, power;
	int exponent;

	if (fabs(x.hi) > 0.25) {
		power = __pair_exp(x, &exponent);
		power.hi = scalbn(power.hi, exponent);
		power.lo = scalbn(power.lo, exponent);
		return pair_add(power, (struct pair){ -1, 0 });
	}
	for (int i = 18; i > 1; i--) {
		term = pair_divide((struct pair){ 1, 0 }, (struct pair){ i, 0 });
		sum = pair_multiply(pair_multiply(x, term), pair_add((struct pair){ 1, 0 }, sum));
	}
	return pair_multiply(x, pair_add((struct pair){ 1, 0 }, sum));
}
