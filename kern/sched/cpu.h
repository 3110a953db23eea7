/*
 * Per-CPU state.
 */
#ifndef SCHED_CPU_H
#define SCHED_CPU_H

#include "arch/cpu.h"
#include "sync/list.h"
#include "sync/spinlock.h"

#define PRIORITIES 32

struct pmap;
struct thread;
struct timeout;

struct runq {
	struct spinlock lock;
	uint32_t ready;				/* bit p: queue[p] is not empty; bit 0 is the best priority */
	unsigned count;
	struct list queue[PRIORITIES];
};

#define IDLE_PRIORITY	PRIORITIES	/* worse than any */

/* The best priority that waits on a queue, IDLE_PRIORITY if none. Read without the lock: a hint. */
static inline unsigned
runq_priority(const struct runq *q)
{
	uint32_t ready = q->ready;

	return ready == 0 ? IDLE_PRIORITY : (unsigned)__builtin_ctz(ready);
}

struct cpu {
	/* read-only after boot */
	struct cpu *self;
	int number;
	uint32_t bit;				/* 1 << number */
	uint64_t hardware_id;			/* MPIDR affinity or APIC id */
	uint64_t boot_stack_top;
	struct thread *idle_thread;

	/* this CPU only */
	struct thread *thread;			/* running */
	struct pmap *pmap;			/* loaded (the idle thread keeps the last user one) */
	struct thread *switched_from;		/* for sched_switch_finish, set by the switch that leads there */
	uint64_t slice_start;			/* ns: when `thread` was dispatched */
	uint64_t slice;				/* ns: how long it may go on when others wait */
	uint32_t quantum;			/* ns: the same without jitter, by the task of whoever was picked last */
	uint64_t jitter;			/* sync/jitter.c: state of its random numbers; 0: there are none */
	uint64_t quantum_end;			/* ns; UINT64_MAX: nobody waits for this CPU */
	bool slice_over;			/* need_resched is because of the quantum */
	uint64_t next_timer;			/* what the hardware timer is set to */
	/* Switches in the ordinary way, hand-offs among them; messages on the fast path, each another switch and hand-off */
	uint64_t switches, handoffs, fast_messages;
	uint64_t space_switches;		/* in the ordinary way */
	uint64_t fast_within;			/* of fast_messages: within one address space */
	uint64_t interrupts, steals;
	uint64_t idle_time;			/* ns */
	unsigned lock_depth;			/* spinlocks held */
	uint16_t lock_rank;			/* debug: innermost rank held */

	/* written by others */
	volatile uint32_t need_resched;		/* a bool; a word is tested at once */
	volatile bool online;
	volatile bool idle;
	void (*volatile call)(void);		/* cpu_call_all: to be run, then set to NULL */
	struct runq runq;
	struct spinlock timer_lock;
	struct timeout *timers;			/* heap, earliest on top */

	struct arch_cpu arch;
};

extern struct cpu cpus[CPU_MAX];
extern unsigned cpu_count;			/* online */

/* Runs function on every online CPU, this one included, and waits until all have. Conditions: on a thread or the boot stack, no locks. */
void cpu_call_all(void (*function)(void));
void cpu_call_pending(void);			/* from the interrupt: runs what was asked for */

/* With those of the fast path. */
static inline uint64_t
cpu_switches(const struct cpu *cpu)
{
	return cpu->switches + cpu->fast_messages;
}

/* Of another CPU, one that is just being counted may be too much. */
static inline uint64_t
cpu_space_switches(const struct cpu *cpu)
{
	return cpu->space_switches + cpu->fast_messages - cpu->fast_within;
}

static inline uint64_t
cpu_handoffs(const struct cpu *cpu)
{
	return cpu->handoffs + cpu->fast_messages;
}

#define current_thread() (cpu_self()->thread)
#define current_task() (cpu_self()->thread->task)

#endif
