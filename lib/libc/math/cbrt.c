/* Cube root and hypotenuse (C11 7.12.7). */
#include "pair.h"

double
cbrt(double x)
{
	struct pair cube;
	double m, root;
	int exponent, rest;

	if (!isfinite(x) || x == 0)
		return x;
	m = frexp(fabs(x), &exponent);
	rest = exponent % 3;
	m = scalbn(m, rest);
	root = 0.7 + 0.3 * m;
	for (int i = 0; i < 6; i++)
		root -= (root - m / (root * root)) / 3;
	cube = pair_multiply(pair_product(root, root), (struct pair){ root, 0 });
	cube = pair_add(cube, (struct pair){ -m, 0 });
	root -= (cube.hi + cube.lo) / (3 * root * root);
	return copysign(scalbn(root, (exponent - rest) / 3), x);
}

double
hypot(double x, double y)
{
	struct pair sum;
	int exponent;

	x = fabs(x);
	y = fabs(y);
	if (isinf(x) || isinf(y))
		return INFINITY;
	if (isnan(x) || isnan(y) || x == 0 || y == 0)
		return x + y;
	frexp(x > y ? x : y, &exponent);
	x = scalbn(x, -exponent);
	y = scalbn(y, -exponent);
	if (x < 0x1p-60 || y < 0x1p-60)
		return scalbn(x + y, exponent);
	sum = pair_add(pair_product(x, x), pair_product(y, y));
	sum = pair_sqrt(sum.hi, sum.lo);
	return scalbn(sum.hi + sum.lo, exponent);
}
