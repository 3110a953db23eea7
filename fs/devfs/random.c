/* See random.h. */
#include "random.h"

#include <string.h>

static uint32_t
rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static void
quarter_round(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*a += *b;
	*d = rotate(*d ^ *a, 16);
	*c += *d;
	*b = rotate(*b ^ *c, 12);
	*a += *b;
	*d = rotate(*d ^ *a, 8);
	*c += *d;
	*b = rotate(*b ^ *c, 7);
}

void
chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3], uint8_t out[64])
{
	uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, x[16];

	memcpy(start + 4, key, 32);
	start[12] = counter;
	memcpy(start + 13, nonce, 12);
	memcpy(x, start, sizeof(x));
	for (int i = 0; i < 10; i++) {
		for (int j = 0; j < 4; j++)
			quarter_round(&x[j], &x[4 + j], &x[8 + j], &x[12 + j]);
		for (int j = 0; j < 4; j++)
			quarter_round(&x[j], &x[4 + (j + 1) % 4], &x[8 + (j + 2) % 4], &x[12 + (j + 3) % 4]);
	}
	for (int i = 0; i < 16; i++) {
		uint32_t word = x[i] + start[i];

		for (int j = 0; j < 4; j++)
			out[4 * i + j] = (uint8_t)(word >> 8 * j);
	}
}

/* The next key is the first half of a block that is given to nobody. */
static void
renew(struct random *random)
{
	static const uint32_t nonce[3] = { 1, 0, 0 };
	uint8_t block[64];

	chacha20_block(random->key, 0, nonce, block);
	memcpy(random->key, block, sizeof(random->key));
}

void
random_stir(struct random *random, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++) {
		size_t at = random->count++ % sizeof(random->key);

		((uint8_t *)random->key)[at] ^= bytes[i];
		if (at == sizeof(random->key) - 1)
			renew(random);
	}
	renew(random);
}

void
random_bytes(struct random *random, void *out, size_t size)
{
	static const uint32_t nonce[3] = { 0, 0, 0 };
	uint8_t *to = out, block[64];

	for (uint32_t counter = 0; size > 0; counter++) {
		size_t n = size < sizeof(block) ? size : sizeof(block);

		chacha20_block(random->key, counter, nonce, block);
		memcpy(to, block, n);
		to += n;
		size -= n;
	}
	renew(random);
}
