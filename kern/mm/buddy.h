/*
 * The buddy system, as pure logic on an array of struct page: no locks, no hardware (mm/page.c adds those; host tests run it as it is).
 *
 *	order 2   [       0-3       ][       4-7       ]
 *	order 1   [  0-1  ][  2-3   ][  4-5  ][  6-7   ]	buddy of frame f at order k: f ^ (1 << k)
 *	order 0   [0 ][1 ][2 ][3 ]...
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include "mm/page.h"

struct buddy {
	struct page *pages;			/* pages[i] describes frame first + i */
	uint64_t first;				/* frame number of pages[0]; a multiple of 2^PAGE_ORDER_MAX */
	uint64_t count;				/* frames described */
	uint64_t free;				/* frames on the lists */
	struct list lists[PAGE_ORDER_MAX + 1];	/* free blocks by order */
	uint64_t blocks[PAGE_ORDER_MAX + 1];	/* their number */
};

void buddy_init(struct buddy *buddy, struct page *pages, uint64_t first, uint64_t count);

/* The smallest sufficient block, split down to 2^order frames; NULL: none. State becomes PAGE_USED. */
struct page *buddy_alloc(struct buddy *buddy, unsigned order);

/*
 * Gives a block back and joins it with its free buddies. Returns NULL, or what is wrong with it ("double free" and so on: nothing
 * changed).
 */
const char *buddy_free(struct buddy *buddy, struct page *page, unsigned order);

#endif
