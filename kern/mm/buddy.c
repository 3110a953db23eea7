/*
 * The buddy system. Invariant: a free block of order k has state PAGE_FREE and order k in its first frame, PAGE_FREE_TAIL in the others,
 * and its buddy is not free at the same order (they would have been joined).
 */
#include "mm/buddy.h"

void
buddy_init(struct buddy *buddy, struct page *pages, uint64_t first, uint64_t count)
{
	buddy->pages = pages;
	buddy->first = first;
	buddy->count = count;
	buddy->free = 0;
	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++) {
		list_init(&buddy->lists[order]);
		buddy->blocks[order] = 0;
	}
}

static void
block_insert(struct buddy *buddy, struct page *page, unsigned order)
{
	page->state = PAGE_FREE;
	page->order = order;
	list_prepend(&buddy->lists[order], &page->link);
	buddy->blocks[order]++;
}

static void
block_remove(struct buddy *buddy, struct page *page)
{
	list_remove(&page->link);
	buddy->blocks[page->order]--;
	page->state = PAGE_FREE_TAIL;
}

struct page *
buddy_alloc(struct buddy *buddy, unsigned order)
{
	/* LAB 1.3 begin [until then: given buddy_alloc.c]: the smallest free block that suffices,
	 * split until it has the order that is wanted.
	 * Hint: take a block off its list, then cut it in halves: of each cut the upper half goes to the
	 * list of its own order, the lower one is cut again. The frames handed out become PAGE_USED, the
	 * first one remembers the order, and buddy->free stays the number of frames on the lists.
	 */
	unsigned have = order;
	struct page *page;

	while (have <= PAGE_ORDER_MAX && list_empty(&buddy->lists[have]))
		have++;
	if (have > PAGE_ORDER_MAX)
		return NULL;
	page = list_entry(list_first(&buddy->lists[have]), struct page, link);
	block_remove(buddy, page);
	while (have > order) {
		have--;
		block_insert(buddy, page + (1u << have), have);
	}
	for (uint64_t i = 0; i < 1ull << order; i++)
		page[i].state = PAGE_USED;
	page->order = order;
	buddy->free -= 1ull << order;
	return page;
	/* LAB 1.3 end */
}

/* What is wrong with giving this block back, or NULL. */
static const char *
block_check(struct buddy *buddy, struct page *page, unsigned order)
{
	/* LAB 1.4 begin [until then: return NULL]: refuse what cannot be a used block.
	 * Order too large; not wholly inside the managed frames; not aligned to its size; and of its
	 * frames, all of them, none may be free already, in a CPU's cache, or no RAM.
	 */
	uint64_t index = page - buddy->pages;

	if (order > PAGE_ORDER_MAX)
		return "order too large";
	if (index >= buddy->count || buddy->count - index < 1ull << order)
		return "not a managed frame";
	if (((buddy->first + index) & ((1ull << order) - 1)) != 0)
		return "block not aligned to its order";
	for (uint64_t i = 0; i < 1ull << order; i++) {
		if (page[i].state == PAGE_FREE || page[i].state == PAGE_FREE_TAIL || page[i].state == PAGE_CACHED)
			return "double free";
		if (page[i].state == PAGE_HOLE)
			return "no RAM there";
	}
	return NULL;
	/* LAB 1.4 end */
}

/* The buddy of the block at `index`, if the whole of it is one free block of the same order. */
static struct page *
free_buddy(struct buddy *buddy, uint64_t index, unsigned order)
{
	/* LAB 1.4 begin [until then: return NULL]: find the buddy, and see whether it can be joined.
	 * Hint: frame numbers count from 0, `index` counts from buddy->first. The buddy may lie beyond the
	 * managed frames, be in use, or be free in smaller pieces.
	 */
	uint64_t other = ((buddy->first + index) ^ (1ull << order)) - buddy->first;
	struct page *page;

	if (other >= buddy->count)
		return NULL;
	page = &buddy->pages[other];
	return page->state == PAGE_FREE && page->order == order ? page : NULL;
	/* LAB 1.4 end */
}

const char *
buddy_free(struct buddy *buddy, struct page *page, unsigned order)
{
	/* LAB 1.4 begin [until then: given buddy_free.c]: give a block back and join it with its buddy, the joined
	 * block with its buddy, and so on.
	 * Hint: validate first, then change things. A joined block begins where the lower one began.
	 */
	const char *wrong = block_check(buddy, page, order);
	struct page *other;

	if (wrong != NULL)
		return wrong;
	for (uint64_t i = 0; i < 1ull << order; i++)
		page[i].state = PAGE_FREE_TAIL;
	buddy->free += 1ull << order;
	while (order < PAGE_ORDER_MAX && (other = free_buddy(buddy, page - buddy->pages, order)) != NULL) {
		block_remove(buddy, other);
		if (other < page)
			page = other;
		order++;
	}
	block_insert(buddy, page, order);
	return NULL;
	/* LAB 1.4 end */
}
