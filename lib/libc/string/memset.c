/* memset: by words; zeroing whole pages is its main use. */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) word;

void *
memset(void *to, int byte, size_t count)
{
	unsigned char *t = to;
	word pattern = (unsigned char)byte * 0x0101010101010101ull;

	for (; count != 0 && ((uintptr_t)t & 7) != 0; count--)
		*t++ = byte;
	for (; count >= 128; count -= 128, t += 128) {
		word *w = (word *)t;

		w[0] = pattern, w[1] = pattern, w[2] = pattern, w[3] = pattern;
		w[4] = pattern, w[5] = pattern, w[6] = pattern, w[7] = pattern;
		w[8] = pattern, w[9] = pattern, w[10] = pattern, w[11] = pattern;
		w[12] = pattern, w[13] = pattern, w[14] = pattern, w[15] = pattern;
	}
	for (; count >= 8; count -= 8, t += 8)
		*(word *)t = pattern;
	while (count-- != 0)
		*t++ = byte;
	return to;
}
