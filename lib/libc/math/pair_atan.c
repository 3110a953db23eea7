/*
 * atan(y/x) = atan(c) + atan((y - c*x)/(x + c*y)), c = j/32 near y/x; above 1 the quotient is turned over.
 */
#include "pair.h"

static struct pair
series(struct pair t)
{
	double x = t.hi * t.hi;
	double rest = t.hi * x * (-1 / 3.0 + x * (1 / 5.0 + x * (-1 / 7.0 + x * (1 / 9.0 + x * (-1 / 11.0 + x * (1 / 13.0))))));

	return pair_add(t, (struct pair){ rest, 0 });
}

struct pair
__pair_atan(struct pair y, struct pair x)
{
	bool over = y.hi > x.hi;
	struct pair result, swap = y;
	double c;
	int j;

	if (over) {
		y = x;
		x = swap;
	}
	j = (int)rint(y.hi / x.hi * 32);
	c = j / 32.0;
	if (j == 0)
		result = series(pair_divide(y, x));
	else
		result = pair_add(__atan_table[j], series(pair_divide(pair_add(y, pair_scale(x, -c)),
		    pair_add(x, pair_scale(y, c)))));
	return over ? pair_add(PAIR_PI_2, pair_negate(result)) : result;
}
