/* See big.h. */
#include <string.h>

#include "big.h"

void
__big_multiply_add(struct big *big, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (int i = 0; i < big->used; i++) {
		carry += (uint64_t)big->word[i] * factor;
		big->word[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry != 0)
		big->word[big->used++] = (uint32_t)carry;
}

void
__big_multiply_power_of_5(struct big *big, int power)
{
	static const uint32_t small[] = { 1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125,
		244140625 };

	for (; power >= 13; power -= 13)
		__big_multiply_add(big, 1220703125, 0);
	__big_multiply_add(big, small[power], 0);
}

void
__big_shift_left(struct big *big, int bits)
{
	int words = bits / 32;

	bits %= 32;
	if (big->used == 0)
		return;
	if (bits != 0)
		__big_multiply_add(big, 1u << bits, 0);
	if (words != 0) {
		memmove(big->word + words, big->word, big->used * sizeof(big->word[0]));
		memset(big->word, 0, words * sizeof(big->word[0]));
		big->used += words;
	}
}

int
__big_bits(const struct big *big)
{
	return big->used == 0 ? 0 : big->used * 32 - __builtin_clz(big->word[big->used - 1]);
}

int
__big_compare(const struct big *left, const struct big *right)
{
	if (left->used != right->used)
		return left->used - right->used;
	for (int i = left->used - 1; i >= 0; i--)
		if (left->word[i] != right->word[i])
			return left->word[i] < right->word[i] ? -1 : 1;
	return 0;
}

void
__big_subtract(struct big *left, const struct big *right)
{
	int64_t borrow = 0;

	for (int i = 0; i < left->used; i++) {
		borrow += left->word[i];
		if (i < right->used)
			borrow -= right->word[i];
		left->word[i] = (uint32_t)borrow;
		borrow >>= 32;
	}
	while (left->used > 0 && left->word[left->used - 1] == 0)
		left->used--;
}
