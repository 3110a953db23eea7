/*
 * Multiply and add with one rounding (C11 7.12.13): the exact sum in 128 bits and a bit for what lies below, rounded as fegetround says.
 * fmal is computed from exact parts of the product and the sum, and is right but for ties of their parts.
 */
#include <fenv.h>

#include "bits.h"

typedef unsigned __int128 uint128_t;

/* (-1)^negative * m * 2^e, finite and not zero; the lowest bit of m also stands for everything below it. */
struct exact {
	uint128_t m;
	int e;
	bool negative;
};

static int
bits_of(uint128_t m)
{
	uint64_t high = m >> 64;

	return high != 0 ? 128 - __builtin_clzll(high) : m != 0 ? 64 - __builtin_clzll((uint64_t)m) : 0;
}

static uint128_t
shift_down(uint128_t m, int by)
{
	if (by <= 0)
		return m;
	if (by >= 128)
		return m != 0;
	return m >> by | ((m & (((uint128_t)1 << by) - 1)) != 0);
}

static struct exact
parts_of(double value)
{
	int e;
	double fraction = frexp(fabs(value), &e);

	return (struct exact){ (uint64_t)scalbn(fraction, 53), e - 53, signbit(value) };
}

/* a + b, exact but for the lowest bit. Zero has m 0. */
static struct exact
add(struct exact a, struct exact b)
{
	struct exact swap = a;
	int up;

	if (a.e + bits_of(a.m) < b.e + bits_of(b.m)) {
		a = b;
		b = swap;
	}
	up = 126 - bits_of(a.m);	/* room for the carry; what b loses stands far below what rounding looks at */
	a.m <<= up;
	a.e -= up;
	b.m = b.e >= a.e ? b.m << (b.e - a.e) : shift_down(b.m, a.e - b.e);
	if (a.negative == b.negative) {
		a.m += b.m;
	} else if (a.m >= b.m) {
		a.m -= b.m;
	} else {
		a.m = b.m - a.m;
		a.negative = b.negative;
	}
	return a;
}

/* Whether a magnitude goes up: `rest` of `half` * 2 was cut off. */
static bool
goes_up(uint128_t kept, uint128_t rest, uint128_t half, bool negative)
{
	switch (fegetround()) {
	case FE_UPWARD:
		return rest != 0 && !negative;
	case FE_DOWNWARD:
		return rest != 0 && negative;
	case FE_TOWARDZERO:
		return false;
	}
	return rest > half || (rest == half && (kept & 1) != 0);
}

static double
rounded(struct exact value)
{
	int cut = bits_of(value.m) - 53, least = -1074 - value.e;
	double sign = value.negative ? -1.0 : 1.0;
	uint128_t kept, rest;

	if (cut < least)
		cut = least;
	if (cut <= 0)
		return scalbn(sign * (double)(uint64_t)value.m, value.e);
	if (cut > 127) {
		value.m = 1;
		cut = 2;
		value.e = -1076;
	}
	kept = value.m >> cut;
	rest = value.m & (((uint128_t)1 << cut) - 1);
	if (goes_up(kept, rest, (uint128_t)1 << (cut - 1), value.negative))
		kept++;
	return scalbn(sign * (double)(uint64_t)kept, value.e + cut);
}

double
fma(double x, double y, double z)
{
	struct exact product, left, right;

	if (!isfinite(x) || !isfinite(y) || x == 0 || y == 0)
		return x * y + z;
	if (!isfinite(z))
		return z;
	left = parts_of(x);
	right = parts_of(y);
	product = (struct exact){ left.m * right.m, left.e + right.e, left.negative != right.negative };
	if (z != 0)
		product = add(product, parts_of(z));
	if (product.m == 0)
		return fegetround() == FE_DOWNWARD ? -0.0 : 0.0;
	return rounded(product);
}

/* The product is exact in double; the sum is rounded to odd, so that rounding to float is the only one. */
float
fmaf(float x, float y, float z)
{
	double product = (double)x * y, sum = product + z, part = sum - product;
	double rest = (product - (sum - part)) + ((double)z - part);
	uint64_t bits = double_to_bits(sum);

	if (!isfinite(sum) || rest == 0 || fegetround() != FE_TONEAREST || (bits & 1) != 0)
		return (float)sum;
	return (float)double_from_bits((rest > 0) == (sum > 0) ? bits + 1 : bits - 1);
}

#define SPLIT (1 + 0x1p+0l * (1ull << (LDBL_MANT_DIG + 1) / 2))

long double
fmal(long double x, long double y, long double z)
{
	long double hi = x * y, xs = x * SPLIT, ys = y * SPLIT, xh = xs - (xs - x), yh = ys - (ys - y), xl = x - xh, yl = y - yh;
	long double lo = ((xh * yh - hi) + xh * yl + xl * yh) + xl * yl, sum = hi + z, part = sum - hi;
	long double rest = (hi - (sum - part)) + (z - part);

	if (!isfinite(sum) || !isfinite(xs) || !isfinite(ys))
		return x * y + z;
	return sum + (rest + lo);
}
