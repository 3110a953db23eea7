/*
 * The scheduler.
 *
 * Queues: each CPU has a run queue, a list per priority and a bit mask of those that are not empty. A thread made runnable goes to the CPU
 * it ran on last, or to an idle one; a CPU with nothing to do steals. `queued`, `cpu` and `run_link` of a thread on a queue are
 * guarded by that queue's lock.
 *
 * Leaving: a thread that blocks is still on its stack while others may already make it runnable. `on_cpu` says so until the next thread
 * has taken over (switch_finish); nobody steals a thread with on_cpu set, its own CPU may pick it again at once.
 *
 * Time slices: the hardware timer is only set when somebody of the same priority waits for this CPU, or for a time-out.
 */
#include "sched/sched.h"

#include "arch/pmap.h"
#include "arch/smp.h"
#include "arch/thread.h"
#include "arch/timer.h"
#include "init/panic.h"
#include "ipc/fastpath.h"
#include "sched/cpu.h"
#include "sched/switch.h"
#include "sched/timeout.h"
#include "sync/jitter.h"
#include "task/task.h"
#include "task/thread.h"
#include "trace/trace.h"

/* --- run queues: the queue's lock is held --- */

static void
runq_insert(struct runq *q, struct thread *thread, bool front)
{
	/* LAB 2.5 begin [until then: given runq_insert.c]: on the list of its priority, last or first. `ready` has a bit for each list that is
	 * not empty. A thread's priority may change at any time, so remember in queue_priority which list it was.
	 */
	unsigned priority = __atomic_load_n(&thread->priority, __ATOMIC_RELAXED);	/* may change at any time */
	struct list *list = &q->queue[priority];

	debug_assert(spin_held(&q->lock) && !thread->queued);
	thread->queue_priority = priority;
	if (front)
		list_prepend(list, &thread->run_link);
	else
		list_append(list, &thread->run_link);
	thread->queued = true;
	q->ready |= 1u << priority;
	q->count++;
	/* LAB 2.5 end */
}

static void
runq_remove(struct runq *q, struct thread *thread)
{
	/* LAB 2.5 begin [until then: given runq_remove.c]: the reverse. */
	list_remove(&thread->run_link);
	thread->queued = false;
	q->count--;
	if (list_empty(&q->queue[thread->queue_priority]))
		q->ready &= ~(1u << thread->queue_priority);
	/* LAB 2.5 end */
}

static struct thread *
runq_best(struct runq *q)
{
	/* LAB 2.5 begin [until then: given runq_best.c]: takes the longest waiting thread of the best priority off the queue; NULL: none.
	 * Hint: __builtin_ctz finds the lowest bit that is set, in one instruction or two.
	 */
	struct thread *thread;

	if (q->ready == 0)
		return NULL;
	thread = list_entry(list_first(&q->queue[__builtin_ctz(q->ready)]), struct thread, run_link);
	runq_remove(q, thread);
	return thread;
	/* LAB 2.5 end */
}

static unsigned
running_priority(const struct cpu *cpu)
{
	const struct thread *thread = cpu->thread;

	return cpu->idle || thread == cpu->idle_thread ? IDLE_PRIORITY : thread->priority;
}

/* --- making threads runnable --- */

/* Set while the thread must stay with the CPU that woke it. */
static bool
must_stay(struct thread *thread)
{
	if (thread->steal_after == 0)
		return false;
	if (timer_now() < thread->steal_after)
		return true;
	thread->steal_after = 0;
	return false;
}

/* A CPU with nothing to do, or NULL. A hint. */
static struct cpu *
idle_cpu(void)
{
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (cpus[i].online && cpus[i].idle && cpus[i].runq.count == 0)
			return &cpus[i];
	return NULL;
}

static struct cpu *
choose_cpu(struct thread *thread)
{
	struct cpu *last = &cpus[thread->cpu], *idle;

	if (__atomic_load_n(&thread->on_cpu, __ATOMIC_ACQUIRE) || last->idle || cpu_count == 1 || must_stay(thread))
		return last;
	idle = idle_cpu();
	return idle != NULL ? idle : last;
}

/*
 * After a thread was queued on `cpu`: does that CPU have to look? Either we see what it switches to, or its switch_to sees the thread: it
 * stores `thread` before it loads `count`, we the other way round.
 */
static void
poke(struct cpu *cpu, unsigned priority)
{
	unsigned running;

	if (cpu != cpu_self())
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	running = running_priority(cpu);
	if (priority < running) {
		cpu->need_resched = true;
		if (cpu != cpu_self())
			smp_reschedule(cpu);
	} else if (priority == running && cpu->quantum_end == UINT64_MAX) {
		if (cpu == cpu_self())
			sched_arm_quantum(cpu);
		else
			smp_reschedule(cpu);
	}
}

