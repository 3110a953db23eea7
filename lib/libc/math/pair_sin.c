/* Sine and cosine up to pi/4 by their series, the first terms in twice the precision. */
#include "pair.h"

struct pair
__pair_sin(struct pair x)
{
	struct pair square = pair_multiply(x, x), cube = pair_multiply(square, x), term;
	double z = square.hi;
	double rest = cube.hi * z * (1 / 120.0 + z * (-1 / 5040.0 + z * (1 / 362880.0 + z * (-1 / 39916800.0 +
	    z * (1 / 6227020800.0 + z * (-1 / 1307674368000.0 + z * (1 / 355687428096000.0)))))));

	term = pair_divide(cube, (struct pair){ -6, 0 });
	return pair_add(x, pair_add(term, (struct pair){ rest, 0 }));
}

struct pair
__pair_cos(struct pair x)
{
	struct pair square = pair_multiply(x, x);
	double z = square.hi;
	double rest = z * z * (1 / 24.0 + z * (-1 / 720.0 + z * (1 / 40320.0 + z * (-1 / 3628800.0 + z * (1 / 479001600.0 +
	    z * (-1 / 87178291200.0 + z * (1 / 20922789888000.0)))))));

	return pair_add((struct pair){ 1, 0 }, pair_add((struct pair){ -0.5 * square.hi, -0.5 * square.lo },
	    (struct pair){ rest, 0 }));
}
