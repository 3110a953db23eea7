/*
 * Counting pages on their way to pagers.
 */
#include "vm/flight.h"
#include "mm/kalloc.h"
#include "vm/pageout.h"

struct flight *
flight_create(void)
{
	struct flight *flight = kalloc(sizeof(*flight), KALLOC_OBJECT);

	if (flight != NULL)
		refcount_set(&flight->refs, 1);
	return flight;
}

void
flight_drop(struct flight *flight)
{
	if (refcount_drop(&flight->refs))
		kfree(flight);
}

void
flight_start(struct flight *flight, struct page *page)
{
	refcount_take(&flight->refs);
	__atomic_add_fetch(&flight->pages, 1, __ATOMIC_RELAXED);
	page->flags = PAGE_RETURNED;
	page->offset = (uintptr_t)flight;
}

void
flight_landed(struct page *page)
{
	struct flight *flight = (struct flight *)(uintptr_t)page->offset;
	uint32_t left = __atomic_sub_fetch(&flight->pages, 1, __ATOMIC_RELAXED);

	page->flags = 0;
	page->offset = 0;
	flight_drop(flight);
	if (left == FLIGHT_MAX / 2 || left == 0)
		pageout_landed();
}
