/* memmove: forwards through memcpy when that is safe, else backwards, by words where the alignment agrees. */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) word;

void *memcpy(void *to, const void *from, size_t count);

void *
memmove(void *to, const void *from, size_t count)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if ((uintptr_t)t - (uintptr_t)f >= count)
		return memcpy(to, from, count);
	t += count;
	f += count;
	if ((((uintptr_t)t ^ (uintptr_t)f) & 7) == 0) {
		for (; count != 0 && ((uintptr_t)t & 7) != 0; count--)
			*--t = *--f;
		for (; count >= 8; count -= 8) {
			t -= 8;
			f -= 8;
			*(word *)t = *(const word *)f;
		}
	}
	while (count-- != 0)
		*--t = *--f;
	return to;
}
