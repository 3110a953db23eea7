/*
 * Merge sort from short runs sorted by insertion. Programs come to rely on a stable order, so that is what they get.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sort.h"

#define RUN	6		/* elements sorted by insertion */
#define STACK	1024		/* bytes kept on the stack for small arrays */

static bool
ordered(const char *left, const char *right, const struct order *order)
{
	return order->compare(left, right, order->context) <= 0;
}

/* `spare` is room for one element. */
static void
insertion(char *base, size_t count, char *spare, const struct order *order)
{
	size_t size = order->size;

	for (size_t i = 1; i < count; i++) {
		char *place = base + i * size;

		if (ordered(place - size, place, order))
			continue;
		memcpy(spare, place, size);
		do {
			memcpy(place, place - size, size);
			place -= size;
		} while (place > base && !ordered(place - size, spare, order));
		memcpy(place, spare, size);
	}
}

/* Merges base[0 .. half) and base[half .. count), with room for the first half in `spare`. */
static void
merge(char *base, size_t half, size_t count, char *spare, const struct order *order)
{
	size_t size = order->size;
	char *right = base + half * size, *end = base + count * size, *left = spare, *left_end = spare + half * size;

	if (ordered(right - size, right, order))
		return;
	memcpy(spare, base, half * size);
	while (left < left_end && right < end) {
		char **from = ordered(left, right, order) ? &left : &right;

		memcpy(base, *from, size);
		*from += size;
		base += size;
	}
	memcpy(base, left, left_end - left);
}

static void
sort_runs(char *base, size_t count, char *spare, const struct order *order)
{
	size_t half = count / 2;

	if (count <= RUN) {
		insertion(base, count, spare, order);
		return;
	}
	sort_runs(base, half, spare, order);
	sort_runs(base + half * order->size, count - half, spare, order);
	merge(base, half, count, spare, order);
}

void
__sort(void *base, size_t count, const struct order *order)
{
	_Alignas(16) char small[STACK];
	size_t room = (count / 2 + 1) * order->size;
	char *spare = small;
	int saved = errno;

	if (count < 2 || order->size == 0)
		return;
	if (room > sizeof(small))
		spare = malloc(room);
	errno = saved;
	if (spare == NULL) {
		__sort_heap(base, count, order);
		return;
	}
	sort_runs(base, count, spare, order);
	if (spare != small)
		free(spare);
}
