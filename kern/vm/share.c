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

/* What pageout could make free now counts as free; what swap may take is not known beforehand. */
bool
anon_would_fit(uint64_t pages)
{
	struct page_statistics frames;

	if (current_task()->system || page_would_fit(pages, PAGE_ALLOC_ORDINARY))
		return true;
	if (!pageout_helps())
		return false;
	if (swap->usable())
		return true;
	page_statistics_get(&frames);
	return frames.free + frames.used[PAGE_USE_OBJECT] >= frames.system_share + pages;
}
