/*
 * Record locks of one file (POSIX.1-2017 fcntl): which owner has which bytes, for reading or for writing. Pure logic.
 *
 * The ranges of an owner do not overlap, and two that touch have different kinds; the list is sorted by first byte.
 */
#ifndef FS_LOCK_RANGES_H
#define FS_LOCK_RANGES_H

#include <stdbool.h>
#include <stdint.h>

enum range_kind { RANGE_NONE, RANGE_READ, RANGE_WRITE };

#define RANGE_END UINT64_MAX		/* last byte of a range that has no end */

struct range {
	struct range *next;
	uint32_t owner;
	enum range_kind kind;
	uint64_t first, last;		/* bytes, both included */
};

/* The first range of others that keeps `owner` from having `kind` from `first` to `last`; NULL: nothing does. */
const struct range *ranges_conflict(const struct range *list, uint32_t owner, enum range_kind kind, uint64_t first, uint64_t last);

/* Whether those bytes lie in the middle of one of the owner's ranges: given up, they leave a range more. */
bool ranges_splits(const struct range *list, uint32_t owner, uint64_t first, uint64_t last);

/*
 * Purpose: give the owner that kind there, or take away what it has (RANGE_NONE), whatever it had before.
 * Conditions: no conflict. Memory comes from os_alloc; taking away needs none unless it splits a range.
 * Returns 0; ENOMEM, and nothing has changed. *count is the change of the number of ranges.
 */
int ranges_set(struct range **list, uint32_t owner, enum range_kind kind, uint64_t first, uint64_t last, int *count);

#endif
