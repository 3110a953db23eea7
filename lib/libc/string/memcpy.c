/*
 * memcpy: by words when both sides agree in alignment, as on every page and message copy. Byte loops count (and cost) eight times as much.
 * Forward only and without `restrict`: memmove relies on it for overlapping ranges whose destination is lower.
 */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) word;

void *
memcpy(void *to, const void *from, size_t count)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if ((((uintptr_t)t ^ (uintptr_t)f) & 7) == 0) {
		for (; count != 0 && ((uintptr_t)t & 7) != 0; count--)
			*t++ = *f++;
		for (; count >= 64; count -= 64, t += 64, f += 64) {
			word a = ((const word *)f)[0], b = ((const word *)f)[1], c = ((const word *)f)[2],
			    d = ((const word *)f)[3], e = ((const word *)f)[4], g = ((const word *)f)[5],
			    h = ((const word *)f)[6], i = ((const word *)f)[7];

			((word *)t)[0] = a, ((word *)t)[1] = b, ((word *)t)[2] = c, ((word *)t)[3] = d;
			((word *)t)[4] = e, ((word *)t)[5] = g, ((word *)t)[6] = h, ((word *)t)[7] = i;
		}
		for (; count >= 8; count -= 8, t += 8, f += 8)
			*(word *)t = *(const word *)f;
	}
	while (count-- != 0)
		*t++ = *f++;
	return to;
}
