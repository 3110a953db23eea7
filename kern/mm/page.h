/*
 * Physical frames: the buddy allocator and one struct page per frame.
 *
 * Blocks are 2^order frames, order 0-10 (4 KB - 4 MB), aligned to their size. Free blocks stand in one list per order; the buddy of
 * frame f at order k is f ^ (1 << k). An allocated frame has a reference count; the last page_drop frees it.
 *
 * Lock: RANK_FRAMES. Each CPU keeps a small cache of single frames in front of it. Debug builds fill freed frames with 0xdb and check
 * on allocation that they still hold it.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include <mach/types.h>
#include <mach/vm.h>
#include "sync/list.h"
#include "sync/refcount.h"

#define PAGE_SHIFT	VM_PAGE_SHIFT
#define PAGE_SIZE	4096ul
#define PAGE_ORDER_MAX	10

enum page_state {
	PAGE_HOLE = 0,		/* no RAM here */
	PAGE_RESERVED,		/* RAM that is never handed out: firmware, the kernel image, the boot archive */
	PAGE_FREE,		/* first frame of a free block of 2^order */
	PAGE_FREE_TAIL,		/* inside a free block */
	PAGE_USED,
	PAGE_CACHED,		/* in a CPU's cache of single frames */
};

/* What a used frame is for; statistics and leak reports count by it. */
enum page_use {
	PAGE_USE_KERNEL = 0,	/* heap slabs and large kernel blocks */
	PAGE_USE_TABLE,		/* page tables */
	PAGE_USE_STACK,		/* kernel stacks */
	PAGE_USE_ANON,		/* anonymous user memory */
	PAGE_USE_OBJECT,	/* pages of a memory object */
	PAGE_USE_DMA,
	PAGE_USES,
};

struct page {
	struct list_node link;		/* free list, or a paging queue of kern/vm */
	refcount_t refs;
	uint8_t state;			/* enum page_state */
	uint8_t order;			/* of the block, valid in its first frame */
	uint8_t use;			/* enum page_use */
	uint8_t flags;			/* PAGE_* below, owned by kern/vm */
	void *owner;			/* kern/vm: struct anon or struct vm_object; slab: its cache */
	uint64_t offset;		/* kern/vm: page index in the object; of an anon's page: vm/clock.c */
	uint32_t wired;			/* kern/vm: wire count */
	uint32_t pins;			/* kern/vm: held for a copy or a device; not evicted, not moved */
	bool executed;			/* kern/vm: it was mapped for execution: see page_drop */
};

#define PAGE_DIRTY	0x01u
#define PAGE_FRESH	0x02u		/* came a moment ago: pageout passes it by once */
#define PAGE_RETURNED	0x10u		/* anonymous: on its way to a pager; `offset` is its struct flight * */

enum page_alloc_flags {
	PAGE_ALLOC_ZERO = 1,		/* filled with zeros */
	PAGE_ALLOC_RESERVE = 2,		/* kernel structures: leaves half the reserve to paging */
	PAGE_ALLOC_ORDINARY = 4,	/* for an ordinary program: leaves the share that keeps the servers going */
};

/* Builds the struct page array and frees all RAM that bootinfo does not reserve. Boot CPU, once. */
void page_init(void);

/*
 * Allocates 2^order contiguous frames with one reference. Returns NULL: none (never blocks).
 */
struct page *page_alloc(unsigned order, enum page_use use, unsigned flags);

/* Takes and drops references; the last drop frees the block (its order is remembered). A double free panics, naming the frame. */
void page_take(struct page *page);
void page_drop(struct page *page);

/* Makes single frames, each with one reference, of an allocated block with one reference. */
void page_split(struct page *page);

/* Counts a used single frame under another use from now on. */
void page_set_use(struct page *page, enum page_use use);

/* Conversions. page_of returns NULL for addresses that are no RAM. */
struct page *page_of(phys_addr_t address);
phys_addr_t page_address(const struct page *page);
void *page_virtual(const struct page *page);	/* in the direct map */

/* Returns the single frames in the running CPU's cache to the buddy lists. */
void page_drain(void);

/* Whether some CPU has any. A hint. */
bool page_cached(void);

struct page_statistics {
	uint64_t total;			/* frames managed */
	uint64_t free;			/* CPU caches included */
	uint64_t reserve;		/* below this many only PAGE_ALLOC_RESERVE succeeds */
	uint64_t system_share;		/* below this many PAGE_ALLOC_ORDINARY fails */
	uint64_t goal;			/* so many free are enough for the pageout thread */
	uint64_t object_floor;		/* so many used for objects are left to those that run (vm/pageout.c) */
	uint64_t used[PAGE_USES];
	uint64_t free_blocks[PAGE_ORDER_MAX + 1];
	uint64_t cached;
};

void page_statistics_get(struct page_statistics *statistics);

/* Whether so many frames could be had now, one by one. A hint: others allocate too. */
bool page_would_fit(uint64_t count, unsigned flags);

/* The same for others than the running thread: without regard to page_privileged. */
bool page_would_leave(uint64_t count, unsigned flags);

/* A count of failed allocations: who sees it change knows that somebody went without. */
uint64_t page_refusals(void);

/*
 * Layer 2 sets it: whether the running thread works for paging (a kernel thread, or wired by thread_wire), and so may take the
 * last frame whatever its flags say. Called when memory is short only, with any locks held.
 */
extern bool (*page_privileged)(void);

/* Whether an allocation is refused for a test's sake, of a frame or of what is made of frames. It counts as one that failed. */
#ifdef DEBUG
extern bool (*page_refuses)(void);	/* set by vm/refuse.c, or NULL; called as page_privileged */
bool page_refused(void);
#else
static inline bool
page_refused(void)
{
	return false;
}
#endif

/*
 * For the pageout thread (vm/pageout.c), above the share that ordinary programs leave:
 *
 *	0 ... reserve/2 ... reserve ....... share ...... low ...... goal ......
 *	  paging   kernel's heap   system tasks    everybody
 */
bool page_low(void);		/* it should start */
bool page_plenty(uint64_t count);	/* the goal would still be reached without so many */
uint64_t page_wanted(void);	/* frames to free until it may stop; 0: none */
bool page_nearly_out(void);	/* only what frees memory at once should be written */

#endif