/* Before what is read of the thread after it, and before it is queued: see sched_set_priority. */
static void
move_to(struct thread *thread, const struct cpu *cpu)
{
	thread->cpu = cpu->number;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void
sched_make_runnable(struct thread *thread)
{
	struct cpu *cpu = choose_cpu(thread);
	unsigned priority;

	jitter_delay();
	spin_lock(&cpu->runq.lock);
	if (thread->cpu != cpu->number)
		move_to(thread, cpu);
	priority = thread->priority;
	runq_insert(&cpu->runq, thread, false);
	spin_unlock(&cpu->runq.lock);
	poke(cpu, priority);
}

void
sched_make_runnable_here(struct thread *thread, uint64_t until)
{
	struct cpu *cpu = cpu_self();

	if (!__atomic_load_n(&thread->on_cpu, __ATOMIC_ACQUIRE) && thread->cpu != cpu->number)
		move_to(thread, cpu);
	thread->steal_after = until;
	sched_make_runnable(thread);
	/* If this CPU is still busy then, an idle one has to be told. */
	if (cpu_count > 1 && until < cpu->quantum_end && idle_cpu() != NULL) {
		cpu->quantum_end = until;
		timeout_program(cpu);
	}
}

/* --- choosing and switching --- */

static struct thread *
steal_from(struct cpu *victim, uint64_t now)
{
	struct thread *thread, *found = NULL;

	if (victim->runq.count == 0 || !spin_trylock(&victim->runq.lock))
		return NULL;
	/* LAB 2.5 begin [until then: (void)thread; (void)now]: finds the thread an idle CPU may take: the best that has left its CPU (on_cpu)
	 * and need not stay with its waker (steal_after, see must_stay).
	 */
	for (uint32_t ready = victim->runq.ready; ready != 0 && found == NULL; ready &= ready - 1)
		list_for_each(thread, &victim->runq.queue[__builtin_ctz(ready)], run_link)
			if (!__atomic_load_n(&thread->on_cpu, __ATOMIC_ACQUIRE) && thread->steal_after <= now) {
				found = thread;
				break;
			}
	/* LAB 2.5 end */
	if (found != NULL) {
		runq_remove(&victim->runq, found);
		found->cpu = cpu_self()->number;
		cpu_self()->steals++;
	}
	spin_unlock(&victim->runq.lock);
	return found;
}

static struct thread *
steal(struct cpu *self)
{
	uint64_t now;

	if (cpu_count == 1)
		return NULL;
	now = timer_now();
	for (unsigned i = 1; i < CPU_MAX; i++) {
		struct cpu *victim = &cpus[(self->number + i) % CPU_MAX];
		struct thread *thread = victim->online ? steal_from(victim, now) : NULL;

		if (thread != NULL)
			return thread;
	}
	return NULL;
}

static struct thread *
pick_next(struct cpu *cpu)
{
	struct thread *thread;

	spin_lock(&cpu->runq.lock);
	thread = runq_best(&cpu->runq);
	spin_unlock(&cpu->runq.lock);
	if (thread == NULL)
		thread = steal(cpu);
	return thread != NULL ? thread : cpu->idle_thread;
}

/*
 * Others are queued while the CPU turns to `next`: its time is limited, and if it was picked, somebody better may have come since. (One that
 * was named by thread_switch may be worse.)
 */
void
sched_note_waiting(struct cpu *cpu, const struct thread *next, bool picked)
{
	if (picked && runq_priority(&cpu->runq) < next->priority)
		cpu->need_resched = true;
	if (cpu->quantum_end == UINT64_MAX)
		sched_arm_quantum(cpu);
}

/* First thing every thread does after it was switched to. */
void
sched_switch_finish(void)
{
	struct thread *previous = cpu_self()->switched_from;
	bool exited = previous->exited;

	/* From here on it may run elsewhere, and end: only one that has ended already is still ours. */
	__atomic_store_n(&previous->on_cpu, 0, __ATOMIC_RELEASE);
	if (exited)
		thread_drop(previous);
}

/* Turns what a thread used up in ticks into time. */
static void
account(struct thread *thread)
{
	uint64_t used = timer_ticks_ns(thread->ticks);

	if (thread->task == kernel_task)
		thread->system_time += used;
	else
		thread->user_time += used;
	thread->ticks = 0;
}

/* What is set for the end of a longer slice does not count any more: who waits sets it anew. */
static void
change_quantum(struct cpu *cpu, uint32_t quantum)
{
	cpu->quantum = quantum;
	cpu->slice = jitter_slice(quantum);
	if (cpu->quantum_end > cpu->slice_start + cpu->slice)
		cpu->quantum_end = UINT64_MAX;
}

/*
 * Conditions: `next` is claimed and off all queues; the running thread is queued, waiting or gone. With `donate` next goes on with the rest
 * of the present time slice, so that threads that hand the CPU to each other do not keep others from it.
 */
static inline void
switch_to(struct thread *next, bool donate)
{
	struct cpu *cpu = cpu_self();
	struct thread *previous = cpu->thread;

	if (next == previous)
		return;
	if (!donate) {
		cpu->slice_start = timer_now() - next->slice_used;
		cpu->slice_over = false;
		next->slice_used = 0;
		if (next->task->quantum != cpu->quantum)
			change_quantum(cpu, next->task->quantum);
		account(previous);	/* up to its last turn */
	}
	sched_change_thread(cpu, previous, next, donate);
	if (thread_stackless(next))
		fastpath_prepare(next);
	arch_thread_switch(previous, next);
	sched_switch_finish();
}

/* To the thread that was picked; the other switches are hand-offs, whose callers record them. */
static void
switch_to_picked(struct thread *next)
{
	TRACE(TRACE_SWITCH, 0, 0, next->id, next->task->id, 0);
	switch_to(next, false);
}

/* Somebody may wait for the thread to stop; waiting is as good. */
static void
note_stop(struct thread *thread)
{
	if ((thread->ast & AST_SUSPEND) != 0 && !thread->parked)
		thread_note_stable(thread);
}

void
sched_block(void)
{
	struct cpu *cpu = cpu_self();

	debug_assert(cpu->lock_depth == 0);
	note_stop(cpu->thread);
	cpu->need_resched = false;
	switch_to_picked(pick_next(cpu));
}

void
sched_handoff_block(struct thread *next)
{
	/* LAB 2.6 begin [until then: sched_make_runnable(next); sched_block()]: `next` goes on at once and with the rest of our time slice, without
	 * a pass through a run queue, if it may (switch.h); else it has to wait its turn. Compare with sched_block.
	 */
	struct cpu *cpu = cpu_self();

	if (!sched_may_hand_over(cpu, next)) {
		sched_make_runnable(next);
		sched_block();
		return;
	}
	note_stop(cpu->thread);
	cpu->handoffs++;
	switch_to(next, true);
	/* LAB 2.6 end */
}

/*
 * The running thread stays runnable but lets others go first. With `front` somebody better is all it makes way for: it goes on before those
 * as good as itself, with the rest of its slice. With a new one each time it would keep them from the CPU for as long as it is overtaken often.
 */
static void
requeue_and_switch(bool front)
{
	struct cpu *cpu = cpu_self();
	struct thread *thread = cpu->thread;

	cpu->need_resched = false;
	if (thread == cpu->idle_thread) {
		switch_to_picked(pick_next(cpu));
		return;
	}
	if (front)
		thread->slice_used = timer_now() - cpu->slice_start;
	spin_lock(&cpu->runq.lock);
	runq_insert(&cpu->runq, thread, front);
	spin_unlock(&cpu->runq.lock);
	switch_to_picked(pick_next(cpu));
}

void
sched_yield(void)
{
	requeue_and_switch(false);
}

bool
sched_yield_to(struct thread *thread)
{
	/* LAB 2.6 begin [until then: (void)thread; return false]: for thread_switch. The thread is taken out of the queue it waits on, if it does and
	 * may run here; the caller goes to the end of this CPU's queue.
	 * Hint: what was read before the queue's lock was taken may have changed. Hold one lock at a time.
	 */
	struct cpu *self = cpu_self(), *cpu = &cpus[thread->cpu];
	bool got = false;

	spin_lock(&cpu->runq.lock);
	if (thread->queued && thread->cpu == cpu->number && !__atomic_load_n(&thread->on_cpu, __ATOMIC_ACQUIRE)) {
		runq_remove(&cpu->runq, thread);
		thread->slice_used = 0;
		got = true;
	}
	spin_unlock(&cpu->runq.lock);
	if (!got)
		return false;
	spin_lock(&self->runq.lock);
	runq_insert(&self->runq, self->thread, false);
	spin_unlock(&self->runq.lock);
	self->need_resched = false;
	TRACE(TRACE_HANDOFF, 0, 0, thread->id, thread->task->id, 0);
	switch_to(thread, true);
	return true;
	/* LAB 2.6 end */
}

/* Whether the running thread used up its slice and somebody as good waits. */
static bool
slice_over(struct cpu *cpu, uint64_t now)
{
	return now - cpu->slice_start >= cpu->slice && runq_priority(&cpu->runq) <= running_priority(cpu);
}

void
sched_preempt_check(void)
{
	struct cpu *cpu = cpu_self();

	if (!cpu->need_resched)
		return;
	cpu->need_resched = false;
	if (cpu->slice_over) {
		cpu->slice_over = false;
		requeue_and_switch(false);
	} else if (runq_priority(&cpu->runq) < running_priority(cpu)) {
		requeue_and_switch(true);
	} else if (cpu->runq.count != 0 && cpu->quantum_end == UINT64_MAX) {
		sched_arm_quantum(cpu);		/* a priority was changed: somebody who waits is as good now */
	}
}

void
cpu_preempt_point(void)
{
	debug_assert(cpu_self()->lock_depth == 0);
	cpu_interrupt_window();
	sched_preempt_check();
}

bool
cpu_preempt_or_end(void)
{
	cpu_preempt_point();
	return thread_should_die(current_thread());
}

/* --- interrupts --- */

void
sched_arm_quantum(struct cpu *cpu)
{
	cpu->quantum_end = cpu->slice_start + cpu->slice;
	timeout_program(cpu);
}

/* Threads wait here while another CPU sleeps: it shall come and steal. */
static void
offer_work(void)
{
	struct cpu *idle = cpu_count > 1 ? idle_cpu() : NULL;

	if (idle != NULL)
		smp_reschedule(idle);
}

void
sched_timer_interrupt(void)
{
	struct cpu *cpu = cpu_self();
	uint64_t now = timer_now();

	cpu->next_timer = UINT64_MAX;
	timeout_run(cpu, now);
	if (now >= cpu->quantum_end) {
		cpu->quantum_end = UINT64_MAX;
		if (cpu->runq.count != 0)
			offer_work();
		if (slice_over(cpu, now)) {
			cpu->slice_over = true;
			cpu->need_resched = true;
			cpu->slice = jitter_slice(cpu->quantum);
		} else if (cpu->runq.count != 0 && !cpu->idle) {
			cpu->quantum_end = (now - cpu->slice_start >= cpu->slice ? now : cpu->slice_start) + cpu->slice;
		}
	}
	timeout_program(cpu);
}

void
sched_ipi(void)
{
	struct cpu *cpu = cpu_self();

	if (runq_priority(&cpu->runq) < running_priority(cpu))
		cpu->need_resched = true;
	else if (cpu->runq.count != 0 && cpu->quantum_end == UINT64_MAX)
		sched_arm_quantum(cpu);
}

/* --- priorities --- */

/*
 * Who queues the thread on another CPU meanwhile stores `cpu` before it loads the priority, we the other way round: it sees the new one, or we that
 * the thread has moved.
 */
void
sched_set_priority(struct thread *thread, unsigned priority)
{
	struct cpu *cpu;

	if (priority == thread->priority)
		return;
	do {
		cpu = &cpus[thread->cpu];
		spin_lock(&cpu->runq.lock);
		thread->priority = priority;
		if (__atomic_load_n(&thread->queued, __ATOMIC_ACQUIRE) && thread->cpu == cpu->number && thread->queue_priority != priority) {
			runq_remove(&cpu->runq, thread);
			runq_insert(&cpu->runq, thread, false);
		}
		spin_unlock(&cpu->runq.lock);
		cpu->need_resched = true;
		if (cpu != cpu_self())
			smp_reschedule(cpu);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	} while (thread->cpu != cpu->number);
}

/* --- idling --- */

void
sched_idle_loop(void)
{
	for (;;) {
		struct cpu *cpu = cpu_self();
		struct thread *next = pick_next(cpu);

		if (next != cpu->idle_thread) {
			cpu->idle = false;
			cpu->need_resched = false;
			switch_to_picked(next);
			continue;
		}
		cpu->idle = true;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		/* Whoever queues a thread here sees `idle` and interrupts us, or we see the thread. */
		if (cpu->runq.count == 0) {
			uint64_t start = timer_now();

			cpu_idle_wait();
			cpu->idle_time += timer_now() - start;
		}
		cpu->idle = false;
	}
}

void
sched_init_cpu(struct cpu *cpu, struct thread *idle)
{
	spin_init(&cpu->runq.lock, "run queue", RANK_RUNQ);
	for (unsigned i = 0; i < PRIORITIES; i++)
		list_init(&cpu->runq.queue[i]);
	spin_init(&cpu->timer_lock, "timeouts", RANK_TIMER);
	cpu->timers = NULL;
	cpu->quantum_end = cpu->next_timer = UINT64_MAX;
	cpu->slice = cpu->quantum = SCHED_QUANTUM_NS;
	cpu->idle_thread = cpu->thread = idle;
	idle->cpu = cpu->number;
	idle->on_cpu = 1;
	cpu->pmap = &kernel_pmap;
}

void
sched_exit(void)
{
	sched_block();
	panic("a thread came back from its exit");
}
