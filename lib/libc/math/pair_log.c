/*
 * log(2^k * m) = k * log(2) + log(c) + log(1 + f): c = j/64 is near m, f = (m - c)/c has at most 1/90; its series is
 * summed with the first two terms in twice the precision.
 */
#include "pair.h"

#define LN2_TOP		0x1.62e42fefa2000p-1		/* ln(2): the first 40 bits, and the rest */
#define LN2_REST	((struct pair){ 0x1.9ef35793c7673p-41, 0x1.f97b57a079a19p-103 })

static struct pair
series(struct pair f)
{
	double x = f.hi;
	double rest = x * x * x * (1 / 3.0 - x * (1 / 4.0 - x * (1 / 5.0 - x * (1 / 6.0 - x * (1 / 7.0 - x * (1 / 8.0 -
	    x * (1 / 9.0 - x * (1 / 10.0))))))));
	struct pair square = pair_multiply(f, f);

	return pair_add(pair_add(f, (struct pair){ -0.5 * square.hi, -0.5 * square.lo }), (struct pair){ rest, 0 });
}

struct pair
__pair_log_pair(struct pair x)
{
	int k, j;
	struct pair m, c, f, result;

	m.hi = frexp(x.hi, &k);
	m.lo = scalbn(x.lo, -k);
	if (m.hi < 0x1.6a09e667f3bcdp-1) {
		m.hi *= 2;
		m.lo *= 2;
		k--;
	}
	j = (int)rint(m.hi * 64);
	c = (struct pair){ j / 64.0, 0 };
	f = pair_divide(pair_sum(m.hi - c.hi, m.lo), c);
	result = series(f);
	if (j != 64)
		result = pair_add(__log_table[j - 45], result);
	if (k != 0)
		result = pair_add(pair_add((struct pair){ k * LN2_TOP, 0 }, pair_scale(LN2_REST, k)), result);
	return result;
}

struct pair
__pair_log(double x)
{
	return __pair_log_pair((struct pair){ x, 0 });
}
