/*
 * Arithmetic with twice the precision of double (Dekker, "A floating-point technique for extending the available
 * precision", 1971). The elementary functions compute with about 2^-68 of relative error and round once at the end, so
 * their results are within 0.51 units in the last place.
 */
#ifndef LIBC_MATH_PAIR_H
#define LIBC_MATH_PAIR_H

#include "bits.h"
#include "tables.h"

/* Exact: a + b, for |a| >= |b| or a = 0. */
static inline struct pair
pair_fast_sum(double a, double b)
{
	double hi = a + b;

	return (struct pair){ hi, b - (hi - a) };
}

/* Exact: a + b. */
static inline struct pair
pair_sum(double a, double b)
{
	double hi = a + b, part = hi - a;

	return (struct pair){ hi, (a - (hi - part)) + (b - part) };
}

/* Exact: a * b, when nothing overflows (|a|, |b| < 2^995) or underflows. */
static inline struct pair
pair_product(double a, double b)
{
	double hi = a * b, split_a = a * 0x8000001p0, split_b = b * 0x8000001p0;
	double ah = split_a - (split_a - a), bh = split_b - (split_b - b), al = a - ah, bl = b - bh;

	return (struct pair){ hi, ((ah * bh - hi) + ah * bl + al * bh) + al * bl };
}

static inline struct pair
pair_add(struct pair a, struct pair b)
{
	struct pair s = pair_sum(a.hi, b.hi), t = pair_sum(a.lo, b.lo);

	s = pair_fast_sum(s.hi, s.lo + t.hi);
	return pair_fast_sum(s.hi, s.lo + t.lo);
}

static inline struct pair
pair_multiply(struct pair a, struct pair b)
{
	struct pair p = pair_product(a.hi, b.hi);

	return pair_fast_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline struct pair
pair_scale(struct pair a, double factor)
{
	struct pair p = pair_product(a.hi, factor);

	return pair_fast_sum(p.hi, p.lo + a.lo * factor);
}

static inline struct pair
pair_negate(struct pair a)
{
	return (struct pair){ -a.hi, -a.lo };
}

static inline struct pair
pair_divide(struct pair a, struct pair b)
{
	double quotient = a.hi / b.hi;
	struct pair rest = pair_add(a, pair_negate(pair_scale(b, quotient)));

	return pair_fast_sum(quotient, (rest.hi + rest.lo) / b.hi);
}

static inline struct pair
pair_sqrt(double hi, double lo)
{
	double root = sqrt(hi);
	struct pair square = pair_product(root, root);

	if (root == 0)
		return (struct pair){ 0, 0 };
	return pair_fast_sum(root, ((hi - square.hi) - square.lo + lo) / (2 * root));
}

/* e^x = result * 2^*exponent, |x.hi| < 2000. */
struct pair __pair_exp(struct pair x, int *exponent);
/* e^x - 1 for |x.hi| < 2000 in exponent range, accurate near 0. */
struct pair __pair_expm1(struct pair x);
/* The natural logarithm of a positive finite number. */
struct pair __pair_log(double x);
/* log(x.hi + x.lo), x.hi normal. */
struct pair __pair_log_pair(struct pair x);
/* The arc tangent of y / x, both finite, x > 0, y >= 0. */
struct pair __pair_atan(struct pair y, struct pair x);
/* x - n * pi/2, at most pi/4 in size; returns n modulo 4. x finite. */
int __pi_reduce(double x, struct pair *rest);
struct pair __pair_sin(struct pair x);
struct pair __pair_cos(struct pair x);

#define PAIR_PI		((struct pair){ 0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53 })
#define PAIR_PI_2	((struct pair){ 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54 })
#define PAIR_LN2	((struct pair){ 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56 })
#define PAIR_LN10	((struct pair){ 0x1.26bb1bbb55516p+1, -0x1.f48ad494ea3e9p-53 })
#define PAIR_1_LN2	((struct pair){ 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56 })
#define PAIR_1_LN10	((struct pair){ 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57 })

#endif
