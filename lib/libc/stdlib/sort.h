/* Sorting: what qsort and qsort_r share. */
#ifndef LIBC_STDLIB_SORT_H
#define LIBC_STDLIB_SORT_H

#include <stddef.h>

struct order {
	size_t size;			/* bytes of an element */
	int (*compare)(const void *left, const void *right, void *context);
	void *context;
};

/*
 * O(n log n) comparisons whatever the input. Equal elements keep their order, unless the memory for a copy of the
 * array is lacking.
 */
void __sort(void *base, size_t count, const struct order *order);

/* In place, O(n log n), not stable. */
void __sort_heap(char *base, size_t count, const struct order *order);

#endif
