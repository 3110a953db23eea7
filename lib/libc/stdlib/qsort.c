/* qsort: heapsort, so O(n log n) whatever the input, and no memory. */
#include <stdlib.h>

static void
swap(char *a, char *b, size_t size)
{
	for (; size > 0; size--) {
		char c = *a;

		*a++ = *b;
		*b++ = c;
	}
}

static void
sift_down(char *base, size_t root, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	for (;;) {
		size_t child = 2 * root + 1;

		if (child >= count)
			return;
		if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (compare(base + root * size, base + child * size) >= 0)
			return;
		swap(base + root * size, base + child * size, size);
		root = child;
	}
}

void
qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	for (size_t i = count / 2; i-- > 0;)
		sift_down(base, i, count, size, compare);
	for (size_t i = count; i-- > 1;) {
		swap(base, (char *)base + i * size, size);
		sift_down(base, 0, i, size, compare);
	}
}
