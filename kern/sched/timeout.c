/*
 * Time-outs in per-CPU pairing heaps: setting is O(1), removing the earliest or any O(log n) amortised.
 *
 *	top (earliest)
 *	 +- child -- next -- next	each child is no earlier than its parent
 *	     +- child ...
 */
#include "sched/timeout.h"

#include "arch/timer.h"
#include "init/cmdline.h"
#include "init/panic.h"
#include "sched/cpu.h"

/* --- the heap --- */

static struct timeout *
heap_meld(struct timeout *a, struct timeout *b)
{
	if (a == NULL)
		return b;
	if (b == NULL)
		return a;
	if (b->deadline < a->deadline) {
		struct timeout *t = a;

		a = b;
		b = t;
	}
	b->next = a->child;
	if (a->child != NULL)
		a->child->previous = b;
	b->previous = a;
	a->child = b;
	a->next = a->previous = NULL;
	return a;
}

/* Melds a list of siblings into one heap: in pairs from the left, then the pairs from the right. */
static struct timeout *
heap_meld_siblings(struct timeout *list)
{
	struct timeout *pairs = NULL, *heap = NULL;

	while (list != NULL) {
		struct timeout *a = list, *b = a->next;

		list = b != NULL ? b->next : NULL;
		a->next = a->previous = NULL;
		if (b != NULL)
			b->next = b->previous = NULL;
		a = heap_meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs != NULL) {
		struct timeout *a = pairs;

		pairs = a->next;
		a->next = NULL;
		heap = heap_meld(heap, a);
	}
	return heap;
}

static void
heap_remove(struct timeout **top, struct timeout *timeout)
{
	struct timeout *children = heap_meld_siblings(timeout->child);

	if (timeout == *top) {
		*top = children;
	} else {
		if (timeout->previous->child == timeout)
			timeout->previous->child = timeout->next;
		else
			timeout->previous->next = timeout->next;
		if (timeout->next != NULL)
			timeout->next->previous = timeout->previous;
		*top = heap_meld(*top, children);
	}
	timeout->child = timeout->next = timeout->previous = NULL;
}

/* --- the interface --- */

void
timeout_init(struct timeout *timeout, timeout_function function)
{
	*timeout = (struct timeout){ .function = function, .cpu = -1, .running_on = -1 };
}

/* Conditions: on `cpu` itself, interrupts masked. */
void
timeout_program(struct cpu *cpu)
{
	uint64_t deadline = cpu->quantum_end;
	struct timeout *first;

	spin_lock(&cpu->timer_lock);
	first = cpu->timers;
	if (first != NULL && first->deadline < deadline)
		deadline = first->deadline;
	spin_unlock(&cpu->timer_lock);
	if (deadline_time() < deadline)		/* every CPU watches it: one may hang with interrupts masked */
		deadline = deadline_time();
	if (deadline < cpu->next_timer) {
		cpu->next_timer = deadline;
		timer_set(deadline);
	}
}

void
timeout_set(struct timeout *timeout, uint64_t deadline)
{
	struct cpu *cpu = cpu_self();

	debug_assert(timeout->cpu == -1);
	spin_lock(&cpu->timer_lock);
	timeout->deadline = deadline;
	timeout->cpu = cpu->number;
	cpu->timers = heap_meld(cpu->timers, timeout);
	spin_unlock(&cpu->timer_lock);
	timeout_program(cpu);
}

void
timeout_cancel(struct timeout *timeout)
{
	int number = __atomic_load_n(&timeout->cpu, __ATOMIC_ACQUIRE);

	/* Once set, the CPU only changes to -1 when the time-out fires; the lock settles who was first. */
	if (number >= 0) {
		struct cpu *cpu = &cpus[number];

		spin_lock(&cpu->timer_lock);
		if (timeout->cpu == number) {
			heap_remove(&cpu->timers, timeout);
			timeout->cpu = -1;
		}
		spin_unlock(&cpu->timer_lock);
	}
	while (timeout->running_on >= 0 && timeout->running_on != cpu_self()->number)
		cpu_spin_poll();
}

void
timeout_run(struct cpu *cpu, uint64_t now)
{
	for (;;) {
		struct timeout *timeout;

		spin_lock(&cpu->timer_lock);
		timeout = cpu->timers;
		if (timeout == NULL || timeout->deadline > now) {
			spin_unlock(&cpu->timer_lock);
			return;
		}
		heap_remove(&cpu->timers, timeout);
		timeout->running_on = cpu->number;
		__atomic_store_n(&timeout->cpu, -1, __ATOMIC_RELEASE);
		spin_unlock(&cpu->timer_lock);
		timeout->function(timeout);
		/* The owner may be gone as soon as this is seen: the last touch. */
		__atomic_store_n(&timeout->running_on, -1, __ATOMIC_RELEASE);
	}
}
