/*
 * Taking multiples of pi/2 away. Small numbers: pi/2 in pieces of 33 bits, whose products with the multiple are exact
 * (Cody and Waite). Large ones: only those bits of 2/pi count that leave the product below 4 (Payne and Hanek, "Radian
 * reduction for trigonometric functions", 1983).
 */
#include "pair.h"

#define PI_2_A	0x1.921fb54400000p+0
#define PI_2_B	0x1.0b4611a600000p-34
#define PI_2_C	((struct pair){ 0x1.3198a2e037073p-69, 0x1.129024e088a68p-123 })

typedef unsigned __int128 uint128_t;

static int
reduce_small(double x, struct pair *rest)
{
	double k = rint(x * 0x1.45f306dc9c883p-1);
	struct pair r = pair_sum(x - k * PI_2_A, -k * PI_2_B);

	*rest = pair_add(r, pair_scale(PI_2_C, -k));
	return (int)k & 3;
}

/* 64 bits of 2/pi from bit `at` on. */
static uint64_t
bits_from(int at)
{
	int word = at / 64, shift = at % 64;
	uint64_t bits = __two_over_pi[word] << shift;

	return shift == 0 ? bits : bits | __two_over_pi[word + 1] >> (64 - shift);
}

/* A fraction of 190 bits (high word first) times pi/2. */
static struct pair
times_half_pi(const uint64_t fraction[3])
{
	uint128_t top = (uint128_t)fraction[0] << 64 | fraction[1];
	int zeros = fraction[0] != 0 ? __builtin_clzll(fraction[0]) : 64;
	double hi, lo;

	top = top << zeros | (zeros == 0 ? 0 : zeros == 64 ? fraction[2] : fraction[2] >> (64 - zeros));
	hi = (double)(uint64_t)(top >> 75) * 0x1p75;
	lo = (double)(uint64_t)(top >> 22 & 0x1fffffffffffff) * 0x1p22;
	return pair_multiply(pair_fast_sum(scalbn(hi, -126 - zeros), scalbn(lo, -126 - zeros)), PAIR_PI_2);
}

static int
reduce_large(double x, struct pair *rest)
{
	int e = double_exponent(x) - 1075, from = e > 2 ? e - 2 : 0, down = e < 2 ? 2 - e : 0, n;
	uint64_t m = (double_to_bits(x) & 0xfffffffffffff) | 1ull << 52;
	uint64_t a = bits_from(from), b = bits_from(from + 64), c = bits_from(from + 128), product[3];
	uint128_t carry;
	bool negative;

	if (down > 0) {
		c = c >> down | b << (64 - down);
		b = b >> down | a << (64 - down);
		a >>= down;
	}
	carry = (uint128_t)m * c;
	product[2] = carry;
	carry = (uint128_t)m * b + (uint64_t)(carry >> 64);
	product[1] = carry;
	product[0] = m * a + (uint64_t)(carry >> 64);
	n = product[0] >> 62;
	negative = (product[0] >> 61 & 1) != 0;
	product[0] <<= 2, product[0] |= product[1] >> 62;
	product[1] = product[1] << 2 | product[2] >> 62;
	product[2] <<= 2;
	if (negative) {
		product[0] = ~product[0];
		product[1] = ~product[1];
		product[2] = ~product[2];
		n++;
	}
	*rest = times_half_pi(product);
	rest->hi = scalbn(rest->hi, -2);
	rest->lo = scalbn(rest->lo, -2);
	if (negative)
		*rest = pair_negate(*rest);
	return n & 3;
}

int
__pi_reduce(double x, struct pair *rest)
{
	int n;

	if (fabs(x) <= 0x1.921fb54442d18p-1) {
		*rest = (struct pair){ x, 0 };
		return 0;
	}
	if (fabs(x) < 0x1p19)
		return reduce_small(x, rest);
	n = reduce_large(fabs(x), rest);
	if (x < 0) {
		*rest = pair_negate(*rest);
		n = -n & 3;
	}
	return n;
}
