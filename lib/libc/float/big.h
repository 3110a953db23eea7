/*
 * Big natural numbers for conversions, little-endian in 32-bit words. The bounds come from 113-bit long double:
 * 11600 decimal digits, or 5^16600, are at most 1205 words.
 */
#ifndef LIBC_FLOAT_BIG_H
#define LIBC_FLOAT_BIG_H

#include <stdbool.h>
#include <stdint.h>

#define BIG_WORDS 1280

struct big {
	int used;			/* words; the last one is not 0 */
	uint32_t word[BIG_WORDS];
};

/* big = big * factor + add */
void __big_multiply_add(struct big *big, uint32_t factor, uint32_t add);
void __big_multiply_power_of_5(struct big *big, int power);
void __big_shift_left(struct big *big, int bits);
int __big_bits(const struct big *big);
/* < 0, 0, > 0 */
int __big_compare(const struct big *left, const struct big *right);
/* left -= right; left >= right */
void __big_subtract(struct big *left, const struct big *right);

#endif
