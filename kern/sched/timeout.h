/*
 * Time-outs: a function called once at a given time. Each CPU has a pairing heap of them, guarded by its timer_lock; a time-out lives in the
 * heap of the CPU that set it.
 */
#ifndef SCHED_TIMEOUT_H
#define SCHED_TIMEOUT_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;
struct timeout;

typedef void (*timeout_function)(struct timeout *);

struct timeout {
	struct timeout *child, *next, *previous;	/* heap: first child; siblings; previous sibling or parent */
	uint64_t deadline;				/* ns */
	timeout_function function;			/* called with interrupts masked, no locks held */
	int cpu;					/* in whose heap; -1: in none */
	volatile int running_on;			/* CPU on which the function runs now; -1 */
};

void timeout_init(struct timeout *timeout, timeout_function function);

/* Conditions: not set. */
void timeout_set(struct timeout *timeout, uint64_t deadline);

/* After it returns the function is neither pending nor running on another CPU. */
void timeout_cancel(struct timeout *timeout);

/* The scheduler's timer interrupt: runs what is due; then timeout_program sets the hardware timer for what comes next. */
void timeout_run(struct cpu *cpu, uint64_t now);
void timeout_program(struct cpu *cpu);

#endif
