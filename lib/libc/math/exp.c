/* Powers (C11 7.12.6, 7.12.7). */
#include "bits.h"
#include "pair.h"

static double
exp_of(struct pair x)
{
	int exponent;
	struct pair power;

	if (x.hi > 1000)
		return double_overflow();
	if (x.hi < -1000)
		return double_underflow();
	power = __pair_exp(x, &exponent);
	return scalbn(power.hi + power.lo, exponent);
}

double
exp(double x)
{
	if (!isfinite(x))
		return isnan(x) || x > 0 ? x : 0;
	return exp_of((struct pair){ x, 0 });
}

double
exp2(double x)
{
	double whole = rint(x);

	if (isnan(x) || fabs(x) > 2000)
		return exp(x);
	return scalbn(exp_of(pair_scale(PAIR_LN2, x - whole)), (int)whole);
}

double
expm1(double x)
{
	struct pair y;

	if (isnan(x) || fabs(x) < 0x1p-60)
		return x;
	if (x > 709 || x < -50)
		return exp(x) - 1;
	y = __pair_expm1((struct pair){ x, 0 });
	return y.hi + y.lo;
}

/* Whether y is no integer (0), an even (2) or an odd one (1). */
static int
parity(double y)
{
	if (fabs(y) >= 0x1p53)
		return 2;
	if (trunc(y) != y)
		return 0;
	return ((long)y & 1) != 0 ? 1 : 2;
}

/* C11 F.10.4.4: zero, infinite and NaN operands. */
static double
pow_special(double x, double y)
{
	double size = fabs(x);
	bool odd;

	if (y == 0 || x == 1)
		return 1;
	if (isnan(x) || isnan(y))
		return x + y;
	odd = parity(y) == 1;
	if (isinf(y))
		return size == 1 ? 1 : (size > 1) == (y > 0) ? (double)INFINITY : 0;
	if (x == 0)
		return y > 0 ? (odd ? x : 0) : 1 / (odd ? x : 0);
	return y > 0 ? (odd ? x : size) : (odd ? 1 / x : 0);
}

double
pow(double x, double y)
{
	double sign = 1, size = y;
	struct pair product;

	if (x == 1 || y == 0 || x == 0 || !isfinite(x) || !isfinite(y))
		return pow_special(x, y);
	if (x < 0) {
		if (parity(y) == 0)
			return (x - x) / (x - x);
		sign = parity(y) == 1 ? -1 : 1;
		x = -x;
	}
	if (x == 1)
		return sign;
	if (fabs(y) > 0x1p65)
		size = y > 0 ? 0x1p65 : -0x1p65;
	product = pair_scale(__pair_log(x), size);
	return sign * exp_of(product);
}

double
exp10(double x)
{
	if (isnan(x) || fabs(x) > 400)
		return exp(x);
	return exp_of(pair_scale(PAIR_LN10, x));
}
