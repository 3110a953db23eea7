/*
 * Choosing anonymous pages to evict: a clock over all amaps that are mapped somewhere.
 */
#ifndef VM_CLOCK_H
#define VM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct amap;
struct anon;
struct page;
struct swap_run;

/* The amap is mapped from now on; it is forgotten when it is destroyed. Twice does no harm. */
void clock_add(struct amap *amap);
void clock_remove(struct amap *amap);

struct clock_count {
	unsigned looked, evicted;	/* pages */
};

/*
 * Moves the hand over some pages of one amap. run: where those without a slot go; NULL: they stay.
 * Conditions: no locks; one caller at a time.
 */
struct clock_count clock_advance(struct swap_run *run);

/* How often the hand has gone round, for its one caller. */
uint64_t clock_rounds(void);

/* A shared anon's page is mapped again: visits so far count no more. Conditions: it is locked. */
void clock_reset(struct page *page);

#endif
