/*
 * The scheduler: per-CPU run queues, 32 priorities (0 best), preemptive round robin with a quantum of 10 ms within one, stealing by
 * idle CPUs, direct hand-off for IPC.
 *
 * A thread is in exactly one place: running on a CPU, on a run queue, or waiting (sync/waitq.h). `on_cpu` stays set until its registers
 * are saved, so a thread made runnable while it is still leaving its CPU is queued there and not stolen before.
 */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#define SCHED_QUANTUM_NS	10000000u	/* unless the task's limits say otherwise */

struct thread;

_Noreturn void sched_idle_loop(void);		/* what each CPU's idle thread does */

/* Puts a thread that was claimed (waitq) or is new on a run queue and preempts if it is better than what runs there. */
void sched_make_runnable(struct thread *thread);

/* The same on the running CPU, where it stays until `until` (ns) unless this CPU gets idle before. */
void sched_make_runnable_here(struct thread *thread, uint64_t until);

/*
 * Blocks the running thread: its wait state was prepared by waitq.c; runs something else until it is made runnable again.
 */
void sched_block(void);

/*
 * Purpose: hand the CPU directly to `next` (claimed, not on a run queue) and block the running thread, whose wait is prepared.
 * Conditions: no locks. If next may not run here at once (still on its CPU, better threads wait) it is made runnable normally.
 */
void sched_handoff_block(struct thread *next);

/* Gives the CPU to others of the same or better priority; the caller stays runnable. */
void sched_yield(void);

/* In long loops of the kernel without locks: lets interrupts in and reschedules if the quantum is over. */
void cpu_preempt_point(void);

/* The same where a user says how long it takes. Returns whether the running thread is to end: then so is the loop. */
bool cpu_preempt_or_end(void);

/* From the machine's interrupt entry. */
void sched_timer_interrupt(void);
void sched_ipi(void);

/* The one in effect; for sched/priority.c, whose lock is held. */
void sched_set_priority(struct thread *thread, unsigned priority);

/* --- for the parts of the scheduler itself and thread.c --- */

struct cpu;

void sched_init_cpu(struct cpu *cpu, struct thread *idle);
void sched_switch_finish(void);			/* first thing a new thread does */
void sched_preempt_check(void);			/* acts on need_resched */
void sched_arm_quantum(struct cpu *cpu);
_Noreturn void sched_exit(void);		/* the running thread is gone: exited was set */

/* Hands the CPU to a runnable thread; the caller stays runnable. Returns false: it is not waiting on a run queue. */
bool sched_yield_to(struct thread *thread);

#endif
