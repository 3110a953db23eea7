/* Heapsort, for when there is no memory. */
#include "sort.h"

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
sift_down(char *base, size_t root, size_t count, const struct order *order)
{
	size_t child, size = order->size;

	for (; (child = root * 2 + 1) < count; root = child) {
		if (child + 1 < count &&
		    order->compare(base + child * size, base + (child + 1) * size, order->context) < 0)
			child++;
		if (order->compare(base + root * size, base + child * size, order->context) >= 0)
			break;
		swap(base + root * size, base + child * size, size);
	}
}

void
__sort_heap(char *base, size_t count, const struct order *order)
{
	for (size_t i = count / 2; i > 0; i--)
		sift_down(base, i - 1, count, order);
	for (size_t i = count; i > 1; i--) {
		swap(base, base + (i - 1) * order->size, order->size);
		sift_down(base, 0, i - 1, order);
	}
}
