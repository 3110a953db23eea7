/*
 * Pages on their way to a pager: taken from their owner, not yet freed by the pager. Each pager has
 * a count of them, so that one that does not keep up gets no more; the count outlives the pager.
 */
#ifndef VM_FLIGHT_H
#define VM_FLIGHT_H

#include "mm/page.h"
#include "sync/refcount.h"

#define FLIGHT_MAX 64u			/* pages; more are not sent to one pager at a time */

struct flight {
	refcount_t refs;		/* the pager, and each page */
	volatile uint32_t pages;
};

struct flight *flight_create(void);	/* NULL: no memory */
void flight_drop(struct flight *flight);

/* The page, which is only in a message to the pager, counts from now on. */
void flight_start(struct flight *flight, struct page *page);

/* It is being freed, used for something else, or kept by others than the pager. Locks allowed: up to an anon's. */
void flight_landed(struct page *page);

static inline bool
flight_full(const struct flight *flight)
{
	return flight->pages >= FLIGHT_MAX;
}

#endif
