/*
 * Swap as the anonymous layer sees it: numbered slots of one page. Layer 3 provides it
 * (pager_swap.c); without a default pager no anon ever has a slot.
 */
#ifndef VM_SWAP_H
#define VM_SWAP_H

#include "mm/page.h"
#include <mach/kern_return.h>
#include <stdbool.h>

struct ipc_port;

/* Pages on their way out, written to neighbouring slots with one message. */
struct swap_run;

struct swap_ops {
	/* --- coming in --- */

	/* The page of a slot if it has been fetched, taken out. NULL: wait. Locks: up to an anon's. */
	struct page *(*take)(uint32_t slot);

	/*
	 * Asks for it and sleeps until something changed; then look again, at everything. No locks.
	 * Returns MEMORY_ERROR (lost), MEMORY_FAILURE, ABORTED.
	 */
	kern_return_t (*wait)(uint32_t slot);

	/* The slot is free again. Locks: up to an anon's. */
	void (*release)(uint32_t slot);

	/* A page whose slot was kept is dropped again: it is in swap alone. Locks: up to an anon's. */
	void (*drop)(uint32_t slot);

	/* Whether there is enough swap to keep slots of pages that are in memory as well. */
	bool (*plenty)(void);

	/* --- going out: the pageout thread's --- */

	/* Begins a run. No locks; may send. NULL: nothing can be written now. */
	struct swap_run *(*begin)(void);

	/* How many more pages may fit. */
	unsigned (*room)(const struct swap_run *run);

	/*
	 * Gives the run a page (its only reference) that nobody maps any more. Returns its slot; 0:
	 * no memory, nothing happened. Locks: up to an anon's.
	 */
	uint32_t (*put)(struct swap_run *run, struct page *page);

	/* Sends it off. No locks. */
	void (*end)(struct swap_run *run);

	/* --- the default pager --- */

	/* Consumes the right; NULL: there is none from now on. Returns INVALID_ARGUMENT. */
	kern_return_t (*set_pager)(struct ipc_port *pager);

	/* How many more pages could be written out some time; UINT64_MAX: the default pager may have room for any number. */
	uint64_t (*left)(void);

	/* Whether pages are on their way to it. */
	bool (*in_flight)(void);

	/* Sees to it that there is room, gives back what is not needed. The pageout thread, no locks. */
	void (*tidy)(void);

	/*
	 * Drops the pages that were brought in without being asked for. Returns whether there were any here.
	 * The pageout thread, no locks.
	 */
	bool (*spare)(void);

	/* For vm_statistics: pages in all. */
	void (*count)(uint64_t *used, uint64_t *total);
};

extern const struct swap_ops *swap;	/* NULL: a kernel without pagers */

#endif
