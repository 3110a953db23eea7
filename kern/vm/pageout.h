/*
 * Pageout: a kernel thread that makes frames free when they are short, and the threads that wait for
 * that.
 */
#ifndef VM_PAGEOUT_H
#define VM_PAGEOUT_H

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stdint.h>
#include "vm/clock.h"

struct swap_run;

/* Starts the thread (layer 3). objects: evicts pages of memory objects, as clock_advance. */
void pageout_init(struct clock_count (*objects)(struct swap_run *run));

/* There is something to do, or will be: memory is low. Locks: up to a store's. */
void pageout_wake(void);

/* A page that was on its way to a pager is free. Locks: up to an anon's. */
void pageout_landed(void);

/* Whether waiting for memory makes sense: without the thread it does not. */
bool pageout_helps(void);

/* What for: who only wants a page back that it had may have the frame of another such page, who wants more must leave some (pageout.c). */
enum pageout_need { PAGEOUT_MORE, PAGEOUT_PAGE_BACK };

/*
 * Purpose: after an allocation failed (page_refusals changed) wait until another attempt makes
 * sense. Conditions: no locks. Returns MEMORY_FAILURE: there will be no memory, and the running
 * thread was chosen to do without; ABORTED.
 */
kern_return_t pageout_wait(enum pageout_need need);

/* The same after something has failed for want of memory; refusals: page_refusals() before it. MEMORY_FAILURE: it was not for want of frames. */
kern_return_t pageout_wait_after(uint64_t refusals, enum pageout_need need);

/* The same, for a page, until somebody else's allocation with these flags of page_alloc may succeed. */
kern_return_t pageout_wait_for(unsigned flags);

/*
 * Before a page is asked for that a privileged thread will bring: the frame has to be there for who
 * asks, or faults would eat up what paging lives on. Returns as pageout_wait.
 */
kern_return_t pageout_admit(void);

/*
 * Purpose: wait until memory is short, for who can then give some back. gave: whether it did since it was woken; if not it is not
 * woken again before this shortage is over. Conditions: no locks. Returns SUCCESS; ABORTED.
 */
kern_return_t pageout_wait_short(bool gave);

/* A program with so much memory is small. */
bool pageout_is_small(uint64_t bytes);

/* Whether one is, and another so large that it ends before this one is refused any. No locks. */
bool pageout_protects(uint64_t bytes);

/* Threads that wait for memory now, and how often one has. */
void pageout_statistics(uint64_t *waiting, uint64_t *waits);

#endif
