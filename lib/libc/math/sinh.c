/* Hyperbolic functions and their inverses (C11 7.12.5). */
#include "pair.h"

#define ONE ((struct pair){ 1, 0 })

double
sinh(double x)
{
	struct pair e;

	if (!isfinite(x) || fabs(x) < 0x1p-30)
		return x;
	if (fabs(x) > 650)
		return copysign(exp(fabs(x) / 2) / 2 * exp(fabs(x) / 2), x);
	e = __pair_expm1((struct pair){ fabs(x), 0 });
	e = pair_add(e, pair_divide(e, pair_add(e, ONE)));
	return copysign((e.hi + e.lo) / 2, x);
}

double
cosh(double x)
{
	struct pair e;

	if (!isfinite(x))
		return fabs(x);
	if (fabs(x) > 650)
		return exp(fabs(x) / 2) / 2 * exp(fabs(x) / 2);
	e = pair_add(__pair_expm1((struct pair){ fabs(x), 0 }), ONE);
	e = pair_add(e, pair_divide(ONE, e));
	return (e.hi + e.lo) / 2;
}

double
tanh(double x)
{
	struct pair e;

	if (isnan(x) || fabs(x) < 0x1p-30)
		return x;
	if (fabs(x) > 20)
		return copysign(1 - 0x1p-60, x);
	e = __pair_expm1((struct pair){ 2 * fabs(x), 0 });
	e = pair_divide(e, pair_add(e, (struct pair){ 2, 0 }));
	return copysign(e.hi + e.lo, x);
}

double
asinh(double x)
{
	struct pair root, square, y, size = { fabs(x), 0 };

	if (!isfinite(x) || fabs(x) < 0x1p-30)
		return x;
	if (fabs(x) > 0x1p60) {
		y = pair_add(__pair_log(fabs(x)), PAIR_LN2);
		return copysign(y.hi + y.lo, x);
	}
	square = pair_add(pair_product(x, x), ONE);
	root = pair_sqrt(square.hi, square.lo);
	/* x + x^2 / (1 + root) is the small part of the logarithm's argument */
	y = pair_add(size, pair_divide(pair_product(x, x), pair_add(ONE, root)));
	if (fabs(x) < 0x1p-6)
		return copysign(log1p(y.hi) + y.lo, x);
	y = __pair_log_pair(pair_add(ONE, y));
	return copysign(y.hi + y.lo, x);
}

double
acosh(double x)
{
	struct pair root, square, y;

	if (!isgreaterequal(x, 1))
		return (x - x) / (x - x);
	if (x > 0x1p60) {
		y = isinf(x) ? (struct pair){ x, 0 } : pair_add(__pair_log(x), PAIR_LN2);
		return y.hi + y.lo;
	}
	square = pair_multiply(pair_sum(x, -1), pair_sum(x, 1));
	root = pair_sqrt(square.hi, square.lo);
	y = pair_add(pair_sum(x, -1), root);
	if (y.hi < 0x1p-6)
		return log1p(y.hi) + y.lo;
	y = __pair_log_pair(pair_add(ONE, y));
	return y.hi + y.lo;
}

double
atanh(double x)
{
	struct pair y;
	double size = fabs(x);

	if (!isless(size, 1))
		return size == 1 ? copysign(1 / (size - 1), x) : (x - x) / (x - x);
	if (size < 0x1p-30)
		return x;
	y = pair_divide((struct pair){ 2 * size, 0 }, pair_sum(1, -size));
	if (size < 0x1p-6)
		return copysign(log1p(y.hi) / 2 + y.lo / 2, x);
	y = __pair_log_pair(pair_add(ONE, y));
	return copysign((y.hi + y.lo) / 2, x);
}
