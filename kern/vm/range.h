/*
 * A set of disjoint address ranges with a search for free space, both logarithmic: the skeleton of
 * an address map. Pure logic.
 *
 *	low      gap     start    end     gap     start end                    high
 *	 |...............[ range A )..............[ range B ).....................|
 *
 * Each range knows the free bytes before it (gap), and the largest gap in its subtree. A range of
 * size zero at `high` closes the set, so that the space behind the last real range is a gap like
 * the others; look-ups never return it.
 */
#ifndef VM_RANGE_H
#define VM_RANGE_H

#include <stdbool.h>
#include <stdint.h>
#include "vm/tree.h"

struct range {
	struct tree_node node;
	uint64_t start, end;		/* [start, end), start < end */
	uint64_t gap; /* free bytes between the previous range (or low) and start */
	uint64_t max_gap;		/* largest gap in the subtree */
};

struct range_set {
	struct tree tree;
	uint64_t low, high;
	struct range close;
};

/* An empty set over [low, high). The struct must not move afterwards. */
void range_set_init(struct range_set *set, uint64_t low, uint64_t high);

/* The range that holds address, or NULL. */
struct range *range_find(const struct range_set *set, uint64_t address);

/* The first range that ends after address (holds it, or follows it), or NULL. */
struct range *range_find_after(const struct range_set *set, uint64_t address);

/* Links a range whose start and end are set and whose place is free. */
void range_insert(struct range_set *set, struct range *range);
void range_remove(struct range_set *set, struct range *range);

/* Changes the bounds of a linked range; it must not meet its neighbours. */
void range_resize(struct range_set *set, struct range *range, uint64_t start, uint64_t end);

/* In order; NULL at the ends. */
struct range *range_first(const struct range_set *set);
struct range *range_next(const struct range_set *set, const struct range *range);
struct range *range_previous(const struct range *range);

/* Whether [start, end) lies in the set's bounds and meets no range. */
bool range_free(const struct range_set *set, uint64_t start, uint64_t end);

/*
 * Purpose: find `size` free bytes at the lowest address at or after `hint`, aligned so that
 * (address & mask) == 0.
 * Conditions: size > 0; mask is 2^n - 1. Returns false: there is none (with a mask: none large
 * enough to be sure of the alignment).
 */
bool range_space(const struct range_set *set, uint64_t hint, uint64_t size, uint64_t mask,
    uint64_t *address);

#endif
