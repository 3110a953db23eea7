/*
 * Bessel functions of the first and second kind (POSIX.1-2017 j0, y0) of whole orders, in twice the precision. Orders 0 and 1: power series
 * (Abramowitz and Stegun 9.1.10-13), whose terms are at most 2^34 times the result, and from 28 on Hankel's asymptotic series (9.2.5-10),
 * whose smallest term is below 2^-80 there. Other orders by the recurrence (9.1.27), upward where that is stable, else downward from an
 * order whose value does not count any more (J. C. P. Miller's way).
 */
#include "bits.h"
#include "pair.h"

#define PAIR(x)		((struct pair){ (x), 0 })
#define SERIES_MOST	28
#define PAIR_EULER	((struct pair){ 0x1.2788cfc6fb619p-1, -0x1.6cb90701fbfabp-58 })
#define NOTHING		0x1p-110	/* of the largest term */

struct both {
	struct pair first, second;	/* J and Y */
};

static struct pair
divide(struct pair a, double b)
{
	return pair_divide(a, PAIR(b));
}

/* Orders 0 and 1, 0 < x < SERIES_MOST. The sums: of (-q)^k / (k! (k + order)!), and with H(k) + H(k + order) in each term. */
static struct both
series(int order, double x)
{
	struct pair q = pair_scale(pair_product(x, x), -0.25), term = PAIR(1), harmonic = PAIR(order), sum = term, with_h = harmonic;
	struct pair power = order == 0 ? PAIR(1) : PAIR(x / 2), log_part, second;

	for (int k = 1; fabs(term.hi) > NOTHING || k < x; k++) {
		term = divide(pair_multiply(term, q), (double)k * (k + order));
		harmonic = pair_add(harmonic, pair_add(divide(PAIR(1), k), divide(PAIR(1), k + order)));
		sum = pair_add(sum, term);
		with_h = pair_add(with_h, pair_multiply(term, harmonic));
	}
	sum = pair_multiply(sum, power);
	with_h = pair_multiply(with_h, power);
	log_part = pair_scale(pair_multiply(pair_add(__pair_log(x / 2), PAIR_EULER), sum), 2);
	second = pair_add(log_part, pair_negate(with_h));
	if (order == 1)
		second = pair_add(second, divide(PAIR(-2), x));
	return (struct both){ sum, pair_divide(second, PAIR_PI) };
}

/* Orders 0 and 1, x >= SERIES_MOST. With c + s and s - c for sine and cosine of x the phase needs no subtraction. */
static struct both
asymptotic(int order, double x)
{
	struct pair p = PAIR(1), q = PAIR(0), term = PAIR(1), rest, sine, cosine, sum, difference, root;
	int quarter = __pi_reduce(x, &rest);
	double before = 2;

	for (int k = 1; fabs(term.hi) > 0x1p-75 && fabs(term.hi) < before; k++) {
		before = fabs(term.hi);
		term = divide(divide(pair_scale(term, 4.0 * order * order - (2.0 * k - 1) * (2.0 * k - 1)), 8.0 * k), x);
		if (k % 2 == 1)
			q = pair_add(q, k % 4 == 1 ? term : pair_negate(term));
		else
			p = pair_add(p, k % 4 == 0 ? term : pair_negate(term));
	}
	sine = __pair_sin(rest);
	cosine = __pair_cos(rest);
	if (quarter % 2 != 0) {
		struct pair swapped = sine;

		sine = cosine;
		cosine = pair_negate(swapped);
	}
	sum = pair_add(sine, cosine);
	difference = pair_add(sine, pair_negate(cosine));
	root = pair_multiply(PAIR_PI, PAIR(x * 0x1p-4));
	root = pair_scale(pair_sqrt(root.hi, root.lo), quarter >= 2 ? -4 : 4);
	if (order == 1) {
		struct pair swapped = sum;

		sum = difference;
		difference = pair_negate(swapped);
	}
	return (struct both){ pair_divide(pair_add(pair_multiply(p, sum), pair_negate(pair_multiply(q, difference))), root),
		pair_divide(pair_add(pair_multiply(p, difference), pair_multiply(q, sum)), root) };
}

