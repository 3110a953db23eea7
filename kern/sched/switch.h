/*
 * The steps of giving the CPU to another thread, for sched.c and the IPC fast path: all but the change of the machine's registers.
 */
#ifndef SCHED_SWITCH_H
#define SCHED_SWITCH_H

#include "arch/pmap.h"
#include "arch_pmap.h"
#include "arch/timer.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/vm.h"

/* Others are queued on this CPU while it turns to `next`. */
void sched_note_waiting(struct cpu *cpu, const struct thread *next, bool picked);

/* Whether a claimed thread may run here at once: it has fully left its CPU, and nobody better waits. */
static inline bool
sched_may_hand_over(const struct cpu *cpu, const struct thread *next)
{
	if (__atomic_load_n(&next->on_cpu, __ATOMIC_ACQUIRE))
		return false;
	return __builtin_expect(cpu->runq.ready == 0, 1) || next->priority <= runq_priority(&cpu->runq);
}

/*
 * `next` becomes the CPU's thread. Whoever queues a thread here either is seen in `count`, or sees what
 * we stored in `thread`.
 */
static inline void
sched_set_thread(struct cpu *cpu, struct thread *previous, struct thread *next, bool picked)
{
	uint64_t now = timer_ticks();

	previous->ticks += now - previous->last_stamp;
	next->last_stamp = now;
	next->on_cpu = 1;
	__atomic_store_n(&cpu->thread, next, __ATOMIC_SEQ_CST);
	if (__builtin_expect(__atomic_load_n(&cpu->runq.count, __ATOMIC_SEQ_CST) != 0, 0))
		sched_note_waiting(cpu, next, picked);
}

/* `next` gets the CPU with its address space. Conditions: as for switch_to (sched.c). */
static inline void
sched_change_thread(struct cpu *cpu, struct thread *previous, struct thread *next, bool donate)
{
	cpu->switches++;
	next->switches++;
	cpu->switched_from = previous;
	next->cpu = cpu->number;
	sched_set_thread(cpu, previous, next, !donate);
	if (next->task != kernel_task && next->task->pmap != cpu->pmap) {
		cpu->pmap = next->task->pmap;
		cpu->space_switches++;
		pmap_switch(&cpu->arch, cpu->bit, cpu->pmap);
	}
}

/*
 * The same for two user threads, on the fast path of messages; who goes on with sched_switch_finish sets
 * switched_from first.
 */
static inline __attribute__((always_inline)) void
sched_pass_on(struct cpu *cpu, struct thread *previous, struct thread *next)
{
	struct pmap *pmap = next->task->pmap;

	cpu->fast_messages++;
	if (__builtin_expect(next->cpu != cpu->number, 0)) {
		next->cpu = cpu->number;	/* first: who wants to interrupt it once it runs asks where */
		pmap_ran_here(pmap, cpu->bit);
	}
	sched_set_thread(cpu, previous, next, false);
	if (__builtin_expect(pmap != cpu->pmap, 1)) {
		cpu->pmap = pmap;
		pmap_switch_back(&cpu->arch, cpu->bit, pmap);
	} else {
		cpu->fast_within++;
	}
}

#endif
