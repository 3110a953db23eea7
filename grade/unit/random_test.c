/* Random bytes: the block function against RFC 8439, and that nothing repeats. */
// SOURCES: fs/devfs/random.c
#include "unit.h"

#include "../../fs/devfs/random.h"

/* RFC 8439, 2.3.2 */
static void
the_block_of_the_rfc(void)
{
	static const uint8_t wanted[16] = { 0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4 };
	const uint32_t nonce[3] = { 0x09000000, 0x4a000000, 0 };
	uint8_t out[64];
	uint32_t key[8];

	for (int i = 0; i < 8; i++)
		key[i] = 0x03020100u + 0x04040404u * (uint32_t)i;
	chacha20_block(key, 1, nonce, out);
	CHECK(memcmp(out, wanted, sizeof(wanted)) == 0);
	CHECK_EQ(out[63], 0x4e);
}

static void
nothing_repeats(void)
{
	struct random a = { { 0 }, 0 }, b = { { 0 }, 0 };
	uint8_t first[100], second[100], other[100];

	random_stir(&a, "seed", 4);
	random_stir(&b, "seed", 4);
	random_bytes(&a, first, sizeof(first));
	random_bytes(&b, other, sizeof(other));
	CHECK(memcmp(first, other, sizeof(first)) == 0);
	random_bytes(&a, second, sizeof(second));
	CHECK(memcmp(first, second, sizeof(first)) != 0);
	random_stir(&b, "x", 1);
	random_bytes(&b, other, sizeof(other));
	CHECK(memcmp(second, other, sizeof(second)) != 0);
}

static void
bits_are_even(void)
{
	static uint8_t bytes[100000];
	struct random a = { { 0 }, 0 };
	unsigned ones = 0, counts[256] = { 0 };

	random_stir(&a, "even", 4);
	random_bytes(&a, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		ones += (unsigned)__builtin_popcount(bytes[i]);
		counts[bytes[i]]++;
	}
	CHECK(ones > 397000 && ones < 403000);
	for (int i = 0; i < 256; i++)
		CHECK(counts[i] > 250 && counts[i] < 550);
}

int
main(void)
{
	TEST(the_block_of_the_rfc);
	TEST(nothing_repeats);
	TEST(bits_are_even);
	return unit_done();
}