static struct both
order_0_or_1(int order, double x)
{
	return x < SERIES_MOST ? series(order, x) : asymptotic(order, x);
}

static double
rounded(struct pair value)
{
	return value.hi + value.lo;
}

/* The next order's value from those of order k and of the one before. */
static struct pair
next(struct pair at, struct pair before, double k, double x)
{
	return pair_add(divide(pair_scale(at, 2 * k), x), pair_negate(before));
}

/* Upward to `order`; second: of the second kind. */
static double
upward(int order, double x, bool second)
{
	struct both zero = order_0_or_1(0, x), one = order_0_or_1(1, x);
	struct pair before = second ? zero.second : zero.first, at = second ? one.second : one.first, above;

	for (int k = 1; k < order; k++) {
		above = next(at, before, k, x);
		if (!isfinite(above.hi) || !isfinite(above.lo) || fabs(above.hi) > 0x1p990)
			return -double_overflow();
		before = at;
		at = above;
	}
	return rounded(at);
}

/* J of `order` > x > 0: only ratios count on the way down; the order 0 or 1 that is the larger says how large all of it is. */
static double
downward(int order, double x)
{
	struct pair above = PAIR(0), at = PAIR(0x1p-200), found = PAIR(0), below;
	double growing = 1;
	int k = order, scaled = 0;
	struct both zero = order_0_or_1(0, x), one = order_0_or_1(1, x);

	for (double was = 0, now; growing < 0x1p75; k++) {	/* how far up to begin */
		now = 2.0 * k / x * growing - was;
		was = growing;
		growing = now;
	}
	for (; k > 0; k--) {
		if (k == order) {
			found = at;
			scaled = 0;
		}
		below = next(at, above, k, x);
		above = at;
		at = below;
		if (fabs(at.hi) > 0x1p300) {
			at = pair_scale(at, 0x1p-500);
			above = pair_scale(above, 0x1p-500);
			scaled++;
		}
	}
	below = fabs(zero.first.hi) >= fabs(one.first.hi) ? pair_divide(zero.first, at) : pair_divide(one.first, above);
	found = pair_multiply(found, below);
	return scalbn(rounded(found), -500 * scaled);
}

double
jn(int order, double x)
{
	bool negative = order % 2 != 0 && (order < 0) != (bool)signbit(x);
	double size = fabs(x), result;
	long n = order < 0 ? -(long)order : order;
	int sign;

	if (isnan(x))
		return x;
	if (isinf(x))
		result = 0;
	else if (size == 0)
		result = n == 0;
	else if (n <= 1)
		result = rounded(order_0_or_1((int)n, size).first);
	else if (n * log(size / 2) - lgamma_r((double)n + 1, &sign) < -750)
		result = double_underflow();
	else
		result = (double)n <= size ? upward((int)n, size, false) : downward((int)n, size);
	return negative ? -result : result;
}

double
yn(int order, double x)
{
	bool negative = order < 0 && order % 2 != 0;
	long n = order < 0 ? -(long)order : order;
	double result;

	if (isnan(x))
		return x;
	if (x < 0)
		return undefined_at(x);
	if (x == 0)
		return negative ? 1 / fabs(x) : -1 / fabs(x);
	if (isinf(x))
		return 0;
	result = n <= 1 ? rounded(order_0_or_1((int)n, x).second) : upward(n > INT32_MAX ? INT32_MAX : (int)n, x, true);
	return negative ? -result : result;
}

double
j0(double x)
{
	return jn(0, x);
}

double
j1(double x)
{
	return jn(1, x);
}

double
y0(double x)
{
	return yn(0, x);
}

double
y1(double x)
{
	return yn(1, x);
}
