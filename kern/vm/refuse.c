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

static uint64_t every, count;

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
	printk("one allocation in %lu of page faults is refused\n", every);
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
}

#endif
