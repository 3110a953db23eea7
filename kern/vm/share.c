/*
 * How much of the memory a task may take: ordinary programs leave a share to those that keep the
 * system going (mm/page.h: PAGE_ALLOC_ORDINARY). What could not be had now is refused when it is
 * asked for, so that a program hears of the shortage before a fault ends it.
 */
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/amap.h"
#include "vm/pageout.h"
#include "vm/swap.h"

unsigned
anon_page_flags(void)
{
	return current_task()->system ? 0 : PAGE_ALLOC_ORDINARY;
}

/*
 * What pageout could make free now counts as free; until it is full nobody knows what swap may take. Small programs get what there is not,
 * too, when a large one is there, for which they would have to do without; all others leave them some.
 */
bool
anon_would_fit(uint64_t pages)
{
	struct page_statistics frames;
	uint64_t left, there, bytes;

	if (current_task()->system || page_plenty(pages))
		return true;
	if (!pageout_helps())
		return page_would_fit(pages, PAGE_ALLOC_ORDINARY);
	left = swap->left();
	if (left == UINT64_MAX)
		return true;
	page_statistics_get(&frames);
	there = frames.free + left;
	if (frames.used[PAGE_USE_OBJECT] > frames.object_floor)
		there += frames.used[PAGE_USE_OBJECT] - frames.object_floor;
	if (there >= frames.goal + pages)
		return true;
	bytes = current_task()->used[TASK_MEMORY] + (pages << PAGE_SHIFT);
	return pageout_is_small(bytes) && (there >= frames.system_share + pages || pageout_protects(bytes));
}
