/*
 * A set of pages of a file, as bits. Pure logic; the owner locks.
 *
 * It grows with the number of stretches of SET_STRETCH pages that have members, not with the file.
 */
#ifndef FS_PAGER_SET_H
#define FS_PAGER_SET_H

#include <stdbool.h>
#include <stdint.h>

#define SET_STRETCH	512u		/* pages, 2 MB */
#define SET_BUCKETS	16u

struct page_stretch;

struct page_set {
	struct page_stretch *buckets[SET_BUCKETS];
};

/* Returns false: no memory. A member may be added again. */
bool page_set_add(struct page_set *set, uint64_t index);

/* In all: count UINT64_MAX, no end. Conditions: count is not 0. */
bool page_set_any(const struct page_set *set, uint64_t first, uint64_t count);
void page_set_remove(struct page_set *set, uint64_t first, uint64_t count);

/* The lowest member in a range. Returns false: there is none. */
bool page_set_lowest(const struct page_set *set, uint64_t first, uint64_t count, uint64_t *index);

#endif
