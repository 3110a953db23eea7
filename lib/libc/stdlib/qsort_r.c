#include <stdlib.h>

#include "sort.h"

void
qsort_r(void *base, size_t count, size_t size, int (*compare)(const void *, const void *, void *), void *context)
{
	__sort(base, count, &(struct order){ size, compare, context });
}
