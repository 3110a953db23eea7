/*
 * The allocations that refuse=N refuses (refuse.h).
 */
#include "vm/refuse.h"

#ifdef DEBUG

#include "init/cmdline.h"
#include "init/printk.h"
#include "mm/page.h"
#include "sched/cpu.h"
#include "task/thread.h"

#define TOLD_OF	100u			/* refusals: then a line says that it happens */

static uint64_t every, count;
static bool told;

static bool
refuses(void)
{
	struct thread *thread = current_thread();

	if (thread == NULL || !thread->faulting || __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) % every != 0)
		return false;
	thread->faulting = false;
	return true;
}

void
refuse_init(void)
{
	every = cmdline_number("refuse", 0);
	if (every == 0)
		return;
	page_refuses = refuses;
}

bool
refuse_begin(void)
{
	struct thread *thread = current_thread();
	bool before = thread->faulting;

	thread->faulting = true;
	return before;
}

void
refuse_end(bool before)
{
	current_thread()->faulting = before;
	if (every != 0 && count >= every * TOLD_OF && !__atomic_exchange_n(&told, true, __ATOMIC_RELAXED))
		printk("%u allocations of page faults have been refused\n", TOLD_OF);
}

#endif
