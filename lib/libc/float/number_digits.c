/*
 * All decimal digits of a value. m * 2^-k is m * 5^k * 10^-k, so one big product in base 10^9 holds the digits of
 * fractions as well as of large numbers.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "number.h"

#define BASE	1000000000u
#define LIMBS	((DIGITS_MAX + 8) / 9)

struct limbs {
	int used;
	uint32_t limb[LIMBS];
};

static void
multiply(struct limbs *n, uint32_t factor)
{
	uint64_t carry = 0;

	for (int i = 0; i < n->used; i++) {
		carry += (uint64_t)n->limb[i] * factor;
		n->limb[i] = carry % BASE;
		carry /= BASE;
	}
	while (carry != 0) {
		n->limb[n->used++] = carry % BASE;
		carry /= BASE;
	}
}

static void
multiply_power(struct limbs *n, uint32_t base, int step, int power)
{
	uint32_t factor = 1;

	for (int i = 0; i < step; i++)
		factor *= base;
	for (; power >= step; power -= step)
		multiply(n, factor);
	for (factor = 1; power > 0; power--)
		factor *= base;
	multiply(n, factor);
}

/* Sets n to an integer; returns k: value = n * 10^-k. */
static int
expand(struct limbs *n, long double value)
{
	int exponent;
	unsigned __int128 bits = scalbnl(frexpl(value, &exponent), LDBL_MANT_DIG);

	for (exponent -= LDBL_MANT_DIG; (bits & 1) == 0; exponent++)
		bits >>= 1;
	for (n->used = 0; bits != 0; bits /= BASE)
		n->limb[n->used++] = bits % BASE;
	if (exponent >= 0) {
		multiply_power(n, 2, 29, exponent);
		return 0;
	}
	multiply_power(n, 5, 13, -exponent);
	return -exponent;
}

int
__number_digits(long double value, char digits[DIGITS_MAX], int *point)
{
	struct limbs n;
	int behind = expand(&n, value), skip = 0, count = n.used * 9;

	for (int i = 0; i < n.used; i++) {
		uint32_t limb = n.limb[n.used - 1 - i];

		for (int j = 8; j >= 0; j--, limb /= 10)
			digits[i * 9 + j] = '0' + limb % 10;
	}
	while (digits[skip] == '0')
		skip++;
	*point = count - skip - behind;
	while (digits[count - 1] == '0')
		count--;
	memmove(digits, digits + skip, count - skip);
	return count - skip;
}
