/*
 * The counters of vm_statistics.
 */
#include "vm/map.h"
#include "vm/pageout.h"
#include "vm/swap.h"

struct vm_counters vm_counters;

void
vm_statistics_get(struct vm_statistics *statistics)
{
	struct page_statistics frames;

	page_statistics_get(&frames);
	*statistics = (struct vm_statistics){
	    .page_size = PAGE_SIZE,
	    .total = frames.total,
	    .free = frames.free,
	    .kernel = frames.used[PAGE_USE_KERNEL] + frames.used[PAGE_USE_TABLE] +
		      frames.used[PAGE_USE_STACK],
	    .anonymous = frames.used[PAGE_USE_ANON],
	    .object = frames.used[PAGE_USE_OBJECT],
	    .wired = vm_counters.wired + frames.used[PAGE_USE_DMA],
	    .faults = vm_counters.faults,
	    .zero_fills = vm_counters.zero_fills,
	    .cow_faults = vm_counters.cow_faults,
	    .pageins = vm_counters.pageins,
	    .pageouts = vm_counters.pageouts,
	};
	if (swap != NULL)
		swap->count(&statistics->swapped, &statistics->swap_total);
	pageout_statistics(&statistics->waiting, &statistics->waits);
}
