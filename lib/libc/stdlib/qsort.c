#include <stdlib.h>

#include "sort.h"

struct plain {
	int (*compare)(const void *, const void *);
};

static int
compare_plain(const void *left, const void *right, void *context)
{
	return ((struct plain *)context)->compare(left, right);
}

void
qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	struct plain plain = { compare };

	__sort(base, count, &(struct order){ size, compare_plain, &plain });
}
