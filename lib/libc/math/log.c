/* Logarithms (C11 7.12.6). */
#include "pair.h"

/* The results for what is not positive and finite. A NaN is no exception: comparisons with it would be. */
static double
log_special(double x)
{
	if (x == 0)
		return -1 / (x * x);
	return isless(x, 0) ? (x - x) / (x - x) : x;
}

double
log(double x)
{
	struct pair y;

	if (!isgreater(x, 0) || isinf(x))
		return log_special(x);
	y = __pair_log(x);
	return y.hi + y.lo;
}

double
log10(double x)
{
	struct pair y;

	if (!isgreater(x, 0) || isinf(x))
		return isless(x, 0) ? undefined_at(x) : log_special(x);
	y = pair_multiply(__pair_log(x), PAIR_1_LN10);
	return y.hi + y.lo;
}

double
log2(double x)
{
	struct pair y;
	int exponent;

	if (!isgreater(x, 0) || isinf(x))
		return log_special(x);
	if (frexp(x, &exponent) == 0.5)
		return exponent - 1;
	y = pair_multiply(__pair_log(x), PAIR_1_LN2);
	return y.hi + y.lo;
}

double
log1p(double x)
{
	struct pair y;

	if (isnan(x) || fabs(x) < 0x1p-60)
		return x;
	if (x <= -1 || isinf(x))
		return log_special(x + 1);
	y = __pair_log_pair(pair_sum(1, x));
	return y.hi + y.lo;
}
